import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  OrdersClient, type Gap, type OrderEvent, type OrdersClientOptions, type OrdersError,
} from "../../src/index.ts";
import { Session } from "../../src/session.ts";
import type { SubscribeOptions } from "../../src/types.ts";
import { FakeClock, turns } from "../clock.ts";
import { ScriptedSocket } from "../scripted-socket.ts";
import { vectors } from "../vectors.ts";

const messages = vectors("messages.json");
const now = 1_700_000_000_000;

/** A client whose server is the test. */
class Rig {
  readonly clock = new FakeClock(now);
  readonly sockets: ScriptedSocket[] = [];
  readonly events: OrderEvent[] = [];
  readonly gaps: Gap[] = [];
  readonly errors: OrdersError[] = [];
  readonly client: OrdersClient;
  tokens = 0;

  constructor(options: Partial<OrdersClientOptions> = {}) {
    const { sockets } = this;
    const WebSocket = class extends ScriptedSocket {
      constructor() {
        super();
        sockets.push(this);
      }
    };
    this.client = new OrdersClient("wss://orders.example/ws", {
      apiKey: "oak_test", WebSocket, timers: this.clock, page: {}, ...options,
    });
    this.client.on("error", error => this.errors.push(error));
  }

  static withTokens(): Rig {
    const rig: Rig = new Rig({ getToken: () => `a.b.t${++rig.tokens}` });
    return rig;
  }

  get socket(): ScriptedSocket {
    return this.sockets.at(-1)!;
  }

  subscribe(orderId: string | undefined, options: SubscribeOptions) {
    const handler = (event: OrderEvent) => void this.events.push(event);
    const all = { ...options, onGap: (gap: Gap) => void this.gaps.push(gap) };
    return orderId === undefined
      ? this.client.subscribeAll(handler, all) : this.client.subscribe(orderId, handler, all);
  }

  /** Takes the next message of the client. */
  async take(type: string): Promise<any> {
    await this.clock.advance(50);
    const message = this.socket.sent.shift();
    assert.equal(message?.type, type);
    return message;
  }

  /** Connects and subscribes. The subscribe has no reply yet. */
  async request(orderId: string | undefined, options: SubscribeOptions) {
    const sub = this.subscribe(orderId, options);
    await this.reply((await this.take("connect")).id, { type: "connected", data: { status: "authenticated" } });
    return { sub, id: (await this.take("subscribe")).id };
  }

  /** Does the same, and confirms: the next event is the one after this number. */
  async live(orderId: string | undefined, number: number) {
    const { sub, id } = await this.request(orderId, { after: number });
    const scope = orderId === undefined ? "organization" : "order";
    const data = { order_id: orderId, scope, status: "subscribed", resumed: true, epoch: "k3v9", position: number };
    await this.reply(id, { type: "subscription", data });
    return sub;
  }

  /** The server sends the text of a vector, with the id of the request that it answers. */
  async reply(id: number, message: object | string): Promise<void> {
    const json = typeof message === "string" ? JSON.parse(message) : message;
    this.socket.receive({ ...json, id });
    await turns();
  }

  async push(text: string): Promise<void> {
    this.socket.receive(text);
    await turns();
  }
}

