import assert from "node:assert/strict";
import { OrdersClient, type OrderSubscription } from "../src/index.ts";
import { FakeClock, turns } from "./clock.ts";
import { ScriptedSocket } from "./scripted-socket.ts";

// Shorter than any back-off, so that the player answers each connection that the client opens.
const STEP = 100;
// A client may take its time, for example to renew a short token at half of its life.
const TIMEOUT = 60_000;

/**
 * Plays a session of `sessions.json`: the test is the server. Two things differ from the script, and both are in the
 * client's documentation:
 *
 * - The client has a connection for the orders and another one for the organization. So it opens two where the script
 *   opens one, and an event of both comes on each of them.
 * - To begin with the next event, the client asks for the newest event (`last: 1`) instead of none (`last: 0`). Then
 *   the player sends that event, as the server does.
 */
export class SessionPlayer {
  #session: any;
  #clock = new FakeClock(Date.UTC(2026, 0, 2, 3, 4));
  #client: OrdersClient;
  #opened: ScriptedSocket[] = [];
  #current: ScriptedSocket[] = [];
  #scopes: number;
  #round = 0;
  #expected: any[] = [];
  /** The socket and the id of the last request for each feed and each connect. */
  #requests = new Map<string, { socket: ScriptedSocket; id: number }>();
  /** The socket on which each feed is live. */
  #live = new Map<string, ScriptedSocket>();
  #wantsNewest = new Set<string>();
  #published: any[] = [];
  #subscriptions = new Map<string, OrderSubscription>();
  #handled = new Map<string, string[]>();

  constructor(session: any) {
    this.#session = session;
    const { client, subscriptions } = session;
    const { tokens, signatures } = client;
    const opened = this.#opened;
    const WebSocket = class extends ScriptedSocket {
      constructor() {
        super();
        opened.push(this);
      }
    };
    let given = 0;
    this.#client = new OrdersClient("wss://orders.example/ws", {
      apiKey: client.api_key, timers: this.#clock, page: {}, WebSocket,
      getToken: tokens && (() => `a.b.${tokens[given++].token}`),
      // Each of the connections asks for one.
      getSignature: signatures && (() => signatures[this.#round]),
    });
    // The handlers also see the errors that the client reports.
    this.#client.on("error", () => {});
    this.#scopes = new Set(subscriptions.map((each: any) => each.order_id === undefined)).size;
    subscriptions.forEach((each: any) => this.#subscribe(each));
  }

  async play(): Promise<void> {
    for (const step of this.#session.steps) {
      const [[name, value]] = Object.entries(step) as [[string, any]];
      if (name === "send") {
        this.#expected.push(value);
      } else {
        await this.#expectSent();
        await this.#step(name, value);
      }
    }
    await this.#expectSent();
  }

  /** Asserts that the handlers have seen what the session says. */
  async expectHandled(): Promise<void> {
    await turns();
    const wanted = new Map<string, string[]>();
    for (const { subscription, ...what } of this.#session.handled) {
      const feed = subscription ? subscription.order_id ?? "*" : "client";
      wanted.set(feed, [...wanted.get(feed) ?? [], describe(what)]);
    }
    const { error } = this.#client;
    if (error) {
      // The message of a client's own error has the status with which the server closed.
      const status = /closed with (\d+)/.exec(error.message)?.[1];
      this.#handled.set("client", [`stopped ${error.code === "protocol" ? status : error.code}`]);
      // The end of the client ends all subscriptions.
      for (const [feed, lines] of this.#handled) {
        if (feed !== "client") {
          assert.equal(lines.pop(), `ended ${error.code}`);
        }
      }
    }
    for (const feed of new Set([...wanted.keys(), ...this.#handled.keys()])) {
      assert.deepEqual(this.#handled.get(feed) ?? [], wanted.get(feed) ?? [], `what ${feed} has handled`);
    }
    this.#client.close();
  }

  #subscribe({ order_id, after, last, epoch }: any): void {
    const lines: string[] = [];
    this.#handled.set(order_id ?? "*", lines);
    const handler = (event: any) => void lines.push(describe({ event }));
    const options = {
      after, last, epoch,
      onGap: ({ from, earliest, rewritten }: any) =>
        void lines.push(describe({ gap: { after: from - 1, earliest, rewritten } })),
      onError: ({ code }: any) => void lines.push(`ended ${code}`),
    };
    this.#subscriptions.set(order_id ?? "*", order_id === undefined
      ? this.#client.subscribeAll(handler, options) : this.#client.subscribe(order_id, handler, options));
  }

  async #step(name: string, value: any): Promise<void> {
    switch (name) {
      case "open": return this.#open();
      case "resend": return this.#expectResent(value);
      case "receive": return this.#receive(value);
      case "close": return this.#end(value);
      case "cut": return this.#end(1_006);
      case "advance": return this.#advance(value);
      case "publish":
        this.#published.push(value);
        return;
      case "unsubscribe":
        await turns();
        return this.#subscriptions.get(value.order_id ?? "*")!.unsubscribe();
      case "silent":
        await turns();
        assert.deepEqual(this.#current.flatMap(socket => socket.sent), []);
        assert.deepEqual(this.#opened, []);
        return;
      default: assert.fail(`The step ${name} is not known`);
    }
  }

  async #open(): Promise<void> {
    await this.#until(() => this.#opened.length >= this.#scopes);
    assert.equal(this.#opened.length, this.#scopes, "open connections");
    this.#current = this.#opened.splice(0);
    this.#live.clear();
    this.#requests.clear();
  }

  /** Lets time pass until the client has done something. */
  async #until(condition: () => boolean): Promise<void> {
    for (let waited = 0; !condition() && waited < TIMEOUT; waited += STEP) {
      await this.#clock.advance(STEP);
    }
  }

  async #advance(ms: number): Promise<void> {
    for (let left = ms; left > 0 && this.#opened.length < this.#scopes; left -= STEP) {
      await this.#clock.advance(Math.min(left, STEP));
    }
  }

  #end(code: number): void {
    this.#round++;
    this.#current.forEach(socket => socket.end(code));
  }

  async #expectSent(): Promise<void> {
    await this.#clock.advance(0);
    const entries: string[] = [];
    const received: string[] = [];
    for (const wanted of this.#expected.splice(0)) {
      if (wanted.type === "subscribe") {
        entries.push(...(wanted.data.orders ?? [wanted.data]).map((entry: any) => canonical(entry)));
        continue;
      }
      await this.#until(() => this.#current.some(socket => socket.sent.length > 0));
      for (const socket of this.#current.filter(each => wanted.type === "connect" || each.sent.length > 0)) {
        assert.deepEqual(this.#take(socket), wanted);
      }
    }
    while (received.length < entries.length) {
      const socket = this.#current.find(each => each.sent.length > 0);
      assert.ok(socket, `subscribes of ${entries}, and only ${received} were sent`);
      const { type, data } = this.#take(socket);
      assert.equal(type, "subscribe");
      received.push(...(data.orders ?? [data]).map((entry: any) => this.#entry(entry, entries)));
    }
    assert.deepEqual(received.sort(), entries.sort());
  }

  /** An entry as the script has it. */
  #entry(entry: any, entries: string[]): string {
    const fromNow = canonical({ ...entry, last: 0 });
    if (entry.last === 1 && entries.includes(fromNow)) {
      this.#wantsNewest.add(entry.order_id ?? "*");
      return fromNow;
    }
    return canonical(entry);
  }

  async #expectResent(expected: any): Promise<void> {
    if (this.#opened.length > 0) {
      await this.#open();
      if (expected.type !== "connect") {
        await turns();
        this.#current.forEach(socket => assert.equal(this.#take(socket).type, "connect"));
        this.#receive({ type: "connected", data: { status: "authenticated" } });
      }
    }
    this.#expected.push(expected);
    await this.#expectSent();
  }

  /** Takes a message, and notes its id for the reply. */
  #take(socket: ScriptedSocket): any {
    const message = socket.sent.shift();
    assert.ok(message, "a message was expected");
    const { id, ...rest } = message;
    for (const entry of rest.data?.orders ?? [rest.data]) {
      const key = rest.type === "connect" ? `connect ${this.#current.indexOf(socket)}` : entry.order_id ?? "*";
      this.#requests.set(key, { socket, id });
    }
    if (rest.data?.token) {
      rest.data.token = rest.data.token.replace("a.b.", "");
    }
    return rest;
  }

