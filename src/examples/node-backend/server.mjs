// Serves the pages of the examples and creates tokens for them. Only the standard library of Node 20 or newer.
import { createHash, createHmac, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const env = process.env;
const url = env.ORDERS_URL ?? "ws://localhost:5080/ws";
const apiKey = env.ORDERS_API_KEY ?? "demo-key";
const secret = env.ORDERS_API_SECRET ?? "demo-secret";
const port = Number(env.PORT ?? 8080);

// Replace these two by your login and your database.
const sessions = new Map(); // session id -> user
const ordersOf = customer => (env.CUSTOMER_ORDERS ?? "o-1,o-2").split(",");

const files = {
  "/": { file: "../browser/order-tracker.html", type: "text/html", user: { id: "customer-7", isStaff: false } },
  "/orders-client.js": { file: "../../client-typescript/dist/orders-client.js", type: "text/javascript" },
  "/desk": { file: "../react/index.html", type: "text/html", user: { id: "staff-1", isStaff: true } },
  "/desk.js": { file: "../react/dist/desk.js", type: "text/javascript" },
};

/** A token for the user's own orders, or for all orders if the user works here. It is valid for ten minutes. */
function createToken(user) {
  const part = value => Buffer.from(JSON.stringify(value)).toString("base64url");
  const covered = user.isStaff ? { scope: "organization" } : { orders: ordersOf(user) };
  const claims = { sub: user.id, ...covered, exp: Math.floor(Date.now() / 1000) + 600 };
  const unsigned = `${part({ alg: "HS256", kid: apiKey })}.${part(claims)}`;
  return `${unsigned}.${createHmac("sha256", secret).update(unsigned).digest("base64url")}`;
}

/** The scripts and styles inside of a page are allowed by their hashes, and nothing else inline is. */
function contentSecurityPolicy(html) {
  const hashes = tag => [...html.matchAll(new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`, "g"))]
    .map(([, code]) => `'sha256-${createHash("sha256").update(code).digest("base64")}'`).join(" ");
  return `default-src 'none'; script-src 'self' ${hashes("script")}; style-src 'self' ${hashes("style")}; ` +
    `connect-src 'self' ${new URL(url).origin}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

function userOf(request) {
  const [, id] = /(?:^|; )session=([\w-]+)/.exec(request.headers.cookie ?? "") ?? [];
  return sessions.get(id);
}

/** The example signs in everybody who opens a page. Your login does this after it has checked a password. */
function signIn(response, user) {
  const id = randomUUID();
  sessions.set(id, user);
  if (sessions.size > 10_000) sessions.delete(sessions.keys().next().value);
  response.setHeader("Set-Cookie", `session=${id}; HttpOnly; SameSite=Strict; Path=/`);
}

function send(response, status, type, body) {
  response.writeHead(status, {
    "Content-Type": `${type}; charset=utf-8`, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
  }).end(body);
}

async function answer(request, response) {
  const { pathname } = new URL(request.url, "http://localhost");
  const known = files[pathname];
  if (request.method !== "GET") {
    send(response, 405, "text/plain", "only GET is supported");
  } else if (pathname === "/orders-token") {
    const user = userOf(request);
    send(response, user ? 200 : 401, "text/plain", user ? createToken(user) : "signed out");
  } else if (pathname === "/orders-settings") {
    send(response, 200, "application/json", JSON.stringify({ url, apiKey }));
  } else if (known) {
    const content = await readFile(new URL(known.file, import.meta.url), "utf8");
    if (known.user) {
      if (!userOf(request) || userOf(request).id !== known.user.id) signIn(response, known.user);
      response.setHeader("Content-Security-Policy", contentSecurityPolicy(content));
    }
    send(response, 200, known.type, content);
  } else {
    send(response, 404, "text/plain", "not found");
  }
}

const server = createServer((request, response) => answer(request, response).catch(error => {
  console.error(error);
  if (response.headersSent) response.destroy();
  else send(response, 500, "text/plain", "the server failed");
}));
server.listen(port, "127.0.0.1", () => console.log(`listening on http://localhost:${server.address().port}`));
