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
  // The client is a linked folder here, which has a React for its own tests. A page must have only one.
  alias: { react: "./node_modules/react" },
  logLevel: "warning",
});
