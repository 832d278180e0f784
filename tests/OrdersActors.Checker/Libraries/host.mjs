// Runs clients of @orders-actors/client for the checker, in one process of Node.
//
//   node host.mjs …/client-typescript/dist/index.js
//
// The first line of stdin is the plan: { url, tokenLifetime, clients }. Each line of stdout is an observation. Writing
// to a pipe blocks on Linux, so a checker that does not read stops this process instead of growing it. The end of
// stdin ends the process.
import { createHmac } from "node:crypto";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { OrdersClient } = await import(pathToFileURL(process.argv[2]).href);
const lines = createInterface({ input: process.stdin });
const clients = [];
let isEnding = false;
let tokenLifetime;

const write = line => process.stdout.write(JSON.stringify(line) + "\n");
const hmac = (secret, text) => createHmac("sha256", secret).update(text);
const seconds = () => Math.floor(Date.now() / 1_000);

function createToken({ key, secret, orders, wholeOrganization }) {
  const part = value => Buffer.from(JSON.stringify(value)).toString("base64url");
  const scope = wholeOrganization ? { scope: "organization" } : { orders };
  const unsigned = `${part({ alg: "HS256", kid: key })}.${part({ ...scope, exp: seconds() + tokenLifetime })}`;
  return `${unsigned}.${hmac(secret, unsigned).digest("base64url")}`;
}

function createSignature({ key, secret }) {
  const timestamp = seconds();
  return `APIKey=${key},signature=${hmac(secret, `GET/ws${timestamp}`).digest("hex")},timestamp=${timestamp}`;
}

function run(url, plan) {
  const client = new OrdersClient(url, {
    apiKey: plan.key,
    getToken: plan.credential === "Token" ? () => createToken(plan) : undefined,
    getSignature: plan.credential === "Signature" ? () => createSignature(plan) : undefined,
  });
  clients.push(client);
  client.on("state", state => write({ client: plan.client, state }));
  client.on("error", ({ code, message }) => write({ client: plan.client, error: { code, message } }));
  for (const handler of plan.handlers) {
    setTimeout(() => handle(client, plan, handler), handler.delay * 1_000);
  }
}

/** Handles the events of one handler of the plan, with one subscription after the other. */
function handle(client, plan, { handler, order, start, rejoinAfter }) {
  const starts = { Beginning: { after: 0 }, Newest: { last: 1 }, Next: {} };
  let begin = starts[start];
  let sub;

  const subscribe = () => {
    let count = 0;
    const take = event => {
      write({ handler, event, epoch: sub.position?.epoch });
      return ++count === rejoinAfter;
    };
    const rejoin = () => {
      sub.unsubscribe();
      again("rejoined");
    };
    const again = why => {
      if (!isEnding) {
        begin = sub.position ?? begin;
        write({ client: plan.client, [why]: true });
        setTimeout(subscribe, Math.random() * 1_000);
      }
    };
    // When the handler has returned, the position includes its event.
    const onEvent = event => take(event) && queueMicrotask(rejoin);
    const options = {
      ...begin,
      onGap: gap => write({ handler, gap, epoch: sub.position?.epoch }),
      onError: ({ code, message }) => {
        if (code !== "overflow" && !isEnding) {
          write({ handler, ended: `${code}: ${message}` });
        }
      },
    };
    const onEventOrNone = plan.variant ? null : onEvent;
    sub = order === null
      ? client.subscribeAll(onEventOrNone, options)
      : client.subscribe(order, onEventOrNone, options);
    if (start === "Next") {
      reportConfirmation(handler, sub);
    }
    if (plan.variant) {
      void iterate(sub, take, again);
    }
  };
  subscribe();
}

/** After `unsubscribe`, the iteration ends when it asks for the next event, and so its position includes this one. */
async function iterate(sub, take, again) {
  try {
    for await (const event of sub) {
      if (take(event)) {
        sub.unsubscribe();
      }
    }
    again("rejoined");
  } catch (error) {
    // Other errors were reported by onError.
    if (error.code === "overflow") {
      again("overflow");
    } else if (error.name !== "OrdersError") {
      throw error;
    }
  }
}

function reportConfirmation(handler, sub) {
  const timer = setInterval(() => {
    if (sub.position || sub.ended) {
      clearInterval(timer);
      write({ handler, confirmed: sub.position?.after, epoch: sub.position?.epoch });
    }
  }, 50);
}

lines.once("line", line => {
  const plan = JSON.parse(line);
  ({ tokenLifetime } = plan);
  plan.clients.forEach(each => run(plan.url, each));
});
lines.once("close", () => {
  isEnding = true;
  clients.forEach(client => client.close());
  process.exit(0);
});
