import { BackOff } from "./backoff.ts";
import type { ConnectData } from "./credentials.ts";
import { OrdersError } from "./errors.ts";
import type { Feed } from "./feed.ts";
import type { Timers } from "./options.ts";
import type { ConnectionOwner } from "./owner.ts";
import { Renewal } from "./renewal.ts";
import { Session, type Reply } from "./session.ts";
import { Subscriber } from "./subscriber.ts";
import type { ConnectionState, OrderEvent } from "./types.ts";
import { isTemporary, toError, type ServerError } from "./verdict.ts";

const IDLE = 5_000;
const HURRY = 500;

/**
 * Keeps the feeds of one scope subscribed, over any number of sockets.
 *
 *   waiting ──► connecting: credentials, socket, connect ──► connected: subscribe, events
 *      ▲                          │ failed                        │ closed, or no answer
 *      └──── back-off ◄───────────┴───────────────────────────────┘
 *
 * The orders and the organization have a connection each. The server sends an event once on a connection, whatever
 * subscriptions match it, and a replay omits what another subscription of the connection has sent. On one connection
 * an order's history could not be had any more after the organization has delivered it.
 */
export class Connection {
  state: Exclude<ConnectionState, "closed"> = "waiting";
  #owner: ConnectionOwner;
  #timers: Timers;
  #feeds = new Map<string | undefined, Feed>();
  #backOff: BackOff;
  #timer: unknown;
  /** When the next attempt is due. */
  #notBefore = 0;
  /** Increases with every attempt, so that what belongs to an earlier one is recognized. */
  #attempt = 0;
  #session: Session | undefined;
  #subscriber: Subscriber | undefined;
  #renewal: Renewal;
  #token: string | undefined;
  /** WebSockets in a row that could not be opened. */
  #unopened = 0;
  #isKept = false;
  #isClosed = false;

  constructor(owner: ConnectionOwner) {
    this.#owner = owner;
    this.#timers = owner.settings.timers;
    this.#backOff = new BackOff(this.#timers);
    this.#renewal = new Renewal(this.#timers, () => void this.#renewToken());
  }

  get feeds(): Iterable<Feed> {
    return this.#feeds.values();
  }

  get hasFeeds(): boolean {
    return this.#feeds.size > 0;
  }

  /** Whether it is or wants to be connected. */
  get isWanted(): boolean {
    return !this.#isClosed && (this.#isKept || this.hasFeeds);
  }

  /** The time until the next attempt, ms; Infinity if none is due. */
  get retryIn(): number {
    return this.isWanted && this.state === "waiting" ? this.#left : Infinity;
  }

  get(orderId: string | undefined): Feed | undefined {
    return this.#feeds.get(orderId);
  }

  add(feed: Feed): void {
    this.#feeds.set(feed.orderId, feed);
    this.#subscriber?.add(feed);
    this.#review();
  }

  /** Unsubscribes. Without feeds, the connection closes after 5 s, unless it is kept. */
  remove(feed: Feed): void {
    if (this.#feeds.get(feed.orderId) === feed) {
      this.#feeds.delete(feed.orderId);
      this.#subscriber?.remove(feed);
      this.#review();
    }
  }

  /** Whether it connects and stays connected although it has no feeds. */
  keep(isKept: boolean): void {
    if (this.#isKept !== isKept) {
      this.#isKept = isKept;
      this.#review();
    }
  }

  /** The page became visible, or the network has changed: asks for a sign of life, or comes back soon. */
  wake(): void {
    this.#session?.probe();
    if (this.state === "waiting" && this.isWanted) {
      this.#notBefore = this.#timers.now() + this.#timers.random() * HURRY;
      this.#in(this.#left);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#leave();
  }

  get #isOnline(): boolean {
    return this.#owner.settings.page.navigator?.onLine !== false;
  }

  get #left(): number {
    return Math.max(0, this.#notBefore - this.#timers.now());
  }

