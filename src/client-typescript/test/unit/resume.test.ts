import assert from "node:assert/strict";
import { test } from "node:test";
import type { Gap, OrderEvent } from "../../src/index.ts";
import { received, setUp, signed, through } from "../setup.ts";

test("A handler gets every event once and in order over many reconnects", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "created");
  const versions: number[] = [];
  client.subscribe("o-1", e => versions.push(e.version), { after: 0 });
  await clock.advance(0);
  for (let i = 0; i < 50; i++) {
    server.emit("o-1", `a-${i}`);
    server.drop([1006, 1001, 1011, 1012, 1013][i % 5]);
    server.emit("o-1", `b-${i}`);
    await clock.advance(i % 3 === 0 ? 21_000 : 10);
  }
  await clock.advance(21_000);
  assert.deepEqual(versions, Array.from({ length: 101 }, (_, i) => i + 1));
});

test("A reconnect resumes with the number and the epoch", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "created");
  client.subscribe("o-1", () => {}, { after: 0 });
  await clock.advance(0);
  server.drop();
  await clock.advance(1_000);
  assert.deepEqual(received(server, "subscribe")[1].orders, [{ order_id: "o-1", after: 1, epoch: "epoch-1" }]);
});

test("A subscription without after begins with the next event and misses none while it is disconnected", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "old");
  const statuses: string[] = [];
  client.subscribe("o-1", e => statuses.push(e.status));
  await clock.advance(0);
  assert.deepEqual(statuses, []);
  server.drop();
  server.emit("o-1", "missed");
  server.emit("o-1", "missed too");
  await clock.advance(1_000);
  assert.deepEqual(statuses, ["missed", "missed too"]);
});

test("last gives the newest events first", async () => {
  const { server, clock, client } = setUp();
  ["a", "b", "c"].forEach(status => server.emit("o-1", status));
  const statuses: string[] = [];
  client.subscribe("o-1", e => statuses.push(e.status), { last: 2 });
  await clock.advance(0);
  server.emit("o-1", "d");
  await clock.advance(0);
  assert.deepEqual(statuses, ["b", "c", "d"]);
});

test("Events that are no longer kept are reported as a gap", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "1");
  const versions: number[] = [];
  const gaps: Gap[] = [];
  client.subscribe("o-1", e => versions.push(e.version), { after: 0, onGap: gap => gaps.push(gap) });
  await clock.advance(0);
  server.drop();
  ["2", "3", "4"].forEach(status => server.emit("o-1", status));
  server.keep(1);
  await clock.advance(1_000);
  assert.deepEqual(gaps, [{ orderId: "o-1", from: 2, earliest: 4, rewritten: false }]);
  assert.deepEqual(versions, [1, 4]);
});

test("A rewritten history is reported as such and everything that is kept comes again", async () => {
  const { server, clock, client } = setUp();
  ["1", "2", "3"].forEach(status => server.emit("o-1", status));
  const seen: string[] = [];
  const gaps: Gap[] = [];
  const onGap = (gap: Gap) => void gaps.push(gap);
  const sub = client.subscribe("o-1", e => seen.push(`${e.version} ${e.status}`), { after: 0, onGap });
  await clock.advance(0);
  server.rewrite();
  server.emit("o-1", "new 1");
  await clock.advance(1_000);
  assert.deepEqual(gaps, [{ orderId: "o-1", from: 4, earliest: 1, rewritten: true }]);
  assert.deepEqual(seen, ["1 1", "2 2", "3 3", "1 new 1"]);
  assert.deepEqual(sub.position, { after: 1, epoch: "epoch-2" });
});

test("An order and the organization both get every event with their own numbers over reconnects", async () => {
  const { server, clock, client } = setUp(signed);
  server.emit("o-1", "1");
  const order: number[] = [];
  const all: number[] = [];
  const one = client.subscribe("o-1", e => order.push(e.version), { after: 0 });
  const whole = client.subscribeAll(e => all.push(e.sequence!), { after: 0 });
  await clock.advance(0);
  for (let i = 0; i < 10; i++) {
    server.emit("o-1", "x");
    server.emit("o-2", "y");
    server.drop();
    server.emit("o-2", "y");
    server.emit("o-1", "x");
    await clock.advance(21_000);
  }
  assert.deepEqual(order, Array.from({ length: 21 }, (_, i) => i + 1));
  assert.deepEqual(all, Array.from({ length: 41 }, (_, i) => i + 1));
  assert.deepEqual([one.position!.after, whole.position!.after], [21, 41]);
});

