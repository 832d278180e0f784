import { build } from "esbuild";

await build({
  entryPoints: ["desk.tsx"],
  outfile: "dist/desk.js",
  bundle: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  minify: true,
  define: { "process.env.NODE_ENV": '"production"' },
  // The client is a linked folder here. Its "react" must be the one of this application.
  preserveSymlinks: true,
  logLevel: "warning",
});
