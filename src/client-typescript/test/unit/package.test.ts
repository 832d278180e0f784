import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const sources = ["src", "src/testing", "test", "test/unit", "test/server", "scripts"].flatMap(folder =>
  readdirSync(join(root, folder)).filter(name => /\.(ts|mjs)$/.test(name)).map(name => `${folder}/${name}`));

test("The version is that of the product", () => {
  const [, version] = /<VersionPrefix>(.+)<\/VersionPrefix>/.exec(read("../../Directory.Build.props"))!;
  assert.equal(JSON.parse(read("package.json")).version, version);
  assert.equal(JSON.parse(read("package-lock.json")).version, version);
});

test("The lock file names no registry", () => {
  assert.doesNotMatch(read("package-lock.json"), /"resolved"/);
});

test("The client has no dependency and its core does not import React", () => {
  assert.equal(JSON.parse(read("package.json")).dependencies, undefined);
  const importers = sources.filter(path => path.startsWith("src/") && /from "(?!\.)/.test(read(path)));
  assert.deepEqual(importers, ["src/react.ts"]);
});

test("Lines have at most 120 columns and files at most 300 lines", () => {
  for (const path of sources) {
    const lines = read(path).split("\n");
    assert.ok(lines.length <= 301 || path.startsWith("test/"), `${path} has ${lines.length} lines`);
    lines.forEach((line, i) => assert.ok(line.length <= 120, `${path}:${i + 1} has ${line.length} columns`));
  }
});
