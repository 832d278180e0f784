import assert from "node:assert/strict";
import { test } from "node:test";
import type { OrdersError } from "../../src/index.ts";
import { received, setUp, signed, through } from "../setup.ts";

test("1,000 subscriptions are renewed in messages under 16 KiB", async () => {
  const { server, clock, client } = setUp();
  const got = new Set<string>();
  for (let i = 0; i < 1_000; i++) {
    server.emit(`order-${i}-${"ü".repeat(60)}`, "created");
    client.subscribe(`order-${i}-${"ü".repeat(60)}`, e => got.add(e.order_id));
  }
  await clock.advance(0);
  server.drop();
  for (let i = 0; i < 1_000; i++) {
    server.emit(`order-${i}-${"ü".repeat(60)}`, "packed");
  }
  server.received.length = 0;
  await clock.advance(1_000);
  const sizes = server.received.map(message => Buffer.byteLength(JSON.stringify(message)));
  assert.equal(got.size, 1_000);
  assert.ok(sizes.length < 20 && Math.max(...sizes) <= 16_384, `${sizes}`);
});

test("A subscription is live from its confirmation until the connection ends or it ends", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "created");
  const states: boolean[] = [];
  const sub = client.subscribe("o-1", () => {}, { onSubscribed: () => states.push(sub.isLive) });
  states.push(sub.isLive);
  await clock.advance(0);
  states.push(sub.isLive);
  server.drop();
  await clock.advance(0);
  states.push(sub.isLive);
  await clock.advance(1_000);
  states.push(sub.isLive);
  sub.unsubscribe();
  states.push(sub.isLive);
  assert.deepEqual(states, [false, true, true, false, true, true, false]);
});

for (const code of ["unavailable", "rate_limited"]) {
  test(`A subscribe that is answered ${code} is retried`, async () => {
    const { server, clock, client } = setUp();
    server.emit("o-1", "created");
    const statuses: string[] = [];
    server.refuse({ on: "subscribe", code, times: 3 });
    client.subscribe("o-1", e => statuses.push(e.status), { after: 0 });
    await clock.advance(20_000);
    assert.deepEqual(statuses, ["created"]);
  });
}

test("A retry honours retry_after_ms", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "created");
  server.refuse({ on: "subscribe", code: "rate_limited", retryAfterMs: 8_000 });
  client.subscribe("o-1", () => {});
  await clock.advance(7_999);
  assert.equal(received(server, "subscribe").length, 1);
  await clock.advance(501);
  assert.equal(received(server, "subscribe").length, 2);
});

test("A subscribe that the server dropped unread is sent again after retry_after_ms", async () => {
  const { server, clock, open } = setUp();
  server.emit("o-1", "created");
  const statuses: string[] = [];
  const client = open({
    WebSocket: through(server, (message, send) => {
      if (server.opened > 1 || !["subscription", "event"].includes(message.type)) {
        send(message);
      } else if (message.type === "subscription") {
        send({ type: "error", data: { code: "rate_limited", message: "rate limited", retry_after_ms: 9_000 } });
      }
    }),
  });
  client.subscribe("o-1", e => statuses.push(e.status), { after: 0 });
  await clock.advance(8_999);
  assert.deepEqual([server.opened, statuses], [1, []]);
  await clock.advance(1_001);
  assert.deepEqual([server.opened, statuses], [2, ["created"]]);
});

test("A refused order gets a typed error and the others continue", async () => {
  const { server, clock, client, errors } = setUp();
  server.emit("o-1", "created");
  const own: OrdersError[] = [];
  const good = client.subscribe("o-1", () => {});
  const bad = client.subscribe("nobody's", () => {}, { onError: error => own.push(error) });
  await clock.advance(0);
  assert.deepEqual([good.ended, bad.ended], [false, true]);
  assert.deepEqual([bad.error?.code, bad.error?.orderId], ["access_denied", "nobody's"]);
  assert.deepEqual([own, errors], [[bad.error], [bad.error]]);
  server.drop();
  await clock.advance(1_000);
  assert.deepEqual(server.subscriptions, ["o-1"]);
});

