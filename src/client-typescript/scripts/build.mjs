// Writes dist: the modules of the package, their types, and two files that need no bundler.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

process.chdir(join(dirname(fileURLToPath(import.meta.url)), ".."));
rmSync("dist", { recursive: true, force: true });

const common = { bundle: true, format: "esm", target: "es2022", logLevel: "warning", external: ["react"] };

// The entry points share chunks, so that all of them have the same classes.
await build({
  ...common,
  entryPoints: ["src/index.ts", "src/react.ts", "src/testing.ts"],
  outdir: "dist",
  splitting: true,
  chunkNames: "chunk-[hash]",
});
// For pages without a bundler: one readable file, and the same file minified, whose size is limited.
await build({ ...common, entryPoints: ["src/index.ts"], outfile: "dist/orders-client.js" });
await build({ ...common, entryPoints: ["src/index.ts"], outfile: "dist/orders-client.min.js", minify: true });

// What an application bundles that imports the client alone. Only its size is of interest.
await build({
  ...common,
  stdin: { contents: 'export { OrdersClient, OrdersError, Unauthorized } from "./src/index.ts";', resolveDir: "." },
  outfile: "dist/size/client.js",
  minify: true,
});

const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
execFileSync(process.execPath, [join(typescript, "bin/tsc"), "-p", "tsconfig.build.json"], { stdio: "inherit" });