/** What a client must have understood, by the type of the message. */
const understood: Record<string, (text: string, meaning: any) => Promise<void>> = {
  async connected(text, { expires_at }) {
    const rig = expires_at ? Rig.withTokens() : new Rig();
    rig.subscribe("o-1", { after: 0 });
    await rig.reply((await rig.take("connect")).id, text);
    assert.equal(rig.client.state, "connected");
    if (expires_at) {
      const left = expires_at * 1_000 - rig.clock.date();
      await rig.clock.advance(left - 31_000);
      assert.equal(rig.tokens, 1);
      await rig.clock.advance(2_000);
      assert.equal(rig.tokens, 2);
    }
  },

  async subscription(text, { order_id, subscribed, resumed, earliest, epoch, position }) {
    const rig = new Rig();
    if (!subscribed) {
      const sub = await rig.live(order_id, 1);
      await rig.push(text);
      assert.equal(sub.error?.code, "access_denied");
      return;
    }
    const isFirst = position === 0 || resumed === undefined;
    const asked = resumed === false ? 5 : position;
    const { sub, id } = await rig.request(order_id, isFirst ? { last: 0 } : { after: asked, epoch });
    await rig.reply(id, text);
    assert.deepEqual([sub.ended, rig.errors], [false, []]);
    if (resumed === undefined) {
      return;
    }
    assert.deepEqual(sub.position, { after: resumed ? position : earliest - 1, epoch });
    const gap = { orderId: order_id, from: asked + 1, earliest, rewritten: false };
    assert.deepEqual(rig.gaps, resumed ? [] : [gap]);
  },

  async event(text, { type: _, ...meaning }) {
    const rig = new Rig();
    const order = meaning.sequence === undefined ? meaning.order_id : undefined;
    await rig.live(order, (order ? meaning.version : meaning.sequence) - 1);
    await rig.push(text);
    const [event, ...others] = rig.events;
    assert.deepEqual(others, []);
    // Fields of later versions may be there.
    assert.deepEqual({ ...event, ...meaning }, event);
    assert.deepEqual(event!.details, JSON.parse(text).data.details);
  },

  async error(text, { code, message, order_id, retry_after_ms }) {
    const rig = new Rig();
    if (order_id) {
      const { sub, id } = await rig.request(order_id, { after: 0 });
      await rig.reply(id, text);
      assert.deepEqual([sub.error?.code, sub.error?.message, sub.error?.orderId], [code, message, order_id]);
    } else if (retry_after_ms) {
      const { sub, id } = await rig.request("o-1", { after: 0 });
      await rig.reply(id, text);
      await rig.clock.advance(retry_after_ms - 1);
      assert.deepEqual([rig.socket.sent, rig.sockets.length, sub.ended], [[], 1, false]);
      await rig.clock.advance(20_000);
      await rig.take("subscribe");
    } else {
      rig.subscribe("o-1", { after: 0 });
      await rig.reply((await rig.take("connect")).id, text);
      const { state, error } = rig.client;
      assert.deepEqual([state, error?.code, error?.message], ["closed", code, message]);
    }
  },

  async expiring(text) {
    const rig = Rig.withTokens();
    await rig.live("o-1", 1);
    await rig.clock.advance(2_000);
    await rig.push(text);
    assert.equal((await rig.take("connect")).data.token, "a.b.t2");
  },

  async pong(text, { id }) {
    const rig = new Rig();
    await rig.live("o-1", 1);
    rig.socket.answersPings = false;
    await rig.clock.advance(25_000);
    assert.equal(rig.socket.pings, 1);
    await rig.push(id === undefined ? text : JSON.stringify({ ...JSON.parse(text), id: 3 }));
    await rig.clock.advance(10_000);
    assert.deepEqual([rig.client.state, rig.sockets.length], ["connected", 1]);
  },

  async ignored(text) {
    const rig = new Rig();
    const sub = await rig.live("o-1", 1);
    await rig.push(text);
    assert.deepEqual(
      [rig.client.state, sub.ended, rig.events, rig.errors, rig.socket.sent], ["connected", false, [], [], []]);
  },
};

describe("messages.json", () => {
  for (const { name, text, meaning } of [...messages.server, ...messages.later_versions]) {
    test(`${name}: the client understands it`, () => understood[meaning.type]!(text, meaning));
  }

  for (const { name, request, text } of messages.client) {
    test(`${name}: the client sends it`, async () => {
      const { id: _, ...one } = request;
      const [[type, data]] = Object.entries(one) as [[string, any]];
      const socket = new ScriptedSocket();
      const sent: any[] = [];
      socket.send = message => void sent.push(JSON.parse(message));
      const none = () => {};
      const handler = { opened: none, connected: none, event: none, expiring: none, uncovered: none, ended: none };
      const session = new Session(socket, new FakeClock(), handler, type === "connect" ? data : { api_key: "k" });
      await turns();
      if (type !== "connect") {
        session.send(type, type === "ping" ? undefined : data, () => true);
      }
      session.close();
      // The client numbers its requests itself.
      const expected = JSON.parse(text);
      delete expected.id;
      const { id, ...message } = sent.at(-1);
      assert.ok(Number.isInteger(id));
      assert.deepEqual(message, expected);
    });
  }
});
