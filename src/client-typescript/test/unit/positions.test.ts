import assert from "node:assert/strict";
import { test } from "node:test";
import { received, setUp, signed } from "../setup.ts";

/** A store like localStorage that counts its writes. */
class MapStore {
  items = new Map<string, string>();
  writes = 0;
  getItem = (name: string) => this.items.get(name) ?? null;
  setItem = (name: string, text: string) => {
    this.writes++;
    this.items.set(name, text);
  };
  get only(): unknown {
    return JSON.parse([...this.items.values()][0] ?? "null");
  }
}

test("A reloaded page continues after the stored position", async () => {
  const store = new MapStore();
  const { server, clock, client, page, open } = setUp({ store });
  server.emit("o-1", "1");
  client.subscribe("o-1", () => {});
  await clock.advance(0);
  server.emit("o-1", "2");
  await clock.advance(0);
  page.fire("pagehide");
  client.close();
  server.emit("o-1", "3");
  const versions: number[] = [];
  open().subscribe("o-1", e => versions.push(e.version));
  await clock.advance(0);
  assert.deepEqual(versions, [3]);
  assert.deepEqual(received(server, "subscribe").at(-1).orders, [{ order_id: "o-1", after: 1, epoch: "epoch-1" }]);
});

test("Positions are written at most once a second and on pagehide", async () => {
  const store = new MapStore();
  const { server, clock, client, page } = setUp({ store });
  server.emit("o-1", "0");
  client.subscribe("o-1", () => {});
  for (let i = 0; i < 50; i++) {
    await clock.advance(100);
    server.emit("o-1", "x");
  }
  await clock.advance(0);
  assert.ok(store.writes >= 4 && store.writes <= 5, `${store.writes} writes in 5 s`);
  const writes = store.writes;
  page.fire("pagehide");
  assert.equal(store.writes, writes + 1);
  assert.deepEqual(store.only, { "o:o-1": [51, "epoch-1"] });
});

test("Nothing is written while nothing changes", async () => {
  const store = new MapStore();
  const { server, clock, client } = setUp({ store });
  server.emit("o-1", "0");
  client.subscribe("o-1", () => {});
  await clock.advance(5_000);
  const { writes } = store;
  await clock.advance(600_000);
  assert.equal(store.writes, writes);
});

test("The stored position is that of the slowest handler", async () => {
  const store = new MapStore();
  const { server, clock, client } = setUp({ store });
  server.emit("o-1", "1");
  client.subscribe("o-1", () => {});
  const slow = client.subscribe("o-1");
  await clock.advance(0);
  server.emit("o-1", "2");
  server.emit("o-1", "3");
  await clock.advance(1_000);
  assert.deepEqual(store.only, { "o:o-1": [1, "epoch-1"] });
  const iterator = slow[Symbol.asyncIterator]();
  await iterator.next();
  await iterator.next();
  await clock.advance(1_000);
  assert.deepEqual(store.only, { "o:o-1": [2, "epoch-1"] });
});

test("unsubscribe forgets the position and close keeps it", async () => {
  const store = new MapStore();
  const { server, clock, client } = setUp({ store });
  server.emit("o-1", "1");
  server.emit("o-2", "1");
  const one = client.subscribe("o-1", () => {});
  client.subscribe("o-2", () => {});
  await clock.advance(1_000);
  one.unsubscribe();
  client.close();
  assert.deepEqual(store.only, { "o:o-2": [1, "epoch-1"] });
});

test("Explicit after and last win over the stored position", async () => {
  const store = new MapStore();
  const { server, clock, client, open } = setUp({ store });
  ["1", "2", "3"].forEach(status => server.emit("o-1", status));
  client.subscribe("o-1", () => {}, { after: 0 });
  await clock.advance(1_000);
  client.close();
  const versions: number[] = [];
  open().subscribe("o-1", e => versions.push(e.version), { last: 1 });
  await clock.advance(0);
  assert.deepEqual(versions, [3]);
});

test("A handler that continues after the stored position shares with one that wants the newest event", async () => {
  for (const isLate of [false, true]) {
    const store = new MapStore();
    const { server, clock, client, open } = setUp({ store });
    ["1", "2"].forEach(status => server.emit("o-1", status));
    client.subscribe("o-1", () => {}, { after: 0 });
    await clock.advance(1_000);
    client.close();
    const got = { plain: [] as number[], newest: [] as number[] };
    const tab = open();
    tab.subscribe("o-1", e => got.plain.push(e.version));
    await (isLate ? clock.advance(0) : undefined);
    tab.subscribe("o-1", e => got.newest.push(e.version), { last: 1 });
    await clock.advance(0);
    server.emit("o-1", "3");
    await clock.advance(0);
    assert.deepEqual(got, { plain: [3], newest: [2, 3] });
  }
});

