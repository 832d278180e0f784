import type { SocketLike } from "../options.ts";
import type { OrderEvent } from "../types.ts";
import { Log } from "./log.ts";
import { error, FakeSession, type Answer } from "./session.ts";
import { FakeSocket } from "./socket.ts";
import { createToken, readToken, type Claims } from "./token.ts";

const MAX_RECEIVED = 10_000;

/** Settings of a fake server. */
export interface FakeServerOptions {
  /** The only key that is accepted. Default: every key is. */
  apiKey?: string;
  /** Default: `test`. */
  organizationId?: string;
}

/** A refusal of the fake server. */
export interface Refusal {
  /** `open` refuses the socket itself; the others answer the message with an error. */
  on: "open" | "connect" | "subscribe";
  /** The error's code. Default: `unavailable`. */
  code?: string;
  /** Only subscribes to this order. */
  orderId?: string;
  /** How often. Default: 1. */
  times?: number;
  /** Sent as `retry_after_ms`, ms. */
  retryAfterMs?: number;
}

/**
 * A server in memory for the unit tests of applications. It speaks the protocol of `/ws` without a network and without
 * timers: give its `WebSocket` to the client. It keeps all events, so that clients resume. Every token with claims that
 * can be read is accepted; signatures are not checked.
 */
export class FakeOrdersServer {
  /** The constructor for the client's option `WebSocket`. */
  readonly WebSocket: new (url: string) => SocketLike;
  /** The newest 10,000 messages from clients. */
  readonly received: { type: string; data?: any; id?: unknown }[] = [];
  #options: FakeServerOptions;
  #sessions = new Map<FakeSocket, FakeSession>();
  #refusals: (Refusal & { times: number })[] = [];
  #log: Log;
  #epochs = 1;
  #opened = 0;

  constructor(options: FakeServerOptions = {}) {
    this.#options = options;
    this.#log = new Log(options.organizationId ?? "test");
    const open = () => new FakeSocket({
      open: socket => this.#open(socket),
      receive: (socket, text) => this.#receive(this.#sessions.get(socket)!, text),
      closed: socket => this.#sessions.delete(socket),
    });
    this.WebSocket = class {
      constructor(_url: string) {
        return open();
      }
    } as unknown as new (url: string) => SocketLike;
  }

  /** The epoch of the history. */
  get epoch(): string {
    return `epoch-${this.#epochs}`;
  }

  /** The number of open connections. */
  get connections(): number {
    return this.#sessions.size;
  }

  /** How many sockets clients have tried to open. */
  get opened(): number {
    return this.#opened;
  }

