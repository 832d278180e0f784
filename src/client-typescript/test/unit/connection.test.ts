import assert from "node:assert/strict";
import { test } from "node:test";
import { received, setUp, signed } from "../setup.ts";

test("The state goes from waiting over connecting to connected, back to waiting, and to closed", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "created");
  const states = [client.state as string];
  client.on("state", state => states.push(state));
  client.subscribe("o-1");
  await clock.advance(0);
  server.drop();
  await clock.advance(1_000);
  client.close();
  assert.deepEqual(states, ["waiting", "connecting", "connected", "waiting", "connecting", "connected", "closed"]);
});

test("A client does not connect before something is subscribed", async () => {
  const { server, clock } = setUp();
  await clock.advance(60_000);
  assert.equal(server.opened, 0);
});

test("A connection without subscriptions closes after 5 s", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "created");
  const sub = client.subscribe("o-1", () => {});
  await clock.advance(0);
  sub.unsubscribe();
  await clock.advance(4_999);
  assert.equal(server.connections, 1);
  await clock.advance(1);
  assert.deepEqual([server.connections, client.state], [0, "waiting"]);
});

test("The longest delays double up to 20 s and attempts never end", async () => {
  const { server, clock, client } = setUp();
  clock.randomValue = 1;
  server.refuse({ on: "open", times: 1_000 });
  client.subscribe("o-1", () => {});
  await clock.advance(0);
  const delays: number[] = [];
  for (let i = 0; i < 9; i++) {
    const before = clock.now();
    const opened = server.opened;
    while (server.opened === opened) {
      await clock.advance(250);
    }
    delays.push(clock.now() - before);
  }
  assert.deepEqual(delays, [1_000, 1_500, 2_500, 4_500, 8_500, 16_500, 20_000, 20_000, 20_000]);
});

test("The shortest delay is 0.5 s", async () => {
  const { server, clock, client } = setUp();
  server.refuse({ on: "open", times: 1_000 });
  client.subscribe("o-1", () => {});
  await clock.advance(10_000);
  assert.equal(server.opened, 21);
});

test("Delays start again only after a stable minute", async () => {
  const { server, clock, client } = setUp();
  clock.randomValue = 1;
  server.emit("o-1", "created");
  client.subscribe("o-1", () => {});
  await clock.advance(0);
  const comesBackWithin = async (ms: number) => {
    server.drop();
    await clock.advance(ms);
    return server.connections === 1;
  };
  assert.equal(await comesBackWithin(1_000), true);
  assert.equal(await comesBackWithin(1_499), false);
  await clock.advance(1);
  assert.equal(await comesBackWithin(2_499), false);
  await clock.advance(1);
  await clock.advance(60_000);
  assert.equal(await comesBackWithin(1_000), true);
});

for (const code of ["invalid_api_key", "invalid_signature", "access_denied", "already_authenticated"]) {
  test(`A connect that is refused with ${code} stops the client`, async () => {
    const { server, clock, client, errors } = setUp();
    server.refuse({ on: "connect", code });
    const sub = client.subscribe("o-1", () => {});
    await clock.advance(300_000);
    assert.deepEqual([server.opened, client.state, client.error?.code, sub.error?.code], [1, "closed", code, code]);
    assert.deepEqual(errors.map(error => error.code), [code]);
  });
}

for (const status of [1003, 1007, 1009]) {
  test(`A close with ${status} stops the client`, async () => {
    const { server, clock, client } = setUp();
    server.emit("o-1", "created");
    client.subscribe("o-1", () => {});
    await clock.advance(0);
    server.drop(status);
    await clock.advance(300_000);
    assert.deepEqual([server.opened, client.state, client.error?.code], [1, "closed", "protocol"]);
  });
}

const temporary: [number, string?][] = [[1008, "rate_limited"], [1008, "not_authenticated"], [1008],
  [1001, "unavailable"], [1006], [1011, "unavailable"], [1012, "unavailable"], [1013, "unavailable"]];
for (const [status, code] of temporary) {
  test(`A close with ${status} after ${code} does not stop the client`, async () => {
    const { server, clock, client } = setUp();
    server.emit("o-1", "created");
    client.subscribe("o-1", () => {});
    await clock.advance(0);
    server.drop(status, code);
    await clock.advance(500);
    assert.equal(client.state, "connected");
  });
}

test("A key that is revoked stops the client and says so", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "created");
  const sub = client.subscribe("o-1", () => {});
  await clock.advance(0);
  server.drop(1008, "invalid_api_key");
  await clock.advance(0);
  assert.equal(client.state, "closed");
  assert.deepEqual([client.error?.code, sub.error?.code], ["invalid_api_key", "invalid_api_key"]);
});

test("A connect that is refused for a while is retried, not before retry_after_ms", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "created");
  server.refuse({ on: "connect", code: "rate_limited", retryAfterMs: 7_000 });
  client.subscribe("o-1", () => {});
  await clock.advance(6_999);
  assert.equal(server.opened, 1);
  await clock.advance(1);
  assert.equal(client.state, "connected");
});

