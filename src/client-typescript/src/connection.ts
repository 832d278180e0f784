import { BackOff } from "./backoff.ts";
import type { ConnectData, Credentials } from "./credentials.ts";
import { OrdersError } from "./errors.ts";
import type { Feed } from "./feed.ts";
import type { Settings } from "./options.ts";
import { Renewal } from "./renewal.ts";
import { Session, type Reply } from "./session.ts";
import { Subscriber } from "./subscriber.ts";
import type { ConnectionState, OrderEvent } from "./types.ts";
import { isFinalClose, isTemporary, type ServerError } from "./verdict.ts";

const IDLE = 5_000;
const HURRY = 500;

/** The part of the client that a connection needs. */
export interface ConnectionOwner {
  readonly settings: Settings;
  readonly credentials: Credentials;
  /** Fulfilled when positions have been read. */
  readonly ready: Promise<void>;
  stateChanged(): void;
  report(error: OrdersError): void;
  /** Going on is pointless. */
  stop(error: OrdersError): void;
}

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
  #isClosed = false;

  constructor(owner: ConnectionOwner) {
    this.#owner = owner;
    this.#backOff = new BackOff(owner.settings.timers);
    this.#renewal = new Renewal(owner.settings.timers, () => void this.#renewToken());
  }

  get feeds(): Iterable<Feed> {
    return this.#feeds.values();
  }

  get hasFeeds(): boolean {
    return this.#feeds.size > 0;
  }

  get(orderId: string | undefined): Feed | undefined {
    return this.#feeds.get(orderId);
  }

  add(feed: Feed): void {
    const isFirst = this.#feeds.size === 0;
    this.#feeds.set(feed.orderId, feed);
    this.#subscriber?.add(feed);
    if (isFirst && this.state === "waiting") {
      // Not before the back-off of an earlier attempt ends, however often somebody subscribes.
      this.#in(Math.max(0, this.#notBefore - this.#owner.settings.timers.now()));
    }
  }

  /** Unsubscribes. Without feeds, the connection closes after 5 s. */
  remove(feed: Feed): void {
    if (this.#feeds.get(feed.orderId) === feed) {
      this.#feeds.delete(feed.orderId);
      this.#subscriber?.remove(feed);
      if (this.#feeds.size === 0) {
        this.#in(IDLE);
      }
    }
  }

  /** The page became visible, or the network has changed: asks for a sign of life, or comes back soon. */
  wake(): void {
    this.#session?.probe();
    if (this.state === "waiting" && this.hasFeeds) {
      this.#in(this.#owner.settings.timers.random() * HURRY);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#leave();
  }

  get #isOnline(): boolean {
    return this.#owner.settings.page.navigator?.onLine !== false;
  }

  #in(ms: number): void {
    const { timers } = this.#owner.settings;
    timers.clearTimeout(this.#timer);
    this.#timer = timers.setTimeout(() => void this.#tick(), ms);
  }

  async #tick(): Promise<void> {
    if (this.#feeds.size === 0) {
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
      this.#session = new Session(socket, settings.timers, {
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
    const { credentials, settings } = this.#owner;
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
        this.#subscriber = new Subscriber(this.#session!, settings.timers, (feed, e) => this.#refused(feed, e));
        this.#feeds.forEach(feed => this.#subscriber!.add(feed));
        this.#setState("connected");
      }
      return;
    }
    const error = reply.data as ServerError;
    if (!this.#subscriber) {
      this.#session!.end(1008, error);
    } else if (this.#isFinal(1008, error)) {
      this.#owner.stop(toError(error));
    } else {
      this.#renewal.failed(error.retry_after_ms);
    }
  }

  /** Decides about an error or a close, and forgets a token that is of no use any more. */
  #isFinal(code: number, reason: ServerError | undefined): boolean {
    const { credentials } = this.#owner;
    // A token that was accepted before may have been signed with a secret that has been replaced since.
    const wasAccepted = reason?.code === "invalid_token" && credentials.wasAccepted(this.#token);
    if (reason?.code === "invalid_token" || reason?.code === "token_expired") {
      credentials.drop(this.#token);
    }
    return !wasAccepted && isFinalClose(code, reason, credentials.hasTokens);
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
    if (this.#isFinal(code, reason)) {
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
    this.#leave();
    if (error) {
      this.#owner.report(error);
    }
    if (!this.#isClosed && this.hasFeeds) {
      const delay = Math.max(this.#backOff.next(), atLeast);
      this.#notBefore = this.#owner.settings.timers.now() + delay;
      this.#in(delay);
    }
  }

  #leave(): void {
    this.#attempt++;
    this.#owner.settings.timers.clearTimeout(this.#timer);
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

function toError({ code, message, order_id }: ServerError): OrdersError {
  return new OrdersError(code, message, order_id);
}
