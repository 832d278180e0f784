// What the page is subscribed to and how far each subscription has come, so that it is renewed after a reconnect without
// a hole.

import { MAX_ENTRIES } from "./orders.js";
import { Disconnected } from "./socket.js";

/**
 * How many single orders the page watches at a time. The server takes a burst of 100 messages: a connect, and these and
 * the organization twice, where each number turns out to be of a log that is no more. So renewing them all after a
 * reconnect is never refused as too fast: 1 + 2 × (48 + 1) = 99.
 */
export const MAX_ORDER_SUBSCRIPTIONS = 48;

/** The key of the whole organization; no order id is empty. */
export const ORGANIZATION = "";

// What a new subscription begins with: of an order as much as the page keeps, of the organization as much as there is to ask for.
const NEWEST_OF_ORDER = MAX_ENTRIES;
const NEWEST_OF_ORGANIZATION = 100;

export class Subscriptions {
  #request;
  #handlers;
  // By order id: `{ confirmed, cursor, epoch }`. The cursor is the number of the last event received, undefined before the first; the
  // epoch names the history of the server's log that the number belongs to, undefined if the server does not say.
  #all = new Map();

  /**
   * `request(type, data)` asks the server. `onChange()` is called whenever the list or a state in it changes,
   * `onReplay(isReturn)` before events come that happened earlier, `onCut()` where some of those are no longer kept, and
   * `onReplaced(orderId)` where the server's log is another than the one that the page knows events of.
   */
  constructor(request, handlers) {
    this.#request = request;
    this.#handlers = handlers;
  }

  /** `[orderId, confirmed]`, oldest first. */
  get all() {
    return [...this.#all].map(([orderId, { confirmed }]) => [orderId, confirmed]);
  }

  has(orderId) {
    return this.#all.has(orderId);
  }

  /** Subscribes. Throws what the server says against it, and is then not subscribed. */
  async add(orderId) {
    const singles = this.#all.size - (this.has(ORGANIZATION) ? 1 : 0);
    if (!this.has(orderId) && orderId !== ORGANIZATION && singles >= MAX_ORDER_SUBSCRIPTIONS) {
      throw new Error(`This page watches at most ${MAX_ORDER_SUBSCRIPTIONS} single orders. Unsubscribe from one first.`);
    }
    const known = this.#all.get(orderId);
    const subscription = known ?? { confirmed: false, cursor: undefined, epoch: undefined };
    this.#all.set(orderId, subscription);
    this.#handlers.onChange();
    try {
      const isCut = await this.#subscribe(orderId, subscription);
      subscription.confirmed = true;
      if (isCut) {
        this.#handlers.onCut();
      }
    } catch (error) {
      // What a loss of the connection interrupted is renewed after it.
      if (known === undefined || !(error instanceof Disconnected)) {
        this.#all.delete(orderId);
      }
      throw error;
    } finally {
      this.#handlers.onChange();
    }
  }

  /** Unsubscribes. Throws what the server says against it, and is then still subscribed. */
  async remove(orderId) {
    try {
      await this.#request("unsubscribe", dataOf(orderId));
    } catch (error) {
      // Without a connection there is nothing to end; what is no longer in the list is not renewed.
      if (!(error instanceof Disconnected)) {
        throw error;
      }
    }
    this.#all.delete(orderId);
    this.#handlers.onChange();
  }

  /**
   * Subscribes to everything again, on a new connection, from where each had come. Returns `{ orderId, error }` of each that
   * the server refused: those are no longer in the list.
   */
  async renew() {
    const refused = [];
    const renew = orderId => this.add(orderId).catch(error => {
      if (!(error instanceof Disconnected)) {
        refused.push({ orderId, error });
      }
    });
    this.#all.forEach(subscription => { subscription.confirmed = false; });
    // The organization first: where the log is another one than its number is of, the orders' numbers are no good, either.
    if (this.has(ORGANIZATION)) {
      await renew(ORGANIZATION);
    }
    await Promise.all([...this.#all.keys()].filter(orderId => orderId !== ORGANIZATION).map(renew));
    return refused;
  }

  /**
   * Notes how far an event takes the subscriptions it is of. Once confirmed, each gets its events in order, whichever of two
   * an event comes through, so all up to its number are here.
   */
  advance(event) {
    this.#moveTo(event?.order_id, event?.version);
    this.#moveTo(ORGANIZATION, event?.sequence);
  }

  clear() {
    this.#all.clear();
    this.#handlers.onChange();
  }

  #moveTo(orderId, number) {
    const subscription = this.#all.get(orderId);
    if (subscription?.confirmed && Number.isSafeInteger(number)) {
      subscription.cursor = Math.max(subscription.cursor ?? 0, number);
    }
  }

  // Resolves with whether older events are no longer kept.
  async #subscribe(orderId, subscription) {
    const { cursor, epoch } = subscription;
    this.#handlers.onReplay(cursor !== undefined);
    const data = dataOf(orderId);
    if (cursor !== undefined) {
      try {
        const reply = await this.#request("subscribe", { ...data, after: cursor, epoch });
        const isReplaced = reply.resumed === false && (reply.epoch !== epoch || reply.position < cursor);
        if (isReplaced) {
          this.#forget(orderId);
        }
        subscription.epoch = reply.epoch;
        return reply.resumed === false && !isReplaced;
      } catch (error) {
        if (error.code !== "invalid_message") {
          throw error;
        }
        this.#forget(orderId);
      }
    }
    const last = orderId === ORGANIZATION ? NEWEST_OF_ORGANIZATION : NEWEST_OF_ORDER;
    const reply = await this.#request("subscribe", { ...data, last });
    subscription.epoch = reply.epoch;
    return reply.resumed === false;
  }

  // The number is of another history than the server's log has.
  #forget(orderId) {
    for (const [id, subscription] of this.#all) {
      if (orderId === ORGANIZATION || id === orderId) {
        subscription.cursor = subscription.epoch = undefined;
      }
    }
    this.#handlers.onReplaced(orderId);
  }
}

const dataOf = orderId => orderId === ORGANIZATION ? {} : { order_id: orderId };