test("An order's history can be had although the organization has delivered it", async () => {
  const { server, clock, client } = setUp(signed);
  client.subscribeAll(() => {});
  await clock.advance(0);
  ["1", "2", "3"].forEach(status => server.emit("o-1", status));
  await clock.advance(0);
  const versions: number[] = [];
  client.subscribe("o-1", e => versions.push(e.version), { after: 0 });
  await clock.advance(0);
  assert.deepEqual(versions, [1, 2, 3]);
});

test("An event that is missing makes the client resume instead of skipping it", async () => {
  const { server, clock, open } = setUp();
  let drop = false;
  const lossy = open({
    WebSocket: through(server, (message, send) => drop && message.type === "event" ? drop = false : send(message)),
  });
  server.emit("o-1", "1");
  const versions: number[] = [];
  lossy.subscribe("o-1", e => versions.push(e.version), { after: 0 });
  await clock.advance(0);
  drop = true;
  server.emit("o-1", "lost");
  server.emit("o-1", "3");
  await clock.advance(1_000);
  assert.deepEqual(versions, [1, 2, 3]);
});

test("An event that comes again is not handed over again", async () => {
  const { server, clock, open } = setUp();
  const client = open({
    WebSocket: through(server, (message, send) => {
      send(message);
      if (message.type === "event") {
        events.push(message);
        send(events[0]);
      }
    }),
  });
  const events: object[] = [];
  ["1", "2", "3"].forEach(status => server.emit("o-1", status));
  const versions: number[] = [];
  const sub = client.subscribe("o-1", e => versions.push(e.version), { after: 0 });
  await clock.advance(0);
  assert.deepEqual([versions, sub.position?.after, server.opened], [[1, 2, 3], 3, 1]);
  server.drop();
  await clock.advance(500);
  assert.equal(received(server, "subscribe")[1].orders[0].after, 3);
});

test("The fake server sends an event once per connection whatever subscriptions match", async () => {
  const { server } = setUp();
  const socket = new server.WebSocket("wss://x/ws");
  const events: OrderEvent[] = [];
  socket.onmessage = ({ data }: any) => {
    const message = JSON.parse(data);
    if (message.type === "event") {
      events.push(message.data);
    }
  };
  await server.settled();
  socket.send('{"type":"connect","data":{"api_key":"k","authorization_signature":"s"}}');
  socket.send('{"type":"subscribe","data":{"order_id":"o-1"}}');
  socket.send('{"type":"subscribe","data":{}}');
  await server.settled();
  server.emit("o-1", "1");
  await server.settled();
  socket.send('{"type":"unsubscribe","data":{"order_id":"o-1"}}');
  socket.send('{"type":"subscribe","data":{"order_id":"o-1","after":0}}');
  await server.settled();
  assert.deepEqual(events.map(e => e.sequence), [1]);
});

test("onSubscribed comes before the events of each confirmation, with what it says", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "created");
  server.emit("o-1", "paid");
  const seen: unknown[] = [];
  client.subscribe("o-1", e => seen.push(e.version), { last: 1, onSubscribed: confirmed => seen.push(confirmed) });
  await clock.advance(0);
  server.drop();
  server.emit("o-1", "packed");
  await clock.advance(1_000);
  server.drop();
  server.emit("o-1", "shipped");
  server.emit("o-1", "delivered");
  server.keep(1);
  await clock.advance(1_500);
  assert.deepEqual(seen, [
    { resumed: true, position: 2 }, 2, { resumed: true, position: 3 }, 3, { resumed: false, position: 5 }, 5]);
});

test("onSubscribed is called for an order without events and not for one that is refused", async () => {
  const { clock, client, open } = setUp(signed);
  const seen: unknown[] = [];
  client.subscribe("o-1", () => {}, { onSubscribed: confirmed => seen.push(confirmed) });
  open({ getSignature: undefined }).subscribe("o-2", () => {}, { onSubscribed: confirmed => seen.push(confirmed) });
  await clock.advance(0);
  assert.deepEqual(seen, [{ resumed: true, position: 0 }]);
});