test("A signature is asked for with every connection", async () => {
  let asked = 0;
  const { server, clock, client } = setUp({ getSignature: async () => `signature ${++asked}` });
  client.subscribeAll(() => {});
  await clock.advance(0);
  server.drop();
  await clock.advance(500);
  const signatures = received(server, "connect").map(data => data.authorization_signature);
  assert.deepEqual(signatures, ["signature 1", "signature 2"]);
});

test("A client subscribes often without going around the back-off", async () => {
  const { server, clock, client } = setUp();
  server.refuse({ on: "open", times: 1_000 });
  for (let i = 0; i < 100; i++) {
    client.subscribe("o-1", () => {}).unsubscribe();
    await clock.advance(10);
  }
  assert.ok(server.opened <= 2, `opened ${server.opened} sockets in a second`);
});

test("Nothing is left when a client is closed", async () => {
  const { server, clock, client } = setUp(signed);
  client.subscribeAll(() => {});
  client.subscribe("o-1", () => {});
  await clock.advance(0);
  client.close();
  assert.deepEqual([clock.pending, server.connections, client.state], [0, 0, "closed"]);
});

test("A client that is closed while it connects opens nothing", async () => {
  let answer = (_: string) => {};
  const { server, clock, client } = setUp({ getSignature: () => new Promise(resolve => answer = resolve) });
  client.subscribe("o-1", () => {});
  await clock.advance(0);
  client.close();
  answer("signature");
  await clock.advance(60_000);
  assert.equal(server.opened, 0);
});

for (const [name, options] of [["url", {}], ["apiKey", { apiKey: "" }], ["fallback", { fallback: () => {} }],
  ["getToken", { getToken: "x" }], ["exclude each other", { getToken: () => "", getSignature: () => "" }]] as const) {
  test(`A wrong setting is named: ${name}`, async () => {
    const { OrdersClient } = await import("../../src/index.ts");
    const url = name === "url" ? "https://x/ws" : "wss://x/ws";
    assert.throws(() => new OrdersClient(url, { apiKey: "k", ...options } as any), new RegExp(name));
  });
}

test("A client that keeps its connection connects at once and stays connected without subscriptions", async () => {
  const { server, clock, open } = setUp();
  server.emit("o-1", "created");
  const client = open({ keepConnected: true });
  await clock.advance(60_000);
  assert.deepEqual([server.connections, client.state, server.opened], [1, "connected", 1]);
  client.subscribe("o-1", () => {}).unsubscribe();
  await clock.advance(60_000);
  server.drop();
  await clock.advance(1_000);
  assert.deepEqual([server.connections, client.state], [1, "connected"]);
  client.close();
  await clock.advance(60_000);
  assert.deepEqual([server.connections, clock.pending], [0, 0]);
});

test("A client keeps no second connection while the organization is subscribed", async () => {
  const { server, clock, open } = setUp(signed);
  const client = open({ keepConnected: true });
  const sub = client.subscribeAll(() => {});
  await clock.advance(0);
  assert.deepEqual([server.opened, client.state], [1, "connected"]);
  sub.unsubscribe();
  await clock.advance(60_000);
  assert.deepEqual([server.connections, client.state], [1, "connected"]);
  client.subscribeAll(() => {});
  await clock.advance(60_000);
  assert.deepEqual([server.connections, client.state], [1, "connected"]);
});

test("retryIn counts down to the next attempt", async () => {
  const { server, clock, client } = setUp();
  clock.randomValue = 1;
  server.emit("o-1", "created");
  assert.equal(client.retryIn, Infinity);
  client.subscribe("o-1", () => {});
  await clock.advance(0);
  assert.equal(client.retryIn, Infinity);
  const told: number[] = [];
  client.on("state", state => state === "waiting" && told.push(client.retryIn));
  server.refuse({ on: "open" });
  server.drop();
  await clock.advance(0);
  assert.equal(client.retryIn, 1_000);
  await clock.advance(600);
  assert.equal(client.retryIn, 400);
  await clock.advance(400);
  assert.equal(client.retryIn, 1_500);
  await clock.advance(1_500);
  assert.deepEqual([client.state, client.retryIn], ["connected", Infinity]);
  assert.deepEqual(told, [1_000, 1_500]);
  server.drop();
  await clock.advance(0);
  client.close();
  assert.equal(client.retryIn, Infinity);
});

test("retryIn is shorter when the page becomes visible", async () => {
  const { server, clock, client, page } = setUp();
  clock.randomValue = 1;
  server.emit("o-1", "created");
  client.subscribe("o-1", () => {});
  await clock.advance(0);
  server.drop();
  await clock.advance(0);
  page.fire("visibilitychange");
  assert.equal(client.retryIn, 500);
});
