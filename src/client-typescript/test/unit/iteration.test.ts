import assert from "node:assert/strict";
import { test } from "node:test";
import { setUp } from "../setup.ts";

test("An iteration gets every event and leaving the loop unsubscribes", async () => {
  const { server, clock, client } = setUp();
  ["1", "2", "3"].forEach(status => server.emit("o-1", status));
  const sub = client.subscribe("o-1", null, { after: 0 });
  await clock.advance(0);
  const versions: number[] = [];
  for await (const event of sub) {
    versions.push(event.version);
    if (event.version === 3) {
      break;
    }
  }
  await clock.advance(0);
  assert.deepEqual([versions, sub.ended, server.subscriptions], [[1, 2, 3], true, []]);
});

test("An iteration waits for the next event over reconnects", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "1");
  const iterator = client.subscribe("o-1")[Symbol.asyncIterator]();
  await clock.advance(0);
  const next = iterator.next();
  server.drop();
  server.emit("o-1", "2");
  await clock.advance(1_000);
  assert.equal((await next).value?.version, 2);
});

test("An event is handled when the loop asks for the next one", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "1");
  server.emit("o-1", "2");
  const sub = client.subscribe("o-1", null, { after: 0 });
  const iterator = sub[Symbol.asyncIterator]();
  await clock.advance(0);
  await iterator.next();
  assert.equal(sub.position?.after, 0);
  await iterator.next();
  assert.equal(sub.position?.after, 1);
});

test("An iteration that is too slow throws overflow after the buffered events", async () => {
  const { server, clock, client, errors } = setUp();
  server.emit("o-1", "0");
  const sub = client.subscribe("o-1");
  await clock.advance(0);
  for (let i = 0; i < 1_100; i++) {
    server.emit("o-1", "x");
  }
  await clock.advance(0);
  let count = 0;
  await assert.rejects(async () => {
    for await (const _ of sub) {
      count++;
    }
  }, { code: "overflow" });
  assert.deepEqual([count, sub.position?.after, errors[0]?.code], [1_000, 1_001, "overflow"]);
  const rest: number[] = [];
  client.subscribe("o-1", e => rest.push(e.version), sub.position);
  await clock.advance(0);
  assert.deepEqual([rest[0], rest.length], [1_002, 100]);
});

test("The buffer of an iteration is bounded in characters too", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "0");
  const sub = client.subscribe("o-1");
  await clock.advance(0);
  for (let i = 0; i < 20; i++) {
    server.emit("o-1", "x", { text: "x".repeat(65_000) });
  }
  await clock.advance(0);
  assert.equal(sub.error?.code, "overflow");
});

test("An iteration throws the error that ended the subscription", async () => {
  const { clock, client } = setUp();
  const next = client.subscribe("nobody's")[Symbol.asyncIterator]().next();
  const rejected = assert.rejects(next, { code: "access_denied" });
  await clock.advance(0);
  await rejected;
});

test("unsubscribe ends an iteration that waits", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "1");
  const sub = client.subscribe("o-1");
  const next = sub[Symbol.asyncIterator]().next();
  await clock.advance(0);
  sub.unsubscribe();
  assert.equal((await next).done, true);
});

test("Events of a history that was rewritten are not given any more", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "old");
  const sub = client.subscribe("o-1", null, { after: 0 });
  await clock.advance(0);
  server.rewrite();
  server.emit("o-1", "new");
  await clock.advance(1_000);
  assert.equal((await sub[Symbol.asyncIterator]().next()).value?.status, "new");
});

test("A subscription with a handler cannot be iterated", () => {
  const { client } = setUp();
  assert.throws(() => client.subscribe("o-1", () => {})[Symbol.asyncIterator](), TypeError);
});
