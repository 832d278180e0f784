import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeOrdersServer } from "../../src/testing.ts";

/** A client that knows only the protocol. */
async function connect(server: FakeOrdersServer, ...requests: object[]) {
  const socket = new server.WebSocket("wss://x/ws");
  const got: any[] = [];
  const closed: number[] = [];
  socket.onmessage = ({ data }: any) => got.push(JSON.parse(data));
  socket.onclose = ({ code }: any) => closed.push(code);
  await server.settled();
  const send = async (...messages: object[]) => {
    messages.forEach(message => socket.send(JSON.stringify(message)));
    await server.settled();
  };
  await send(...requests);
  return { got, closed, send, types: () => got.map(({ type, data }) => data?.code ?? data?.status ?? type) };
}

const hello = { type: "connect", data: { api_key: "k" } };
const signed = { type: "connect", data: { api_key: "k", authorization_signature: "s" } };
const subscribe = (data: object) => ({ type: "subscribe", data });

test("The messages of the first protocol get the first protocol's answers", async () => {
  const server = new FakeOrdersServer({ organizationId: "acme" });
  server.emit("o-1", "created");
  const { got, send } = await connect(server, hello, subscribe({ order_id: "o-1" }));
  server.emit("o-1", "paid");
  await send({ type: "unsubscribe", data: { order_id: "o-1" } });
  assert.deepEqual(got.filter(({ type }) => type !== "event"), [
    { type: "connected", data: { status: "authenticated" } },
    { type: "subscription", data: { order_id: "o-1", scope: "order", status: "subscribed" } },
    { type: "subscription", data: { order_id: "o-1", scope: "order", status: "unsubscribed" } },
  ]);
  const { occurred_at, ...event } = got.find(({ type }) => type === "event").data;
  assert.deepEqual(event, { id: "fake-2", organization_id: "acme", order_id: "o-1", version: 2, status: "paid" });
  assert.match(occurred_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
});

test("Requests that the protocol refuses are refused", async () => {
  const server = new FakeOrdersServer({ apiKey: "k" });
  const { types } = await connect(server, subscribe({ order_id: "o-1" }), { type: "connect", data: { api_key: "x" } },
    hello, subscribe({}), subscribe({ order_id: "o-1" }), { type: "x" },
    { type: "connect", data: { api_key: "k", token: "x" } });
  assert.deepEqual(types(), ["not_authenticated", "invalid_api_key", "authenticated", "access_denied", "access_denied",
    "unknown_type", "invalid_token"]);
});

test("A signed connection and a token may await an order's first event", async () => {
  const server = new FakeOrdersServer();
  const token = server.token({ orders: ["o-1"] });
  for (const first of [signed, { type: "connect", data: { api_key: "k", token } }]) {
    const { got } = await connect(server, first, subscribe({ order_id: "o-1", after: 0 }));
    assert.equal(got[1].data.position, 0);
  }
});

test("A resume tells what is kept and which history it is", async () => {
  const server = new FakeOrdersServer();
  ["1", "2", "3"].forEach(status => server.emit("o-1", status));
  server.keep(1);
  const { got } = await connect(server, hello, subscribe({ order_id: "o-1", after: 1, epoch: server.epoch }));
  assert.deepEqual(got[1].data, { order_id: "o-1", scope: "order", status: "subscribed", resumed: false, earliest: 3,
    epoch: "epoch-1", position: 3 });
  assert.deepEqual(got.slice(2).map(({ data }) => data.version), [3]);
});

test("A client that sends more than 16 KiB is closed with 1009", async () => {
  const { closed } = await connect(new FakeOrdersServer(), hello, subscribe({ order_id: "x".repeat(17_000) }));
  assert.deepEqual(closed, [1009]);
});

test("refuse, drop, expire and rewrite do what they say", async () => {
  const server = new FakeOrdersServer();
  server.emit("o-1", "created");
  server.refuse({ on: "subscribe", code: "rate_limited", orderId: "o-1", retryAfterMs: 5 });
  const token = server.token({ scope: "organization" });
  const { got, closed, send } = await connect(server, { type: "connect", data: { api_key: "k", token } },
    subscribe({ orders: [{ order_id: "o-1" }, { order_id: "o-2" }] }));
  assert.deepEqual(got[1].data, { code: "rate_limited", message: "refused", order_id: "o-1", retry_after_ms: 5 });
  assert.equal(got[2].data.order_id, "o-2");
  server.expire();
  await send();
  assert.deepEqual(got.at(-1), { type: "expiring", data: { expires_at: got[0].data.expires_at } });
  server.expire({ now: true });
  await send();
  assert.deepEqual([got.at(-1).data.code, closed], ["token_expired", [1008]]);
  const other = await connect(server, hello);
  server.rewrite();
  await send();
  assert.deepEqual([other.closed, server.epoch, server.connections], [[1012], "epoch-2", 0]);
});