  #review(): void {
    if (!this.isWanted) {
      this.#in(IDLE);
    } else if (this.state === "waiting") {
      // Not before the back-off of an earlier attempt ends, however often somebody subscribes.
      this.#in(this.#left);
    }
  }

  #in(ms: number): void {
    this.#timers.clearTimeout(this.#timer);
    this.#timer = this.#timers.setTimeout(() => void this.#tick(), ms);
  }

  async #tick(): Promise<void> {
    if (!this.isWanted) {
      this.#leave();
    } else if (this.state === "waiting" && this.#isOnline) {
      await this.#connect();
    }
  }

  async #connect(): Promise<void> {
    const attempt = ++this.#attempt;
    this.#setState("connecting");
    let credentials: ConnectData;
    try {
      await this.#owner.ready;
      credentials = await this.#owner.credentials.get();
    } catch (error) {
      if (attempt === this.#attempt) {
        this.#failed(error as OrdersError);
      }
      return;
    }
    if (attempt === this.#attempt) {
      this.#token = credentials.token;
      this.#open(credentials);
    }
  }

  #open(credentials: ConnectData): void {
    const { settings } = this.#owner;
    const fallback = this.#unopened < 2 ? undefined : settings.fallback;
    let wasOpened = false;
    const ended = (code: number, reason: ServerError | undefined) => {
      // Then it is the WebSocket's turn again. One failure is enough to come back to the fallback.
      this.#unopened = fallback ? 1 : wasOpened ? 0 : this.#unopened + 1;
      this.#ended(code, reason);
    };
    try {
      const socket = fallback ? fallback(settings) : new settings.WebSocket(settings.url);
      this.#session = new Session(socket, this.#timers, {
        opened: () => wasOpened = true,
        connected: (sent, reply) => this.#connected(sent, reply, !fallback),
        event: (event, size) => this.#event(event, size),
        expiring: expiresAt => this.#owner.credentials.hasTokens && this.#renewal.expiring(expiresAt),
        uncovered: orderId => this.#uncovered(orderId),
        ended,
      }, credentials);
    } catch (error) {
      // A constructor that throws (a port or a policy that the browser forbids) is a socket that cannot be opened.
      ended(1006, { code: "unavailable", message: String(error) });
    }
  }

  #connected(sent: ConnectData, reply: Reply, isChecked: boolean): void {
    const { credentials } = this.#owner;
    if (reply.type === "connected") {
      // With the fallback, the token is checked with each request only.
      if (isChecked) {
        credentials.accept(sent.token);
      }
      if (credentials.hasTokens) {
        this.#renewal.connected(reply.data.expires_at);
      }
      if (!this.#subscriber) {
        this.#backOff.succeeded();
        this.#subscriber = new Subscriber(this.#session!, this.#timers, (feed, e) => this.#refused(feed, e));
        this.#feeds.forEach(feed => this.#subscriber!.add(feed));
        this.#setState("connected");
      }
      return;
    }
    const error = reply.data as ServerError;
    if (!this.#subscriber) {
      this.#session!.end(1008, error);
    } else if (credentials.isFinal(this.#token, 1008, error)) {
      this.#owner.stop(toError(error));
    } else {
      this.#renewal.failed(error.retry_after_ms);
    }
  }

  async #renewToken(): Promise<void> {
    const session = this.#session;
    try {
      const credentials = await this.#owner.credentials.renew(this.#token);
      if (session === this.#session) {
        this.#token = credentials.token;
        session?.connect(credentials);
      }
    } catch (error) {
      if ((error as OrdersError).code === "unauthorized") {
        this.#owner.stop(error as OrdersError);
      } else if (session === this.#session) {
        this.#owner.report(error as OrdersError);
        this.#renewal.failed();
      }
    }
  }

  #event(event: OrderEvent, size: number): void {
    const feed = this.#feeds.get(event.order_id) ?? this.#feeds.get(undefined);
    if (feed?.isLive && !feed.deliver(event, size)) {
      // An event is missing. It comes again if the client resumes.
      this.#session!.end(1006);
    }
  }

  #uncovered(orderId: string | undefined): void {
    const feed = this.#feeds.get(orderId);
    if (feed?.isLive) {
      this.#subscriber!.forget(feed);
      this.#refused(feed, { code: "access_denied", message: "The new token does not cover it", order_id: orderId! });
    }
  }

  #refused(feed: Feed, error: ServerError): void {
    this.remove(feed);
    const failure = new OrdersError(error.code, error.message, feed.orderId);
    feed.fail(failure);
    this.#owner.report(failure);
  }

  #ended(code: number, reason: ServerError | undefined): void {
    const error = reason && code === 1008 ? toError(reason)
      : new OrdersError("protocol", `The connection was closed with ${code}: ${reason?.message ?? "no reason"}`);
    if (this.#owner.credentials.isFinal(this.#token, code, reason)) {
      this.#owner.stop(error);
    } else {
      this.#failed(reason && !isTemporary(reason.code) ? error : undefined, reason?.retry_after_ms);
    }
  }

  #failed(error: OrdersError | undefined, atLeast = 0): void {
    if (error?.code === "unauthorized") {
      this.#owner.stop(error);
      return;
    }
    // First, so that who hears of the new state can read it.
    this.#notBefore = this.#timers.now() + Math.max(this.#backOff.next(), atLeast);
    this.#leave();
    if (error) {
      this.#owner.report(error);
    }
    if (this.isWanted) {
      this.#in(this.#left);
    }
  }

  #leave(): void {
    this.#attempt++;
    this.#timers.clearTimeout(this.#timer);
    this.#renewal.stop();
    this.#subscriber?.stop();
    this.#session?.close();
    this.#subscriber = this.#session = undefined;
    this.#setState("waiting");
  }

  #setState(state: Connection["state"]): void {
    if (this.state !== state) {
      this.state = state;
      this.#owner.stateChanged();
    }
  }
}
