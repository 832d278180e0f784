// What the page is subscribed to, and renews after a reconnect.

import { Disconnected } from "./socket.js";

/**
 * How many single orders the page watches at a time. It is below the burst of messages that the server takes, so that
 * renewing them all after a reconnect is never refused as too fast.
 */
export const MAX_ORDER_SUBSCRIPTIONS = 50;

/** The key of the whole organization; no order id is empty. */
export const ORGANIZATION = "";

export class Subscriptions {
  #request;
  #changed;
  #confirmed = new Map();

  /** `request(type, data)` asks the server; `changed()` is called whenever the list or a state in it changes. */
  constructor(request, changed) {
    this.#request = request;
    this.#changed = changed;
  }

  /** `[orderId, confirmed]`, oldest first. */
  get all() {
    return [...this.#confirmed];
  }

  has(orderId) {
    return this.#confirmed.has(orderId);
  }

  /** Subscribes. Throws what the server says against it, and is then not subscribed. */
  async add(orderId) {
    const known = this.#confirmed.get(orderId);
    const singles = this.#confirmed.size - (this.has(ORGANIZATION) ? 1 : 0);
    if (known === undefined && orderId !== ORGANIZATION && singles >= MAX_ORDER_SUBSCRIPTIONS) {
      throw new Error(`This page watches at most ${MAX_ORDER_SUBSCRIPTIONS} single orders. Unsubscribe from one first.`);
    }
    this.#set(orderId, known ?? false);
    try {
      await this.#request("subscribe", dataOf(orderId));
      this.#set(orderId, true);
    } catch (error) {
      this.#confirmed.delete(orderId);
      this.#changed();
      throw error;
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
    this.#confirmed.delete(orderId);
    this.#changed();
  }

  /**
   * Subscribes to everything again, on a new connection. Returns `{ orderId, error }` of each that the server refused: those
   * are no longer in the list. Those that another loss of the connection interrupted stay for the next time.
   */
  async renew() {
    const ids = [...this.#confirmed.keys()];
    ids.forEach(orderId => this.#set(orderId, false));
    const refused = [];
    await Promise.all(ids.map(async orderId => {
      try {
        await this.add(orderId);
      } catch (error) {
        if (error instanceof Disconnected) {
          this.#set(orderId, false);
        } else {
          refused.push({ orderId, error });
        }
      }
    }));
    return refused;
  }

  clear() {
    this.#confirmed.clear();
    this.#changed();
  }

  #set(orderId, confirmed) {
    this.#confirmed.set(orderId, confirmed);
    this.#changed();
  }
}

const dataOf = orderId => orderId === ORGANIZATION ? {} : { order_id: orderId };
