import type { FakeSocket } from "./socket.ts";
import { numberIn, type Log, type LoggedEvent } from "./log.ts";
import type { Claims } from "./token.ts";

/** A reply without its type and id. */
export type Answer = { type: string; data?: object };

interface Entry {
  order_id?: string;
  after?: number;
  last?: number;
  epoch?: string;
}

/** One connection at the fake server: what it may watch, and what it has been sent. */
export class FakeSession {
  readonly socket: FakeSocket;
  claims: Claims | undefined;
  isSigned = false;
  isConnected = false;
  /** By order; `undefined` is the organization. */
  #subscriptions = new Map<string | undefined, { start: number; position: number }>();

  constructor(socket: FakeSocket) {
    this.socket = socket;
  }

  get orders(): (string | undefined)[] {
    return [...this.#subscriptions.keys()];
  }

  covers(orderId: string | undefined): boolean {
    const { claims } = this;
    return claims ? claims.scope === "organization" || (orderId !== undefined && !!claims.orders?.includes(orderId))
      : this.isSigned || orderId !== undefined;
  }

  subscribe(log: Log, epoch: string, { order_id: id, after, last, epoch: known }: Entry, reply: (a: Answer) => void) {
    const orderId = id || undefined;
    const confirmation = { order_id: orderId, scope: orderId ? "order" : "organization", status: "subscribed" };
    const mayAwait = this.isSigned || this.claims !== undefined;
    if (!this.covers(orderId) || (orderId && !log.has(orderId) && !mayAwait)) {
      return reply(error("access_denied", "access denied: no such order in your organization", orderId));
    }
    if (this.#subscriptions.has(orderId)) {
      return reply({ type: "subscription", data: confirmation });
    }
    if (this.#subscriptions.size >= 1_000) {
      return reply(error("too_many_subscriptions", "too many subscriptions: at most 1000 on one connection", orderId));
    }
    const { earliest, last: newest } = log.bounds(orderId);
    const wanted = after ?? Math.max(0, newest - (last ?? 0));
    const isOther = known !== undefined && (known !== epoch || wanted > newest);
    if (!isOther && wanted > newest) {
      return reply(error("invalid_message", `invalid message: after is ${wanted}, the newest event is ${newest}`, id));
    }
    const resumed = !isOther && wanted >= earliest - 1;
    const start = resumed ? wanted : earliest - 1;
    const isPlain = after === undefined && last === undefined && known === undefined;
    reply({
      type: "subscription",
      data: isPlain ? confirmation
        : { ...confirmation, resumed, ...(!resumed && { earliest }), epoch, position: newest },
    });
    const replay = log.after(orderId, start).filter(event => !this.#wasSent(event));
    this.#subscriptions.set(orderId, { start, position: newest });
    replay.forEach(event => this.#send(event, orderId === undefined));
  }

  unsubscribe(orderId: string | undefined): void {
    this.#subscriptions.delete(orderId || undefined);
  }

  /** A live event: once, whatever subscriptions match. */
  offer(event: LoggedEvent): void {
    const matching = [undefined, event.order_id].filter(orderId => this.#subscriptions.has(orderId));
    matching.forEach(orderId => this.#subscriptions.get(orderId)!.position = numberIn(event, orderId));
    if (matching.length > 0) {
      this.#send(event, matching[0] === undefined);
    }
  }

  // Whether another living subscription has sent the event.
  #wasSent(event: LoggedEvent): boolean {
    return [undefined, event.order_id].some(orderId => {
      const other = this.#subscriptions.get(orderId);
      const number = numberIn(event, orderId);
      return other !== undefined && number > other.start && number <= other.position;
    });
  }

  #send({ sequence, ...event }: LoggedEvent, withSequence: boolean): void {
    this.socket.push({ type: "event", data: withSequence ? { ...event, sequence } : event });
  }
}

/** An error message. */
export function error(code: string, message: string, orderId?: string, retryAfterMs?: number): Answer {
  return { type: "error", data: { code, message, order_id: orderId, retry_after_ms: retryAfterMs } };
}