test("An after beyond the newest event gets the server's error", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "created");
  const sub = client.subscribe("o-1", () => {}, { after: 99 });
  await clock.advance(0);
  assert.equal(sub.error?.code, "invalid_message");
});

test("Two handlers of an order share one subscription and the late one begins with the next event", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "1");
  const first: number[] = [];
  const late: number[] = [];
  client.subscribe("o-1", e => first.push(e.version), { after: 0 });
  await clock.advance(0);
  const sub = client.subscribe("o-1", e => late.push(e.version));
  server.emit("o-1", "2");
  await clock.advance(0);
  assert.deepEqual([first, late, sub.position?.after], [[1, 2], [2], 2]);
  assert.equal(received(server, "subscribe").length, 1);
});

test("A late handler with last: 1 gets the newest event first, also if nobody has been given it", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "1");
  client.subscribe("o-1", () => {});
  await clock.advance(0);
  const late: number[] = [];
  client.subscribe("o-1", e => late.push(e.version), { last: 1 });
  await clock.advance(0);
  server.emit("o-1", "2");
  await clock.advance(0);
  assert.deepEqual(late, [1, 2]);
});

for (const [start, first] of Object.entries({ "the newest event": { last: 1 }, "the first event": { after: 0 } })) {
  test(`A handler with last: 1 that comes before ${start} of another one gets the newest event`, async () => {
    const { server, clock, client } = setUp();
    ["1", "2", "3"].forEach(status => server.emit("o-1", status));
    const late: number[] = [];
    client.subscribe("o-1", () => {}, {
      ...first,
      onSubscribed: () => client.subscribe("o-1", e => late.push(e.version), { last: 1 }),
    });
    await clock.advance(0);
    server.emit("o-1", "4");
    await clock.advance(0);
    assert.deepEqual(late, [3, 4]);
  });
}

test("A late handler that wants more of the past is refused and the first one continues", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "1");
  const first: number[] = [];
  client.subscribe("o-1", e => first.push(e.version), { after: 0 });
  await clock.advance(0);
  const late = client.subscribe("o-1", () => {}, { after: 0 });
  assert.deepEqual([late.ended, late.error?.code], [true, "already_subscribed"]);
  server.emit("o-1", "2");
  await clock.advance(0);
  assert.deepEqual(first, [1, 2]);
});

test("Handlers that subscribe together each begin where they want", async () => {
  const { server, clock, client } = setUp();
  ["1", "2", "3"].forEach(status => server.emit("o-1", status));
  const got: Record<string, number[]> = { live: [], one: [], two: [] };
  client.subscribe("o-1", e => got.live!.push(e.version));
  client.subscribe("o-1", e => got.one!.push(e.version), { last: 1 });
  client.subscribe("o-1", e => got.two!.push(e.version), { last: 2 });
  await clock.advance(0);
  server.emit("o-1", "4");
  await clock.advance(0);
  assert.deepEqual(got, { live: [4], one: [3, 4], two: [2, 3, 4] });
});

test("unsubscribe ends delivery at once and the server's subscription with the last handler", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "1");
  let events = 0;
  const one = client.subscribe("o-1", () => events++);
  const two = client.subscribe("o-1", () => events++);
  await clock.advance(0);
  one.unsubscribe();
  server.emit("o-1", "2");
  await clock.advance(0);
  assert.deepEqual([events, server.subscriptions], [1, ["o-1"]]);
  server.emit("o-1", "3");
  two.unsubscribe();
  two.unsubscribe();
  await clock.advance(0);
  assert.deepEqual([events, server.subscriptions, two.error], [1, [], undefined]);
});

test("unsubscribe while a resubscribe is in flight leaves nothing behind", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "1");
  server.emit("o-2", "1");
  let events = 0;
  client.subscribe("o-2", () => {});
  const sub = client.subscribe("o-1", () => events++);
  await clock.advance(0);
  server.drop();
  client.on("state", state => state === "connected" && queueMicrotask(() => queueMicrotask(() => sub.unsubscribe())));
  await clock.advance(1_000);
  server.emit("o-1", "2");
  await clock.advance(0);
  assert.deepEqual([events, server.subscriptions], [0, ["o-2"]]);
});

