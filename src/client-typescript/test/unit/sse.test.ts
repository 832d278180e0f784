import assert from "node:assert/strict";
import { test } from "node:test";
import { eventStreams } from "../../src/index.ts";
import { FakeOrdersServer } from "../../src/testing.ts";
import { setUp } from "../setup.ts";

type Stream = { url: URL; send(text: string): void; end(): void };

/** A client whose WebSockets are refused, and the streams that it opens instead. */
function blocked(answer: (url: URL) => Response | undefined = () => undefined) {
  const streams: Stream[] = [];
  const issuer = new FakeOrdersServer();
  let asked = 0;
  const parts = setUp({
    fallback: eventStreams,
    getToken: () => issuer.token({ orders: ["o-1", "o-2"], lifetime: 600 + asked++ }),
    fetch: (async (input: string, { signal }: RequestInit) => {
      const url = new URL(input);
      const refused = answer(url);
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const writer = writable.getWriter();
      const write = (text: string) => writer.write(new TextEncoder().encode(text)).catch(() => {});
      const end = () => void writer.close().catch(() => {});
      signal!.addEventListener("abort", () => void writer.abort(new Error("aborted")).catch(() => {}));
      streams.push({ url, send: text => void write(text), end });
      return refused ?? new Response(readable);
    }) as typeof fetch,
  });
  parts.server.refuse({ on: "open", times: 1_000 });
  return { ...parts, streams };
}

const confirmation = 'retry: 2000\nevent: subscription\nid: E:0\ndata: {"order_id":"o-1","status":"subscribed",'
  + '"resumed":true,"epoch":"E","position":0}\n\n';
const event = (version: number) => `event: event\nid: E:${version}\ndata: {"order_id":"o-1","version":${version},`
  + `"status":"s-${version}"}\n\n`;
const problem = (status: number, code: string) => new Response(JSON.stringify({ code, detail: "no" }), { status });

test("Events come over HTTP after two WebSockets could not be opened", async () => {
  const { server, clock, client, streams } = blocked();
  const versions: number[] = [];
  client.subscribe("o-1", e => versions.push(e.version), { after: 0 });
  await clock.advance(1_500);
  const { url, send } = streams[0]!;
  assert.equal(`${url.origin}${url.pathname}`, "https://orders.example/v1/orders/o-1/events");
  assert.deepEqual([url.searchParams.get("after"), url.searchParams.get("access_token")!.split(".").length], ["0", 3]);
  // In slices that cut lines and blocks.
  for (const part of (confirmation + ":\n\n" + event(1) + event(2)).match(/[^]{1,7}/g)!) {
    send(part);
  }
  await clock.advance(0);
  assert.deepEqual([versions, client.state, server.opened], [[1, 2], "connected", 2]);
});

test("A stream that breaks is resumed, by a WebSocket if one can be opened", async () => {
  const { server, clock, client, streams } = blocked();
  client.subscribe("o-1", () => {}, { after: 0 });
  await clock.advance(1_500);
  streams[0]!.send(confirmation + event(1));
  await clock.advance(0);
  streams[0]!.end();
  await clock.advance(20_000);
  const query = streams[1]!.url.searchParams;
  assert.deepEqual([server.opened, query.get("after"), query.get("epoch")], [3, "1", "E"]);
});

test("A stream without a sign of life for 60 s is given up", async () => {
  const { clock, client, streams } = blocked();
  client.subscribe("o-1", () => {}, { after: 0 });
  await clock.advance(1_500);
  streams[0]!.send(confirmation);
  await clock.advance(59_000);
  assert.equal(client.state, "connected");
  await clock.advance(1_001);
  assert.equal(client.state, "waiting");
});

test("A token is renewed on expiring, and the stream continues after its last event", async () => {
  const { clock, client, streams } = blocked();
  const versions: number[] = [];
  client.subscribe("o-1", e => versions.push(e.version), { after: 0 });
  await clock.advance(1_500);
  streams[0]!.send(confirmation + event(1));
  await clock.advance(5_000);
  streams[0]!.send('event: expiring\ndata: {"expires_at":"2030-01-01T00:00:00Z"}\n\n');
  await clock.advance(0);
  const [first, second] = streams.map(stream => stream.url.searchParams);
  assert.equal(second!.get("last_event_id"), "E:1");
  assert.notEqual(second!.get("access_token"), first!.get("access_token"));
  streams[1]!.send(confirmation + event(2));
  await clock.advance(0);
  assert.deepEqual([versions, client.state], [[1, 2], "connected"]);
});

test("An order that the token does not cover gets access_denied and the others continue", async () => {
  const answer = (url: URL) => url.pathname.includes("o-2") ? problem(404, "not_found") : undefined;
  const { clock, client, streams } = blocked(answer);
  const one = client.subscribe("o-1", () => {});
  const two = client.subscribe("o-2", () => {});
  await clock.advance(1_500);
  streams[0]!.send(confirmation);
  await clock.advance(0);
  assert.deepEqual([one.ended, two.error?.code, client.state], [false, "access_denied", "connected"]);
});

test("A token that is refused stops the client", async () => {
  const { clock, client } = blocked(() => problem(401, "invalid_token"));
  client.subscribe("o-1", () => {});
  await clock.advance(1_500);
  assert.deepEqual([client.state, client.error?.code], ["closed", "invalid_token"]);
});

test("A stream that is refused for a while is retried when the server says", async () => {
  const { clock, client, streams } = blocked();
  client.subscribe("o-1", () => {}, { after: 0 });
  await clock.advance(1_500);
  streams[0]!.send('event: end\nretry: 9000\ndata: {"code":"unavailable","message":"busy"}\n\n');
  await clock.advance(8_999);
  assert.equal(streams.length, 1);
  await clock.advance(501);
  assert.equal(streams.length, 2);
});

for (const orderId of [".", ".."]) {
  test(`The order ${orderId} is not asked for over HTTP, where its URL would be another one`, async () => {
    const { clock, client, streams } = blocked();
    const sub = client.subscribe(orderId, () => {});
    await clock.advance(1_500);
    assert.deepEqual([streams.length, sub.error?.code], [0, "access_denied"]);
  });
}

test("Without the option no stream is opened", async () => {
  const { clock, client, streams, open } = blocked();
  client.close();
  open({ fallback: undefined }).subscribe("o-1", () => {});
  await clock.advance(100_000);
  assert.equal(streams.length, 0);
});