  // Replies carry the id of their request. The server does not know the id of a message that it has not read.
  #receive(message: any): void {
    const { type, data } = message;
    const connects = [...this.#requests.keys()].filter(key => key.startsWith("connect "));
    if (type === "connected" || (type === "error" && connects.length > 0)) {
      connects.forEach(key => this.#reply(key, message));
    } else if (type === "event") {
      this.#event(data);
    } else if ((type === "subscription" || data.order_id !== undefined) && this.#requests.has(data.order_id ?? "*")) {
      this.#confirm(data.order_id ?? "*", message);
    } else {
      this.#current.forEach(socket => socket.receive(message));
    }
  }

  #reply(key: string, message: any): ScriptedSocket {
    const { socket, id } = this.#requests.get(key)!;
    this.#requests.delete(key);
    socket.receive({ ...message, id });
    return socket;
  }

  #confirm(feed: string, message: any): void {
    const socket = this.#reply(feed, message);
    if (message.data.status === "subscribed") {
      this.#live.set(feed, socket);
      if (this.#wantsNewest.delete(feed) && message.data.position > 0) {
        this.#event(this.#numbered(feed, message.data.position));
      }
    }
  }

  #event(data: any): void {
    const { sequence, ...rest } = data;
    if (sequence !== undefined) {
      this.#live.get("*")!.receive({ type: "event", data });
    }
    // An order whose confirmation has not come has its events after it.
    this.#live.get(data.order_id)?.receive({ type: "event", data: rest });
  }

  /** The published event of an order with a version, as the server sends it. */
  #numbered(orderId: string, version: number): any {
    const event = this.#published.filter(each => each.order_id === orderId)[version - 1];
    return { organization_id: "acme", version, ...event };
  }
}

/** The text of an entry, independent of the order of its fields. Fields that are undefined are not sent. */
function canonical(entry: any): string {
  return JSON.stringify(Object.fromEntries(
    Object.entries(entry).filter(([, value]) => value !== undefined).sort(([one], [other]) => one < other ? -1 : 1)));
}

/** One line for what a handler has seen. */
function describe({ event, gap, refused, ended, stopped }: any): string {
  return event ? `event ${event.id} ${event.version} ${event.status}`
    : gap ? `gap after ${gap.after} earliest ${gap.earliest} rewritten ${gap.rewritten}`
    : stopped ? `stopped ${stopped}`
    // The client ends a subscription as if the server had refused it.
    : `ended ${ended ? "access_denied" : refused}`;
}
