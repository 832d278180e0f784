import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { eventStreams, OrdersClient, type Gap, type OrdersClientOptions, type OrdersError } from "../../src/index.ts";
import { Proxy } from "./proxy.ts";
import { createSignature, createToken, eventually, needsServer, RealServer } from "./real-server.ts";

/** A WebSocket that shows every message of the server. */
function recording(show: (message: any) => void): any {
  return class extends WebSocket {
    constructor(url: string) {
      super(url);
      this.addEventListener("message", ({ data }) => show(JSON.parse(data)));
    }
  };
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe("The client and the real server", needsServer, () => {
  let server: RealServer;
  let orders = 0;
  const clients: OrdersClient[] = [];
  const errors: OrdersError[] = [];

  before(async () => server = await RealServer.start());
  after(async () => {
    clients.forEach(client => client.close());
    await server?.dispose();
  });

  const newOrder = () => `order-${++orders}`;
  const publish = (orderId: string, ...statuses: string[]) =>
    server.publish(...statuses.map(status => ({ order_id: orderId, status })));
  const open = (options: Partial<OrdersClientOptions> = {}, port = server.port) => {
    const client = new OrdersClient(`ws://127.0.0.1:${port}/ws`, { apiKey: "demo-key", ...options });
    client.on("error", error => errors.push(error));
    clients.push(client);
    return client;
  };

  test("Events come once and in order over kills of the server", async () => {
    const order = newOrder();
    await publish(order, "1");
    const client = open({ getSignature: createSignature });
    const versions: number[] = [];
    const sequences: number[] = [];
    client.subscribe(order, e => versions.push(e.version), { after: 0 });
    client.subscribeAll(e => sequences.push(e.sequence!), { after: 0 });
    for (let kill = 0; kill < 3; kill++) {
      await publish(order, "a", "b");
      const publishing = publish(order, ...Array(50).fill("during"));
      await server.kill();
      await server.start();
      await publishing;
    }
    const counts = () => [versions.length, sequences.length];
    await eventually(() => counts().every(count => count >= 157), counts);
    await sleep(500);
    assert.deepEqual(versions, range(157));
    assert.deepEqual(sequences, range(sequences.length));
    client.close();
  });

  for (const fault of ["cut", "reset", "swallow"] as const) {
    test(`Events come once and in order over a network that does this: ${fault}`, async () => {
      const proxy = await Proxy.start(server.port);
      proxy.slices = true;
      const order = newOrder();
      await publish(order, "1");
      const client = open({}, proxy.port);
      const versions: number[] = [];
      client.subscribe(order, e => versions.push(e.version), { after: 0 });
      const faults = fault === "swallow" ? 1 : 5;
      for (let i = 0; i < faults; i++) {
        await eventually(() => client.state === "connected");
        await publish(order, "a", "b", "c");
        proxy[fault]();
        await publish(order, "d", "e", "f");
      }
      await eventually(() => versions.length >= 1 + 6 * faults, () => versions);
      assert.deepEqual(versions, range(1 + 6 * faults));
      client.close();
      await proxy.dispose();
    });
  }

  test("1,000 subscriptions are back within 5 s after a cut and none is rate limited", async () => {
    const proxy = await Proxy.start(server.port);
    const ids = range(1_000).map(i => `many-${i}-${"x".repeat(40)}`);
    await server.publish(...ids.map(order_id => ({ order_id, status: "created" })));
    const client = open({}, proxy.port);
    const got = new Map<string, number[]>(ids.map(id => [id, []]));
    const ready = ids.map(id => client.subscribe(id, e => got.get(id)!.push(e.version)));
    await eventually(() => ready.every(sub => sub.position !== undefined));
    errors.length = 0;
    proxy.cut();
    const cutAt = Date.now();
    await server.publish(...ids.map(order_id => ({ order_id, status: "packed" })));
    await eventually(() => [...got.values()].every(versions => versions.length === 1));
    const took = Date.now() - cutAt;
    assert.ok(took < 5_000, `took ${took} ms`);
    assert.deepEqual(errors, []);
    client.close();
    await proxy.dispose();
  });

  test("A short token is renewed without a reconnect and nothing is missed", async () => {
    const proxy = await Proxy.start(server.port);
    const order = newOrder();
    let asked = 0;
    const client = open({ getToken: () => (asked++, createToken({ orders: [order], lifetime: 8 })) }, proxy.port);
    const versions: number[] = [];
    client.subscribe(order, e => versions.push(e.version), { after: 0 });
    for (let i = 0; i < 20; i++) {
      await publish(order, "x");
      await sleep(1_000);
    }
    await eventually(() => versions.length >= 20);
    assert.deepEqual([versions, proxy.accepted], [range(20), 1]);
    assert.ok(asked >= 3 && asked <= 12, `asked ${asked} times`);
    client.close();
    await proxy.dispose();
  });

  test("A token that cannot be renewed in time expires, and the client resumes with the next one", async () => {
    const order = newOrder();
    let asked = 0;
    const client = open({
      getToken: () => {
        if (++asked > 1 && asked < 5) {
          throw new Error("the backend is down");
        }
        return createToken({ orders: [order], lifetime: asked === 1 ? 3 : 3_600 });
      },
    });
    const versions: number[] = [];
    client.subscribe(order, e => versions.push(e.version), { after: 0 });
    await eventually(() => client.state === "connected");
    await eventually(() => asked >= 5);
    await publish(order, "1", "2");
    await eventually(() => versions.length >= 2);
    assert.deepEqual(versions, [1, 2]);
    client.close();
  });

  test("A wrong key and a token with a wrong signature stop the client", async () => {
    const getToken = () => createToken({ orders: ["o"] }).slice(0, -4) + "AAAA";
    for (const options of [{ apiKey: "wrong" }, { getToken }]) {
      const client = open(options);
      client.subscribe("o", () => {});
      await eventually(() => client.state === "closed");
      assert.equal(client.error?.code, "apiKey" in options ? "invalid_api_key" : "invalid_token");
    }
  });

  test("A history that was rewritten is reported and read again", async () => {
    const order = newOrder();
    await publish(order, "1", "2");
    const client = open();
    const seen: number[] = [];
    const gaps: Gap[] = [];
    const sub = client.subscribe(order, e => seen.push(e.version), { after: 0, onGap: gap => gaps.push(gap) });
    await eventually(() => seen.length === 2);
    const { epoch } = sub.position!;
    await server.kill("SIGTERM");
    server.run("epoch", "new");
    await server.start();
    await eventually(() => seen.length === 4);
    assert.deepEqual([seen, gaps], [[1, 2, 1, 2], [{ orderId: order, from: 3, earliest: 1, rewritten: true }]]);
    assert.notEqual(sub.position!.epoch, epoch);
    client.close();
  });

  test("An event stream over HTTP takes over if WebSockets are blocked, and WebSockets later", async () => {
    const proxy = await Proxy.start(server.port);
    proxy.forbidden = "GET /ws";
    const order = newOrder();
    await publish(order, "1");
    const client = open({ getToken: () => createToken({ scope: "organization" }), fallback: eventStreams }, proxy.port);
    const versions: number[] = [];
    let all = 0;
    const one = client.subscribe(order, e => versions.push(e.version), { after: 0 });
    const whole = client.subscribeAll(() => all++);
    await eventually(() => one.position !== undefined && whole.position !== undefined);
    await publish(order, "2", "3");
    await eventually(() => versions.length === 3 && all === 2);
    proxy.cut();
    await publish(order, "4");
    await eventually(() => versions.length === 4 && all === 3);
    proxy.forbidden = undefined;
    proxy.reset();
    await publish(order, "5");
    await eventually(() => versions.length === 5 && all === 4);
    assert.deepEqual(versions, range(5));
    client.close();
    await proxy.dispose();
  });

  test("A token is renewed over an event stream", async () => {
    const proxy = await Proxy.start(server.port);
    proxy.forbidden = "GET /ws";
    const order = newOrder();
    let asked = 0;
    const getToken = () => (asked++, createToken({ orders: [order], lifetime: 8 }));
    const client = open({ getToken, fallback: eventStreams }, proxy.port);
    const versions: number[] = [];
    client.subscribe(order, e => versions.push(e.version), { after: 0 });
    for (let i = 0; i < 15; i++) {
      await publish(order, "x");
      await sleep(1_000);
    }
    await eventually(() => versions.length >= 15, () => versions);
    assert.deepEqual(versions, range(15));
    assert.ok(asked >= 2 && asked <= 15, `asked ${asked} times`);
    client.close();
    await proxy.dispose();
  });

  test("A stream is refused with the code of /ws", async () => {
    const proxy = await Proxy.start(server.port);
    proxy.forbidden = "GET /ws";
    const client = open({ getToken: () => createToken({ orders: ["mine"] }), fallback: eventStreams }, proxy.port);
    const sub = client.subscribe("somebody else's/ü", () => {});
    const dots = client.subscribe("..", () => {});
    await eventually(() => sub.ended && dots.ended);
    assert.deepEqual([sub.error?.code, dots.error?.code], ["access_denied", "access_denied"]);
    assert.notEqual(client.state, "closed");
    client.close();
    await proxy.dispose();
  });

  test("Orders that the server refuses to look up for a while are retried until it answers", async () => {
    const client = open();
    errors.length = 0;
    const limited = { times: 0 };
    const ids = range(60).map(i => `nobody's-${i}`);
    const subs = ids.map(id => client.subscribe(id, () => {}));
    const count = ({ data }: any) => limited.times += data?.code === "rate_limited" ? 1 : 0;
    const watched = open({ WebSocket: recording(count) });
    const more = ids.map(id => watched.subscribe(`${id}-too`, () => {}));
    await eventually(() => [...subs, ...more].every(sub => sub.ended), () => limited);
    assert.ok(limited.times > 0);
    assert.deepEqual(new Set(errors.map(error => error.code)), new Set(["access_denied"]));
    client.close();
    watched.close();
  });

  test("A server that stops with unavailable is awaited", async () => {
    const order = newOrder();
    await publish(order, "1");
    const codes: string[] = [];
    const client = open({ WebSocket: recording(({ type, data }) => type === "error" && codes.push(data.code)) });
    const versions: number[] = [];
    client.subscribe(order, e => versions.push(e.version), { after: 0 });
    await eventually(() => versions.length === 1);
    const { state } = client;
    await server.kill("SIGTERM");
    await eventually(() => client.state !== "connected");
    await sleep(3_000);
    await server.start();
    await publish(order, "2");
    await eventually(() => versions.length === 2);
    assert.deepEqual([state, versions, codes], ["connected", [1, 2], ["unavailable"]]);
    client.close();
  });
});
