import { OrdersError } from "./errors.ts";
import type { EventHandler, OrderEvent, OrderSubscription, Position, SubscribeOptions } from "./types.ts";

const MAX_EVENTS = 1_000;
const MAX_CHARACTERS = 1_048_576;

/** The part of its owner that a subscription needs. */
export interface SubscriptionOwner {
  /** The handle no longer wants events. */
  leave(handle: Subscription): void;
  /** The feed that the handle belongs to. `save` notes what its handles have handled. */
  readonly feed: { readonly epoch: string | undefined; readonly isLive: boolean; save(): void };
  report(error: OrdersError): void;
}

/** One handler or one iteration. `seen` is the number of the last event handed over, so that none comes twice. */
export class Subscription implements OrderSubscription {
  readonly orderId: string | undefined;
  readonly options: SubscribeOptions;
  ended = false;
  error: OrdersError | undefined;
  /** The number of the last event handed over or not due; undefined before the confirmation. */
  seen: number | undefined;
  /** The number of the last event handled; an iteration handles events later than it gets them. */
  handled: number | undefined;
  #owner: SubscriptionOwner;
  #handler: EventHandler | undefined;
  #buffer: { event: OrderEvent; number: number; size: number }[] = [];
  #buffered = 0;
  #epoch: string | undefined;
  #given: number | undefined;
  #wake: (() => void) | undefined;
  #forgetSignal = () => {};

  constructor(
    owner: SubscriptionOwner, orderId: string | undefined, handler: EventHandler | undefined, options: SubscribeOptions,
  ) {
    this.#owner = owner;
    this.orderId = orderId;
    this.#handler = handler;
    this.options = options;
    const { signal } = options;
    if (signal) {
      const abort = () => this.unsubscribe();
      signal.addEventListener("abort", abort);
      this.#forgetSignal = () => signal.removeEventListener("abort", abort);
    }
  }

  get position(): Position | undefined {
    return this.handled === undefined ? undefined : { after: this.handled, epoch: this.#epoch };
  }

  get isLive(): boolean {
    return !this.ended && this.#owner.feed.isLive;
  }

  unsubscribe(): void {
    if (!this.ended) {
      this.#buffer = [];
      this.#end();
      this.#owner.leave(this);
    }
  }

  /** Ends the subscription with an error. The caller removes it from its feed. */
  fail(error: OrdersError): void {
    if (!this.ended) {
      this.error = error;
      this.#end();
      this.tell("onError", error);
    }
  }

  /** Hands over an event that is due. */
  deliver(event: OrderEvent, number: number, size: number): void {
    this.seen = number;
    if (this.#handler) {
      this.#call(() => this.#handler!(event));
      this.#setHandled(number);
      return;
    }
    this.#buffer.push({ event, number, size });
    this.#buffered += size;
    this.#wake?.();
    if (this.#buffer.length > MAX_EVENTS || this.#buffered > MAX_CHARACTERS) {
      const { event: dropped } = this.#buffer.pop()!;
      this.#owner.leave(this);
      const error = new OrdersError(
        "overflow", `The iteration is too slow. Event ${dropped.id} and later ones were not buffered`, this.orderId);
      this.fail(error);
      this.#owner.report(error);
    }
  }

  /** Begins after a number: with the confirmation, or because the history before it is gone or was rewritten. */
  begin(number: number, rewritten = false): void {
    this.seen = number;
    if (rewritten) {
      // Their numbers do not belong to the new history.
      this.#buffer = [];
      this.#buffered = 0;
      this.#given = undefined;
    }
    if (this.#buffer.length === 0 && this.#given === undefined) {
      this.#setHandled(number);
    }
  }

  /** Calls a callback of the application, if it has given one. */
  tell<K extends "onGap" | "onSubscribed" | "onError">(
    name: K, value: Parameters<NonNullable<SubscribeOptions[K]>>[0],
  ): void {
    this.#call(() => (this.options[name] as ((about: typeof value) => void) | undefined)?.(value));
  }

  [Symbol.asyncIterator](): AsyncIterator<OrderEvent> {
    if (this.#handler) {
      throw new TypeError("A subscription with a handler cannot be iterated");
    }
    return {
      next: () => this.#next(),
      return: () => {
        this.unsubscribe();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  async #next(): Promise<IteratorResult<OrderEvent>> {
    if (this.#given !== undefined) {
      const given = this.#given;
      this.#given = undefined;
      this.#setHandled(given);
    }
    while (this.#buffer.length === 0) {
      if (this.ended) {
        if (this.error) {
          throw this.error;
        }
        return { done: true, value: undefined };
      }
      // Until an event comes or the subscription ends, which is what an iteration waits for.
      await new Promise<void>(resolve => this.#wake = resolve);
    }
    const { event, number, size } = this.#buffer.shift()!;
    this.#buffered -= size;
    this.#given = number;
    return { done: false, value: event };
  }

  #setHandled(number: number): void {
    this.handled = number;
    this.#epoch = this.#owner.feed.epoch;
    this.#owner.feed.save();
  }

  #end(): void {
    this.ended = true;
    this.#forgetSignal();
    this.#wake?.();
  }

  #call(callback: () => void): void {
    try {
      callback();
    } catch (cause) {
      this.#owner.report(new OrdersError("handler_failed", `A handler threw: ${cause}`, this.orderId, cause));
    }
  }
}
