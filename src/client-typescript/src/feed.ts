import { OrdersError } from "./errors.ts";
import type { Positions } from "./positions.ts";
import type { Subscription } from "./subscription.ts";
import type { OrderEvent, Position, SubscribeOptions } from "./types.ts";

/** The data of a confirmation. */
export interface Confirmation {
  readonly order_id?: string;
  readonly resumed?: boolean;
  readonly earliest?: number;
  readonly epoch?: string;
  readonly position?: number;
}

/** The fields of a subscribe that say where it begins. */
export type ResumeRequest = { after: number; epoch?: string | undefined } | { last: number };

/**
 * One order or the organization: one subscription at the server, shared by all handles. It survives connections.
 *
 * `position` is the number of the last event received. Every reconnect asks for the events after it, and an event that
 * is not newer is dropped. So each handle gets every event once and in order.
 *
 * The first request of a feed begins where its handles want it. A handle that joins after the request was sent gets
 * the events from then on. With `last: 1` it gets the newest event first, which is why a feed keeps that event and
 * always asks for at least one. It cannot ask for more, because the server sends each event once.
 */
export class Feed {
  /** The order; undefined for the organization. */
  readonly orderId: string | undefined;
  /** The name of its position in the store. */
  readonly key: string;
  readonly handles = new Set<Subscription>();
  /** Whether the server has confirmed it on this connection. Only then events are for this feed. */
  isLive = false;
  epoch: string | undefined;
  #positions: Positions;
  #position: number | undefined;
  #newest: { event: OrderEvent; number: number; size: number } | undefined;
  /** The newest number at the last confirmation. While the position is lower, its event is still to come. */
  #head = 0;
  #requested: ResumeRequest | undefined;
  /** The base of the first request. */
  #stored: Position | undefined;
  #asked: number | undefined;

  constructor(orderId: string | undefined, positions: Positions) {
    this.orderId = orderId;
    this.key = orderId === undefined ? "*" : `o:${orderId}`;
    this.#positions = positions;
  }

  /** Adds a handle, or returns why that is impossible. */
  join(handle: Subscription): OrdersError | undefined {
    if (!this.#canJoin(handle.options)) {
      return new OrdersError("already_subscribed", "Subscribed already. Unsubscribe for earlier events",
        this.orderId);
    }
    this.handles.add(handle);
    if (this.#position !== undefined) {
      const { last } = handle.options;
      const newest = last && this.#newest;
      handle.begin(newest ? newest.number - 1 : Math.max(this.#position, last ? this.#head - 1 : 0));
      if (newest) {
        // Later, so that the caller has its handle when its handler is called, but before the next event.
        queueMicrotask(() => {
          if (!handle.ended && handle.seen! < newest.number) {
            handle.deliver(newest.event, newest.number, newest.size);
          }
        });
      }
    }
    return undefined;
  }

  #canJoin({ after, epoch, last = 0 }: SubscribeOptions): boolean {
    if (!this.#requested) {
      return after === undefined
        || [...this.handles].every(({ options }) => options.after === undefined || options.epoch === epoch);
    }
    const position = this.#position;
    const hasNewest = position === undefined ? "last" in this.#requested
      : !position || position < this.#head || this.#newest;
    return (after === undefined || (after === position && epoch === this.epoch))
      && last < (hasNewest ? 2 : 1);
  }

  /** The start of the next subscribe. */
  request(): ResumeRequest {
    const after = this.#position;
    return this.#requested = after === undefined ? this.#firstRequest() : { after, epoch: this.epoch };
  }

  // A request that is enough for all handles. Each of them drops what it does not want.
  #firstRequest(): ResumeRequest {
    const all = [...this.handles].map(handle => handle.options);
    const explicit = all.filter(options => options.after !== undefined) as Position[];
    const stored = all.some(options => options.after === undefined && options.last === undefined)
      ? this.#positions.get(this.key) : undefined;
    this.#stored = explicit[0] && explicit[0].epoch !== stored?.epoch ? undefined : stored;
    const afters = this.#stored ? [...explicit, this.#stored] : explicit;
    const last = Math.max(this.#stored || !afters.length ? 1 : 0, ...all.map(options => options.last ?? 0));
    if (afters.length === 0) {
      return { last };
    }
    this.epoch = afters[0]!.epoch;
    this.#asked = Math.min(...afters.map(each => each.after));
    // The newest events begin there or later.
    return { after: Math.max(0, this.#asked - last), epoch: this.epoch };
  }

  /** The server has confirmed: notes where the events begin, and reports a gap. */
  confirm({ resumed, earliest, epoch, position: newest }: Confirmation): void {
    const request = this.#requested;
    this.isLive = true;
    if (!request || resumed === undefined || newest === undefined) {
      return;
    }
    const start = resumed ? "after" in request ? request.after : Math.max(0, newest - request.last) : earliest! - 1;
    const asked = this.#position ?? this.#asked;
    const rewritten = asked !== undefined
      && ((this.epoch !== undefined && epoch !== this.epoch) || (!resumed && newest < asked));
    this.epoch = epoch;
    this.#position = start;
    this.#head = newest;
    if (rewritten) {
      this.#newest = undefined;
    }
    for (const handle of [...this.handles]) {
      const { after, last } = handle.options;
      const known = handle.seen ?? after ?? (last === undefined ? this.#stored?.after : undefined);
      const wanted = known ?? Math.max(0, newest - (last ?? 0));
      handle.begin(rewritten ? start : Math.max(wanted, start), rewritten);
      if (known !== undefined && !resumed && (rewritten || start > known)) {
        handle.tell("onGap", { orderId: this.orderId, from: known + 1, earliest: start + 1, rewritten });
      }
      handle.tell("onSubscribed", { resumed, position: newest });
    }
  }

  /** Hands an event to the handles. Returns false if events before it are missing; then it is not handed over. */
  deliver(event: OrderEvent, size: number): boolean {
    const number = this.orderId === undefined ? event.sequence! : event.version;
    const position = this.#position ?? 0;
    if (number > position + 1) {
      return false;
    }
    if (number > position) {
      this.#position = number;
      this.#newest = { event, number, size };
      for (const handle of [...this.handles]) {
        if (!handle.ended && number > (handle.seen ?? 0)) {
          handle.deliver(event, number, size);
        }
      }
    }
    return true;
  }

  /** Notes in the store what all handles have handled. */
  save(): void {
    const handled = [...this.handles].map(handle => handle.handled);
    if (handled.length > 0 && handled.every(number => number !== undefined)) {
      this.#positions.set(this.key, { after: Math.min(...handled as number[]), epoch: this.epoch });
    }
  }

  /** Forgets the stored position: nobody wants the events any more. */
  forget(): void {
    this.#positions.set(this.key, undefined);
  }

  /** Ends all handles. */
  fail(error: OrdersError): void {
    for (const handle of [...this.handles]) {
      this.handles.delete(handle);
      handle.fail(error);
    }
  }
}