test("An order that is unsubscribed and subscribed again in one turn gets each event once", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "1");
  const versions: number[] = [];
  const first = client.subscribe("o-1", () => {});
  await clock.advance(0);
  first.unsubscribe();
  client.subscribe("o-1", e => versions.push(e.version), { after: 0 });
  server.emit("o-1", "2");
  await clock.advance(0);
  assert.deepEqual(versions, [1, 2]);
});

test("1,000 unsubscribes do not exceed the server's message rate", async () => {
  const { server, clock, client } = setUp();
  const subs = Array.from({ length: 1_000 }, (_, i) => {
    server.emit(`o-${i}`, "created");
    return client.subscribe(`o-${i}`, () => {});
  });
  client.subscribe("o-0", () => {});
  await clock.advance(0);
  subs.forEach(sub => sub.unsubscribe());
  await clock.advance(0);
  assert.ok(received(server, "unsubscribe").length <= 50);
  await clock.advance(10_000);
  assert.ok(received(server, "unsubscribe").length <= 300);
  await clock.advance(60_000);
  assert.deepEqual([server.subscriptions, server.opened], [["o-0"], 1]);
});

test("An abort before the confirmation unsubscribes", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "1");
  const abort = new AbortController();
  const sub = client.subscribe("o-1", () => {}, { signal: abort.signal });
  abort.abort();
  await clock.advance(0);
  assert.deepEqual([sub.ended, sub.error, server.subscriptions], [true, undefined, []]);
});

test("An aborted signal subscribes to nothing", async () => {
  const { server, clock, client } = setUp();
  const sub = client.subscribe("o-1", () => {}, { signal: AbortSignal.abort() });
  await clock.advance(0);
  assert.deepEqual([sub.ended, server.opened], [true, 0]);
});

test("subscribe after close throws", () => {
  const { client } = setUp();
  client.close();
  assert.throws(() => client.subscribe("o-1", () => {}), { code: "closed" });
});

test("close ends all subscriptions with the error closed", async () => {
  const { clock, client } = setUp(signed);
  const sub = client.subscribe("o-1", () => {});
  await clock.advance(0);
  client.close();
  client.close();
  assert.deepEqual([sub.ended, sub.error?.code], [true, "closed"]);
});

test("A handler that throws is reported and gets the next event", async () => {
  const { server, clock, client, errors } = setUp();
  const versions: number[] = [];
  server.emit("o-1", "1");
  client.subscribe("o-1", e => {
    versions.push(e.version);
    throw new Error("my fault");
  }, { after: 0 });
  client.subscribe("o-1", e => versions.push(e.version));
  await clock.advance(0);
  server.emit("o-1", "2");
  await clock.advance(0);
  assert.deepEqual(versions, [1, 2, 2]);
  assert.equal(errors[0]!.code, "handler_failed");
  assert.equal((errors[0]!.cause as Error).message, "my fault");
});

test("A handler that closes the client gets nothing more", async () => {
  const { server, clock, client } = setUp();
  ["1", "2", "3"].forEach(status => server.emit("o-1", status));
  let events = 0;
  client.subscribe("o-1", () => {
    events++;
    client.close();
  }, { after: 0 });
  await clock.advance(0);
  assert.equal(events, 1);
});

for (const [name, call] of Object.entries({
  orderId: (client: any) => client.subscribe("", () => {}),
  "orderId must": (client: any) => client.subscribe(undefined, () => {}),
  "orderId must be": (client: any) => client.subscribe("x".repeat(129), () => {}),
  handler: (client: any) => client.subscribe("o-1", "x"),
  after: (client: any) => client.subscribe("o-1", null, { after: -1 }),
  last: (client: any) => client.subscribeAll(null, { last: 101 }),
  "after and last": (client: any) => client.subscribe("o-1", null, { after: 1, last: 1 }),
  epoch: (client: any) => client.subscribe("o-1", null, { epoch: "x" }),
})) {
  test(`A wrong argument is named and subscribes to nothing: ${name}`, () => {
    const { client } = setUp();
    assert.throws(() => call(client), error => error instanceof TypeError && error.message.startsWith(name));
    assert.equal(client.state, "waiting");
  });
}

test("A wrong event name is refused", () => {
  const { client } = setUp();
  assert.throws(() => client.on("status" as any, () => {}), /status/);
});
