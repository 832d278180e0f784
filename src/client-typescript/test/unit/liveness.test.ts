import assert from "node:assert/strict";
import { test } from "node:test";
import { received, setUp, through } from "../setup.ts";

async function connected() {
  const parts = setUp();
  parts.server.emit("o-1", "created");
  parts.client.subscribe("o-1", () => {});
  await parts.clock.advance(0);
  return { ...parts, pings: () => received(parts.server, "ping").length };
}

test("A quiet connection is pinged every 25 s and stays", async () => {
  const { server, clock, pings } = await connected();
  await clock.advance(24_999);
  assert.equal(pings(), 0);
  await clock.advance(1);
  assert.equal(pings(), 1);
  await clock.advance(75_000);
  assert.deepEqual([pings(), server.opened], [4, 1]);
});

test("Events count as signs of life", async () => {
  const { server, clock, pings } = await connected();
  for (let i = 0; i < 10; i++) {
    await clock.advance(20_000);
    server.emit("o-1", "x");
  }
  assert.equal(pings(), 0);
});

test("A dead connection is replaced 5 s after a ping, and missed events come", async () => {
  const { server, clock, client, page } = await connected();
  void page;
  const statuses: string[] = [];
  client.subscribe("o-1", e => statuses.push(e.status));
  server.freeze();
  server.emit("o-1", "missed");
  await clock.advance(29_999);
  assert.equal(server.opened, 1);
  await clock.advance(501);
  assert.equal(server.opened, 2);
  assert.deepEqual(statuses, ["missed"]);
});

for (const type of ["visibilitychange", "pageshow", "online"]) {
  test(`A connection is probed at once on ${type}`, async () => {
    const { server, clock, page, pings } = await connected();
    page.fire(type);
    await clock.advance(0);
    assert.equal(pings(), 1);
    server.freeze();
    page.fire(type);
    await clock.advance(5_500);
    assert.equal(server.opened, 2);
  });
}

test("A page that becomes hidden is not probed", async () => {
  const { clock, page, pings } = await connected();
  page.document.visibilityState = "hidden";
  page.fire("visibilitychange");
  await clock.advance(0);
  assert.equal(pings(), 0);
});

test("A client that waits comes back within 0.5 s when the page becomes visible", async () => {
  const { server, clock, page, client } = await connected();
  clock.randomValue = 1;
  server.refuse({ on: "open", times: 7 });
  server.drop();
  await clock.advance(70_000);
  assert.equal(client.state, "waiting");
  page.fire("visibilitychange");
  await clock.advance(500);
  assert.equal(client.state, "connected");
});

test("A client pauses while the device is offline", async () => {
  const { server, clock, page, client } = await connected();
  page.navigator.onLine = false;
  server.drop();
  await clock.advance(600_000);
  assert.deepEqual([server.opened, client.state], [1, "waiting"]);
  page.navigator.onLine = true;
  page.fire("online");
  await clock.advance(500);
  assert.equal(client.state, "connected");
});

test("A socket that does not open is given up after 10 s", async () => {
  let sockets = 0;
  const { clock, client } = setUp({
    WebSocket: class { constructor() { sockets++; } send() {} close() {} } as any,
  });
  client.subscribe("o-1", () => {});
  await clock.advance(9_999);
  assert.equal(sockets, 1);
  await clock.advance(501);
  assert.equal(sockets, 2);
});

test("A socket that reports a refused upgrade only as an error counts as failed at once", async () => {
  let sockets = 0;
  const { clock, client } = setUp({
    WebSocket: class {
      onerror?: (event: object) => void;
      constructor() {
        sockets++;
        queueMicrotask(() => this.onerror?.({}));
      }
      send() {}
      close() {}
    } as any,
  });
  client.subscribe("o-1", () => {});
  await clock.advance(500);
  assert.equal(sockets, 2);
});

test("A ping behind a subscribe that the server still retries may be answered later", async () => {
  const { server, clock, open } = setUp();
  server.emit("o-1", "created");
  const held: (() => void)[] = [];
  const client = open({
    WebSocket: through(server, (message, send) =>
      message.type === "connected" ? send(message) : held.push(() => send(message))),
  });
  const sub = client.subscribe("o-1", () => {});
  await clock.advance(25_000);
  assert.equal(received(server, "ping").length, 1);
  await clock.advance(10_000);
  held.forEach(send => send());
  await clock.advance(10_000);
  assert.deepEqual([server.opened, sub.position?.after], [1, 1]);
});

test("A connect that is not answered is given up after 15 s", async () => {
  const { server, clock, open } = setUp();
  const client = open({ WebSocket: through(server, () => {}) });
  client.subscribe("o-1", () => {});
  await clock.advance(14_999);
  assert.equal(server.opened, 1);
  await clock.advance(501);
  assert.equal(server.opened, 2);
});
