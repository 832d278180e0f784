import { Liveness } from "./liveness.ts";
import type { ConnectData } from "./credentials.ts";
import type { SocketLike, Timers } from "./options.ts";
import type { Confirmation } from "./feed.ts";
import type { ServerError } from "./verdict.ts";
import type { OrderEvent } from "./types.ts";

const OPEN_TIMEOUT = 10_000;
const CONNECT_TIMEOUT = 15_000;

/** A reply to a request. */
export type Reply =
  | { type: "error"; data: ServerError }
  | { type: "connected"; data: { expires_at?: string } }
  | { type: "subscription"; data: Confirmation & { status: string } }
  | { type: "pong"; data?: undefined };

/** The reports of a session. */
export interface SessionHandler {
  /** The socket is open. */
  opened(): void;
  /** A connect was answered: the first one, or one with a newer token. */
  connected(credentials: ConnectData, reply: Reply): void;
  event(event: OrderEvent, size: number): void;
  /** The token expires soon. */
  expiring(expiresAt: string): void;
  /** The server has ended a subscription that the newest token does not cover. */
  uncovered(orderId: string | undefined): void;
  /** The session has ended: with the socket's close code, and the last error that did not answer a request. */
  ended(code: number, reason: ServerError | undefined): void;
}

/**
 * One socket: matches replies to requests, and ends when the socket closes or no longer answers. It never comes back;
 * the connection then makes a new one.
 */
export class Session {
  #socket: SocketLike;
  #timers: Timers;
  #handler: SessionHandler;
  #pending = new Map<number, (reply: Reply) => boolean>();
  #lastId = 0;
  #reason: ServerError | undefined;
  #liveness: Liveness | undefined;
  #deadline: unknown;
  #hasEnded = false;

  constructor(socket: SocketLike, timers: Timers, handler: SessionHandler, credentials: ConnectData) {
    this.#socket = socket;
    this.#timers = timers;
    this.#handler = handler;
    this.#deadline = timers.setTimeout(() => this.end(1006), OPEN_TIMEOUT);
    socket.onopen = () => {
      this.#handler.opened();
      this.#liveness = new Liveness(timers, {
        ping: () => this.send("ping", undefined, () => true),
        isBusy: () => this.#pending.size > 1,
        dead: () => this.end(1006),
      });
      this.connect(credentials);
    };
    socket.onmessage = message => this.#receive(message.data);
    socket.onclose = ({ code }) => this.end(code);
    // After an error of an open socket a close follows, which has the code. Node reports a refused upgrade only as an
    // error.
    socket.onerror = () => !this.#liveness && this.end(1006);
  }

  /** Sends a connect: the first one, or one with a newer token. */
  connect(credentials: ConnectData): void {
    this.#timers.clearTimeout(this.#deadline);
    this.#deadline = this.#timers.setTimeout(() => this.end(1006), CONNECT_TIMEOUT);
    this.send("connect", credentials, reply => {
      this.#timers.clearTimeout(this.#deadline);
      this.#handler.connected(credentials, reply);
      return true;
    });
  }

  /** Sends a request. `onReply` gets its replies until it returns true. */
  send(type: string, data: unknown, onReply: (reply: Reply) => boolean): void {
    const id = ++this.#lastId;
    this.#pending.set(id, onReply);
    this.#socket.send(JSON.stringify({ type, data, id }));
  }

  /** Asks for a sign of life. */
  probe(): void {
    this.#liveness?.probe();
  }

  /** Ends the session. Later events of the socket do not matter: a dead one may take minutes to close. */
  end(code: number, reason = this.#reason): void {
    if (!this.#hasEnded) {
      this.close();
      this.#handler.ended(code, reason);
    }
  }

  /** Closes the socket without a report. */
  close(): void {
    this.#hasEnded = true;
    this.#timers.clearTimeout(this.#deadline);
    this.#liveness?.stop();
    this.#pending.clear();
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    // Closing a socket that is not open yet is an error, of no interest any more.
    this.#socket.onerror = () => {};
    this.#socket.close(1000);
  }

  #receive(text: string): void {
    this.#liveness?.heard();
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      // Not our server, or a proxy in between. A new connection may be better.
      return this.end(1006, { code: "invalid_message", message: "The server sent no JSON" });
    }
    const { type, data, id } = message;
    const onReply = this.#pending.get(id);
    if (type === "event") {
      this.#handler.event(data, text.length);
    } else if (onReply) {
      if (onReply(message)) {
        this.#pending.delete(id);
      }
    } else if (type === "error") {
      this.#reason = data;
      // The server has dropped a message that it did not read, so nobody knows which request was lost: all begin again.
      if (data.code === "rate_limited" && this.#pending.size) {
        this.end(1013);
      }
    } else if (type === "expiring") {
      this.#handler.expiring(data.expires_at);
    } else if (type === "subscription" && data.status === "unsubscribed") {
      this.#handler.uncovered(data.order_id);
    }
  }
}