test("Two tabs with one store do not overwrite each other", async () => {
  const store = new MapStore();
  const { server, clock, client, open } = setUp({ store });
  const other = open();
  server.emit("o-1", "1");
  server.emit("o-2", "1");
  client.subscribe("o-1", () => {});
  other.subscribe("o-2", () => {});
  await clock.advance(1_000);
  assert.deepEqual(store.only, { "o:o-1": [1, "epoch-1"], "o:o-2": [1, "epoch-1"] });
});

test("A tab that is behind does not set back the position of another", async () => {
  const store = new MapStore();
  const { server, clock, client, open } = setUp({ store });
  server.emit("o-1", "1");
  client.subscribe("o-1", () => {});
  await clock.advance(0);
  server.emit("o-1", "2");
  await clock.advance(1_000);
  const behind = open();
  behind.subscribe("o-1", null, { after: 0 });
  await clock.advance(2_000);
  assert.deepEqual(store.only, { "o:o-1": [2, "epoch-1"] });
});

test("A tab keeps its position although another tab has unsubscribed", async () => {
  const store = new MapStore();
  const { server, clock, client, page, open } = setUp({ store });
  server.emit("o-1", "1");
  client.subscribe("o-1", () => {});
  const other = open().subscribe("o-1", () => {});
  await clock.advance(1_000);
  other.unsubscribe();
  await clock.advance(1_000);
  page.fire("pagehide");
  assert.deepEqual(store.only, { "o:o-1": [1, "epoch-1"] });
});

test("The organization has a position of its own", async () => {
  const store = new MapStore();
  const { server, clock, client } = setUp({ store, ...signed });
  client.subscribeAll(() => {});
  client.subscribe("o-1", () => {});
  await clock.advance(0);
  server.emit("o-2", "1");
  server.emit("o-1", "1");
  await clock.advance(1_000);
  assert.deepEqual(store.only, { "*": [2, "epoch-1"], "o:o-1": [1, "epoch-1"] });
});

test("A store that answers with promises works", async () => {
  const map = new MapStore();
  const store = {
    getItem: async (name: string) => map.getItem(name),
    setItem: async (name: string, text: string) => map.setItem(name, text),
  };
  const { server, clock, client, open } = setUp({ store });
  server.emit("o-1", "1");
  client.subscribe("o-1", () => {}, { after: 0 });
  await clock.advance(1_000);
  client.close();
  server.emit("o-1", "2");
  const versions: number[] = [];
  open().subscribe("o-1", e => versions.push(e.version));
  await clock.advance(0);
  assert.deepEqual([versions, map.only], [[2], { "o:o-1": [1, "epoch-1"] }]);
});

for (const [name, store] of Object.entries({
  "throws": { getItem: () => { throw new Error("blocked"); }, setItem: () => {} },
  "rejects": { getItem: () => Promise.reject(new Error("blocked")), setItem: () => {} },
  "is full": { getItem: () => null, setItem: () => { throw new Error("blocked"); } },
  "rejects a write": { getItem: () => null, setItem: () => Promise.reject(new Error("blocked")) },
  "is not there": "sessionStorage" as const,
})) {
  test(`A store that ${name} is reported and events come`, async () => {
    const { server, clock, client, errors } = setUp({ store });
    server.emit("o-1", "1");
    const versions: number[] = [];
    client.subscribe("o-1", e => versions.push(e.version), { after: 0 });
    await clock.advance(2_000);
    assert.deepEqual([versions, errors[0]?.code], [[1], "store_failed"]);
  });
}

test("A store with something else in it is not believed", async () => {
  const store = new MapStore();
  store.getItem = () => '{"o:o-1":["x"],"o:o-2":[-1,"e"],"o:o-3":7}';
  const { server, clock, client } = setUp({ store });
  server.emit("o-1", "1");
  const sub = client.subscribe("o-1", () => {});
  await clock.advance(0);
  assert.deepEqual([sub.error, sub.position?.after], [undefined, 1]);
});

test("At most 1,000 positions are stored, the newest ones", async () => {
  const store = new MapStore();
  const { server, clock, client, open } = setUp({ store });
  for (const [tab, count] of [[client, 900], [open(), 200]] as const) {
    for (let i = 0; i < count; i++) {
      server.emit(`o-${count}-${i}`, "created");
      tab.subscribe(`o-${count}-${i}`, () => {});
    }
    await clock.advance(1_000);
    tab.close();
  }
  const keys = Object.keys(store.only as object);
  assert.deepEqual([keys.length, keys[0], keys.at(-1)], [1_000, "o:o-900-100", "o:o-200-199"]);
});
