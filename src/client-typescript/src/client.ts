import { Connection } from "./connection.ts";
import { Credentials } from "./credentials.ts";
import { Emitter, type OrdersClientEvents } from "./emitter.ts";
import { OrdersError } from "./errors.ts";
import { Feed } from "./feed.ts";
import { checkSubscribe, must, withDefaults, type OrdersClientOptions, type Settings } from "./options.ts";
import { Positions } from "./positions.ts";
import { Subscription } from "./subscription.ts";
import { withTimeout } from "./timeout.ts";
import type { ConnectionState, EventHandler, OrderSubscription, SubscribeOptions } from "./types.ts";

const STORE_TIMEOUT = 5_000;
const WAKING = ["online", "offline", "pageshow", "visibilitychange"];

/**
 * Receives order-status events. It connects with the first subscription, reconnects without a limit, and resumes by
 * itself: a handler gets every event once and in order.
 */
export class OrdersClient {
  #settings: Settings;
  #emitter = new Emitter();
  #positions: Positions;
  #orders: Connection;
  #organization: Connection;
  #both: readonly Connection[];
  #state: ConnectionState = "waiting";
  #error: OrdersError | undefined;
  #isKept: boolean;
  #forgetPage: () => void;

  /**
   * @param url The server's `wss://…/ws`.
   * @throws TypeError if a setting is wrong. The message names it.
   */
  constructor(url: string, options: OrdersClientOptions) {
    this.#settings = withDefaults(url, options);
    const { timers, apiKey } = this.#settings;
    const report = (error: OrdersError) => this.#emitter.emit("error", error);
    const storeFailed = (cause: unknown) => report(new OrdersError("store_failed", `${cause}`, undefined, cause));
    this.#positions = new Positions(options.store ?? "memory", `orders-actors ${url} ${apiKey}`, timers, storeFailed);
    const owner = {
      settings: this.#settings,
      credentials: new Credentials(this.#settings),
      ready: withTimeout(this.#positions.ready, STORE_TIMEOUT, timers, "The store").catch(storeFailed),
      stateChanged: () => this.#updateState(),
      report,
      stop: (error: OrdersError) => this.#close(error),
    };
    this.#orders = new Connection(owner);
    this.#organization = new Connection(owner);
    this.#both = [this.#orders, this.#organization];
    this.#isKept = !!options.keepConnected;
    this.#forgetPage = this.#watchPage();
    this.#updateState();
  }

  /** The state of the connection. With subscriptions to orders and to the organization, the worse of two. */
  get state(): ConnectionState {
    return this.#state;
  }

  /**
   * The time until the next attempt to connect, ms; Infinity if none is due. While the device is offline, the client
   * waits for the network instead.
   */
  get retryIn(): number {
    return Math.min(...this.#both.map(each => each.retryIn));
  }

  /** Why the client stopped by itself; undefined otherwise. */
  get error(): OrdersError | undefined {
    return this.#error;
  }

  /** Calls the listener on every change of state, or on every error. Returns a function that removes it. */
  on<K extends keyof OrdersClientEvents>(name: K, listener: (value: OrdersClientEvents[K]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  /**
   * Subscribes to an order. Without `after` and `last` it continues after the stored position, or else begins with the
   * next event.
   *
   * Handlers of the same order share one subscription at the server. One that joins later gets the events from then on.
   * With `last: 1` it gets the newest received event first. More of the past cannot be had any more: then the
   * subscription ends with `already_subscribed`.
   *
   * @throws TypeError if an argument is wrong; OrdersError `closed` after `close`.
   */
  subscribe(orderId: string, handler?: EventHandler | null, options: SubscribeOptions = {}): OrderSubscription {
    checkSubscribe(orderId ?? "", options);
    return this.#subscribe(this.#orders, orderId, handler, options);
  }

  /**
   * Subscribes to all orders of the organization. It needs `getSignature`, or tokens for the organization. Otherwise it
   * is like `subscribe`; the numbers are `sequence`s.
   */
  subscribeAll(handler?: EventHandler | null, options: SubscribeOptions = {}): OrderSubscription {
    checkSubscribe(undefined, options);
    return this.#subscribe(this.#organization, undefined, handler, options);
  }

  /** Closes for good. All subscriptions end with the error `closed`. Stored positions are kept. */
  close(): void {
    this.#close(undefined);
  }

  #subscribe(
    connection: Connection, orderId: string | undefined, handler: EventHandler | null | undefined,
    options: SubscribeOptions,
  ): OrderSubscription {
    if (this.#state === "closed") {
      throw new OrdersError("closed", "The client is closed", orderId, this.#error);
    }
    must(handler == null || typeof handler === "function", "handler must be a function");
    let feed = connection.get(orderId);
    const isNew = feed === undefined;
    const own = feed ??= new Feed(orderId, this.#positions);
    const handle = new Subscription({
      leave: each => this.#leave(connection, own, each),
      feed: own,
      report: error => this.#emitter.emit("error", error),
    }, orderId, handler ?? undefined, options);
    if (options.signal?.aborted) {
      handle.unsubscribe();
      return handle;
    }
    const refusal = own.join(handle);
    if (refusal) {
      handle.fail(refusal);
      this.#emitter.emit("error", refusal);
    } else if (isNew) {
      connection.add(own);
      this.#updateState();
    }
    return handle;
  }

  #leave(connection: Connection, feed: Feed, handle: Subscription): void {
    if (feed.handles.delete(handle) && feed.handles.size === 0) {
      connection.remove(feed);
      feed.forget();
      this.#updateState();
    }
  }

  #updateState(): void {
    this.#orders.keep(this.#isKept && !this.#organization.hasFeeds);
    const states = this.#both.filter(each => each.isWanted || each.state !== "waiting").map(each => each.state);
    this.#setState((["waiting", "connecting", "connected"] as const).find(each => states.includes(each)) ?? "waiting");
  }

  #setState(state: ConnectionState): void {
    if (this.#state !== state && this.#state !== "closed") {
      this.#state = state;
      this.#emitter.emit("state", state);
    }
  }

  #close(reason: OrdersError | undefined): void {
    if (this.#state === "closed") {
      return;
    }
    this.#error = reason;
    this.#save();
    this.#forgetPage();
    this.#setState("closed");
    for (const connection of this.#both) {
      connection.close();
      for (const feed of [...connection.feeds]) {
        feed.fail(reason ?? new OrdersError("closed", "The client is closed", feed.orderId));
      }
    }
    if (reason) {
      this.#emitter.emit("error", reason);
    }
  }

  // Also what has not changed: another tab may have forgotten it in the common store.
  #save(): void {
    for (const connection of this.#both) {
      for (const feed of connection.feeds) {
        feed.save();
      }
    }
    this.#positions.flush();
  }

  #watchPage(): () => void {
    const { page } = this.#settings;
    const wake = () => {
      if (page.document?.visibilityState !== "hidden") {
        this.#both.forEach(each => each.wake());
      }
    };
    const hide = () => this.#save();
    const each = (method: "addEventListener" | "removeEventListener") => {
      WAKING.forEach(type => page[method]?.(type, wake));
      page[method]?.("pagehide", hide);
    };
    each("addEventListener");
    return () => each("removeEventListener");
  }
}
