import { BackOff } from "./backoff.ts";
import type { Feed } from "./feed.ts";
import type { Timers } from "./options.ts";
import type { Reply, Session } from "./session.ts";
import { isTemporary, type ServerError } from "./verdict.ts";

// The server accepts 16 KiB. The rest is for the envelope.
const MAX_BYTES = 16_000;
// The server accepts 100 messages at once and 50 per second. Pings and connects need some of them.
const BURST = 50;
const PER_SECOND = 25;

/**
 * Subscribes and unsubscribes the feeds of one session. It collects what is asked for in one turn and sends subscribes
 * in batches. It sends no more messages than the server accepts. It retries what was refused for a while.
 */
export class Subscriber {
  #session: Session;
  #timers: Timers;
  #backOff: BackOff;
  #refused: (feed: Feed, error: ServerError) => void;
  #wanted = new Set<Feed>();
  #dropped = new Set<string | undefined>();
  /** Subscribes that were sent and not refused. */
  #sent = new Set<Feed>();
  #retries = new Set<Feed>();
  #retryTimer: unknown;
  #retryAt = 0;
  #flushTimer: unknown;
  #isFlushing = false;
  #budget = BURST;
  #refilledAt: number;
  #isStopped = false;

  constructor(session: Session, timers: Timers, refused: (feed: Feed, error: ServerError) => void) {
    this.#session = session;
    this.#timers = timers;
    this.#backOff = new BackOff(timers);
    this.#refused = refused;
    this.#refilledAt = timers.now();
  }

  add(feed: Feed): void {
    this.#wanted.add(feed);
    this.#schedule();
  }

  /** Unsubscribes. A confirmation that is still on its way is ignored. */
  remove(feed: Feed): void {
    this.#wanted.delete(feed);
    this.#retries.delete(feed);
    feed.isLive = false;
    if (this.#sent.delete(feed)) {
      this.#dropped.add(feed.orderId);
      this.#schedule();
    }
  }

  /** The server has ended the subscription itself. */
  forget(feed: Feed): void {
    this.#sent.delete(feed);
    this.remove(feed);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timers.clearTimeout(this.#retryTimer);
    this.#timers.clearTimeout(this.#flushTimer);
    for (const feed of this.#sent) {
      feed.isLive = false;
    }
  }

  #schedule(): void {
    if (!this.#isFlushing) {
      this.#isFlushing = true;
      queueMicrotask(() => this.#flush());
    }
  }

  // Unsubscribes first: a feed may have been unsubscribed and subscribed again.
  #flush(): void {
    this.#isFlushing = false;
    while (!this.#isStopped && (this.#dropped.size > 0 || this.#wanted.size > 0)) {
      if (!this.#take()) {
        this.#isFlushing = true;
        this.#flushTimer = this.#timers.setTimeout(() => this.#flush(), 1_000 / PER_SECOND);
        return;
      }
      if (this.#dropped.size > 0) {
        const [orderId] = this.#dropped;
        this.#dropped.delete(orderId);
        this.#session.send("unsubscribe", { order_id: orderId }, () => true);
      } else {
        this.#sendBatch();
      }
    }
  }

  #take(): boolean {
    const now = this.#timers.now();
    this.#budget = Math.min(BURST, this.#budget + (now - this.#refilledAt) * PER_SECOND / 1_000);
    this.#refilledAt = now;
    return this.#budget >= 1 && this.#budget-- > 0;
  }

  #sendBatch(): void {
    const batch: Feed[] = [];
    const orders: unknown[] = [];
    let whole: unknown;
    let bytes = 0;
    for (const feed of this.#wanted) {
      const entry = { order_id: feed.orderId, ...feed.request() };
      bytes += new TextEncoder().encode(JSON.stringify(entry)).length + 1;
      if (bytes > MAX_BYTES && batch.length > 0) {
        break;
      }
      this.#wanted.delete(feed);
      this.#sent.add(feed);
      batch.push(feed);
      if (feed.orderId === undefined) {
        whole = entry;
        break;
      }
      orders.push(entry);
    }
    this.#session.send("subscribe", whole ?? { orders }, reply => this.#onReply(batch, reply));
  }

  // One reply for each entry. An error without an order is for all that are left: the message was refused as a whole.
  #onReply(batch: Feed[], { type, data }: Reply): boolean {
    if (type === "error") {
      const count = data.order_id === undefined ? batch.length : 1;
      for (const feed of batch.splice(indexOf(batch, data.order_id), count)) {
        if (this.#sent.delete(feed)) {
          this.#onRefused(feed, data);
        }
      }
    } else if (type === "subscription") {
      const [feed] = batch.splice(indexOf(batch, data.order_id), 1);
      if (feed && this.#sent.has(feed)) {
        this.#backOff.reset();
        feed.confirm(data);
      }
    }
    return batch.length === 0;
  }

  #onRefused(feed: Feed, error: ServerError): void {
    if (!isTemporary(error.code)) {
      this.#refused(feed, error);
      return;
    }
    const now = this.#timers.now();
    const at = now + (error.retry_after_ms ?? 0) + (this.#retries.size === 0 ? this.#backOff.next() : 0);
    this.#retries.add(feed);
    // All of them together, when the last of them may.
    if (at > this.#retryAt) {
      this.#retryAt = at;
      this.#timers.clearTimeout(this.#retryTimer);
      this.#retryTimer = this.#timers.setTimeout(() => {
        this.#retryAt = 0;
        this.#retries.forEach(each => this.#wanted.add(each));
        this.#retries.clear();
        this.#schedule();
      }, at - now);
    }
  }
}

function indexOf(batch: Feed[], orderId: string | undefined): number {
  return Math.max(0, batch.findIndex(feed => feed.orderId === orderId));
}
