// Checks an AsyncAPI document, and compares it with the document of the last release:
//
//   node check.mjs DOCUMENT RELEASED
//
// It prints one line for each problem. Exit codes: 0 no problem, 1 the document is not valid or breaks a client,
// 2 wrong call.
//
// @asyncapi/diff classifies changes of servers, channels, operations and messages. It does not classify changes inside
// of schemas. For them the rules below apply: a change is breaking unless a rule says that it is compatible.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";
import { diff } from "@asyncapi/diff";

// The document keeps 3.0.0, which more tools can read than the newest version.
const accepted = new Set(["asyncapi-latest-version"]);

const override = { "/info/version": { add: "non-breaking", remove: "breaking", edit: "non-breaking" } };

async function read(file) {
  const { document, diagnostics } = await new Parser().parse(readFileSync(file, "utf8"));
  const problems = diagnostics.filter(d => !accepted.has(d.code))
    .map(d => `invalid: ${file} /${d.path.join("/")}: ${d.message}`);
  return { problems, json: document && comparable(document.json()) };
}

// Without what the parser adds. Lists whose order has no meaning become objects, so that an added or removed element
// is one change. Operations name their channel and messages, which are compared once, under channels.
function comparable(value, name) {
  if (Array.isArray(value)) {
    const key = keyOf(value, name);
    return key ? Object.fromEntries(value.map(item => [key(item), key.isName || comparable(item)]))
      : value.map(item => comparable(item));
  }

  if (name === "channel") {
    return value.address;
  }

  return value === null || typeof value !== "object" ? value : Object.fromEntries(
    Object.entries(value).filter(([field]) => !field.startsWith("x-parser-"))
      .map(([field, item]) => [field, comparable(item, field)]));
}

function keyOf(list, name) {
  const named = by => Object.assign(by, { isName: true });
  if (list.length > 0 && list.every(item => typeof item !== "object")) {
    return ["required", "enum", "type"].includes(name) ? named(item => String(item)) : undefined;
  }

  return name === "messages" ? named(item => item.name)
    : name === "x-error-codes" ? item => item.code
    : name === "x-close-codes" ? item => String(item.status)
    : undefined;
}

// The messages that clients send: those of the operations that the server receives.
const requestsOf = json => new Set(Object.values(json.operations)
  .filter(operation => operation.action === "receive").flatMap(operation => Object.keys(operation.messages)));

function isCompatible({ action, path, before, after }, requests) {
  const parts = path.split("/").slice(1);
  const [last, parent] = [parts.at(-1), parts.at(-2)];
  if (parent !== "properties" && ["description", "title", "summary", "examples"].includes(last)) {
    return true;
  }

  if (parts[0] === "channels" && parts[2]?.startsWith("x-")) {
    return parts[2] === "x-limits" ? action === "add" : action === "add" && parts.length === 4;
  }

  if (!(parts[0] === "channels" && parts[4] === "payload")) {
    return false;
  }

  const isRequest = requests.has(parts[3]);
  return parent === "properties" ? action === "add"
    : parent === "required" ? action === (isRequest ? "remove" : "add")
    : parent === "enum" ? action === "add" && (isRequest || parts.at(-3) === "code")
    : isRequest && parent !== "not" && loosens(last, action, before, after);
}

// Whether the server accepts more than before.
function loosens(keyword, action, before, after) {
  return ["maximum", "maxLength", "maxItems"].includes(keyword) ? action === "remove" || after > before
    : ["minimum", "minLength", "minItems"].includes(keyword) ? action === "remove" || after < before
    : false;
}

const [document, released] = process.argv.slice(2);
if (!released) {
  console.error("usage: node check.mjs DOCUMENT RELEASED");
  process.exit(2);
}

const [now, before] = [await read(document), await read(released)];
const problems = [...now.problems, ...before.problems];
if (now.json && before.json) {
  const requests = requestsOf(now.json);
  const changes = diff(before.json, now.json, { override });
  // The schemas and messages under components are in the channel as well.
  const breaking = [...changes.breaking(), ...changes.unclassified().filter(change => !isCompatible(change, requests))]
    .filter(change => !change.path.startsWith("/components/"));
  problems.push(...breaking.map(change => `breaking: ${change.action} ${change.path}`));
}

problems.forEach(problem => console.log(problem));
process.exitCode = problems.length > 0 ? 1 : 0;