  /** The orders that are subscribed, of all connections; `undefined` is the organization. */
  get subscriptions(): (string | undefined)[] {
    return [...this.#sessions.values()].flatMap(session => session.orders);
  }

  /** Creates a token. `lifetime` is in seconds, by default an hour. */
  token(claims: { orders?: string[]; scope?: "organization"; lifetime?: number }): string {
    const { lifetime = 3_600, ...rest } = claims;
    return createToken({ ...rest, exp: Math.floor(Date.now() / 1_000) + lifetime });
  }

  /** Publishes an event: stores it and sends it to the clients that are subscribed. */
  emit(orderId: string, status: string, details?: Record<string, unknown>): OrderEvent {
    const event = this.#log.append(orderId, status, details);
    this.#sessions.forEach(session => session.offer(event));
    return event;
  }

  /** Closes all connections with a status: 1006, the default, is a lost network. `code` is an error to send before. */
  drop(status = 1_006, code?: string): void {
    for (const { socket } of [...this.#sessions.values()]) {
      if (code) {
        socket.push(error(code, code));
      }
      socket.drop(status);
    }
  }

  /** Refuses what clients do next. */
  refuse(refusal: Refusal): void {
    this.#refusals.push({ times: 1, ...refusal });
  }

  /** Says that tokens expire soon; with `now`, that they have expired, and closes their connections. */
  expire(options: { now?: boolean } = {}): void {
    for (const { socket, claims } of [...this.#sessions.values()]) {
      if (claims && options.now) {
        socket.push(error("token_expired", "expired token"));
        socket.drop(1_008);
      } else if (claims) {
        socket.push({ type: "expiring", data: { expires_at: time(claims) } });
      }
    }
  }

  /** Begins another history without events, in a new epoch, and closes all connections, as a restored backup does. */
  rewrite(): void {
    this.#epochs++;
    this.#log = new Log(this.#options.organizationId ?? "test");
    this.drop(1_012, "unavailable");
  }

  /** Forgets all but the newest events of the organization, as the retention time does. */
  keep(count: number): void {
    this.#log.keep(count);
  }

  /** From now on nothing arrives on the open connections, in both directions, and they do not close. */
  freeze(): void {
    for (const { socket } of [...this.#sessions.values()]) {
      socket.isDead = true;
      this.#sessions.delete(socket);
    }
  }

  /** Waits until everything that is on its way has arrived. It needs no timers. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 50; turn++) {
      await Promise.resolve();
    }
  }

  #open(socket: FakeSocket): void {
    this.#opened++;
    if (this.#takeRefusal("open")) {
      socket.drop(1_006);
    } else {
      this.#sessions.set(socket, new FakeSession(socket));
      socket.accept();
    }
  }

  #receive(session: FakeSession, text: string): void {
    const reply = (answer: Answer) => session.socket.push({ ...answer, id: message?.id });
    const message = parse(text);
    if (!message) {
      return reply(error("invalid_message", "invalid message: expected a JSON object with a type"));
    }
    if (new TextEncoder().encode(text).length > 16_384) {
      return session.socket.drop(1_009);
    }
    this.received.push(message);
    this.received.splice(0, this.received.length - MAX_RECEIVED);
    const data = message.data ?? {};
    if (message.type === "connect") {
      this.#connect(session, data, reply);
    } else if (!session.isConnected) {
      reply(error("not_authenticated", "not authenticated: connect first", data.order_id));
    } else if (message.type === "subscribe") {
      for (const entry of data.orders ?? [data]) {
        const refusal = this.#takeRefusal("subscribe", entry.order_id);
        if (refusal) {
          reply(error(refusal.code ?? "unavailable", "refused", entry.order_id, refusal.retryAfterMs));
        } else {
          session.subscribe(this.#log, this.epoch, entry, reply);
        }
      }
    } else if (message.type === "unsubscribe") {
      session.unsubscribe(data.order_id);
      reply(unsubscribed(data.order_id));
    } else {
      reply(message.type === "ping" ? { type: "pong" } : error("unknown_type", "unknown message type"));
    }
  }

  #connect(session: FakeSession, data: any, reply: (answer: Answer) => void): void {
    const refusal = this.#takeRefusal("connect");
    const claims = data.token ? readToken(data.token) : undefined;
    if (refusal) {
      return reply(error(refusal.code ?? "unavailable", "refused", undefined, refusal.retryAfterMs));
    }
    if (!data.api_key || (this.#options.apiKey && data.api_key !== this.#options.apiKey)) {
      return reply(error("invalid_api_key", "invalid api_key: unknown"));
    }
    if (data.token && !claims) {
      return reply(error("invalid_token", "invalid token: its claims cannot be read, or exp is missing"));
    }
    session.isConnected = true;
    session.isSigned ||= data.authorization_signature !== undefined;
    session.claims = claims ?? session.claims;
    reply({ type: "connected", data: { status: "authenticated", ...(claims && { expires_at: time(claims) }) } });
    for (const orderId of session.orders.filter(each => !session.covers(each))) {
      session.unsubscribe(orderId);
      session.socket.push(unsubscribed(orderId));
    }
  }

  #takeRefusal(on: Refusal["on"], orderId?: string): Refusal | undefined {
    const refusal = this.#refusals.find(each =>
      each.on === on && each.times > 0 && (each.orderId === undefined || each.orderId === orderId));
    if (refusal) {
      refusal.times--;
    }
    return refusal;
  }
}

function parse(text: string): { type: string; data?: any; id?: unknown } | undefined {
  try {
    const message = JSON.parse(text);
    return typeof message?.type === "string" ? message : undefined;
  } catch {
    // Not JSON: the caller answers.
    return undefined;
  }
}

function time(claims: Claims): string {
  return new Date(Math.floor(claims.exp) * 1_000).toISOString().replace(".000Z", "Z");
}

function unsubscribed(orderId: string | undefined): Answer {
  const scope = orderId ? "order" : "organization";
  return { type: "subscription", data: { order_id: orderId, scope, status: "unsubscribed" } };
}
