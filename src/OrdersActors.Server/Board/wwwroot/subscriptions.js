// The page's subscriptions and the last number that each received, so that each is resumed after a reconnect without a
// gap.

import { MAX_ENTRIES } from "./orders.js";
import { Disconnected } from "./socket.js";

/**
 * The maximum number of single orders that the page watches at a time. The server accepts a burst of 100 messages. A
 * reconnect sends one connect. It sends up to two subscribes for each order and for the organization: the second if the
 * number of the first belongs to a replaced log. So the server never refuses them as too fast: 1 + 2 × (48 + 1) = 99.
 */
export const MAX_ORDER_SUBSCRIPTIONS = 48;

/** The key of the subscription to the whole organization. An order id is never empty. */
export const ORGANIZATION = "";

// The number of past events that a new subscription requests: for an order as many as the page keeps, for the
// organization the maximum that the server allows.
const NEWEST_OF_ORDER = MAX_ENTRIES;
const NEWEST_OF_ORGANIZATION = 100;

export class Subscriptions {
  #request;
  #handlers;
  // By order id: `{ confirmed, cursor, epoch }`. The cursor is the number of the last event received, or undefined
  // before the first. The epoch names the history of the server's log that the number belongs to, or is undefined if
  // the server does not send one.
  #all = new Map();

  /**
   * `request(type, data)` sends a request to the server. Handlers: `onChange()` is called when the list or a state in
   * it changes; `onReplay(isReturn)` before a replay of past events; `onCut()` if the server no longer keeps some of
   * them; `onReplaced(orderId)` if the server's log is not the one that the page's events come from.
   */
  constructor(request, handlers) {
    this.#request = request;
    this.#handlers = handlers;
  }

  /** All subscriptions as `[orderId, confirmed]`, oldest first. */
  get all() {
    return [...this.#all].map(([orderId, { confirmed }]) => [orderId, confirmed]);
  }

  has(orderId) {
    return this.#all.has(orderId);
  }

  /** Subscribes. If the server refuses, throws its error and removes the subscription. */
  async add(orderId) {
    const singles = this.#all.size - (this.has(ORGANIZATION) ? 1 : 0);
    if (!this.has(orderId) && orderId !== ORGANIZATION && singles >= MAX_ORDER_SUBSCRIPTIONS) {
      throw new Error(
        `This page watches at most ${MAX_ORDER_SUBSCRIPTIONS} single orders. Unsubscribe from one first.`);
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
      // A known subscription that was interrupted by a connection loss stays in the list and is renewed after it.
      if (known === undefined || !(error instanceof Disconnected)) {
        this.#all.delete(orderId);
      }
      throw error;
    } finally {
      this.#handlers.onChange();
    }
  }

  /** Unsubscribes. If the server refuses, throws its error and keeps the subscription. */
  async remove(orderId) {
    try {
      await this.#request("unsubscribe", dataOf(orderId));
    } catch (error) {
      // Without a connection the server has no subscription to end. The list no longer has it, so it is not renewed.
      if (!(error instanceof Disconnected)) {
        throw error;
      }
    }
    this.#all.delete(orderId);
    this.#handlers.onChange();
  }

  /** Removes a subscription that the server has ended. */
  drop(orderId) {
    this.#all.delete(orderId);
    this.#handlers.onChange();
  }

  /**
   * Renews all subscriptions on a new connection, each after its last number. Returns `{ orderId, error }` for each
   * that the server refused; those are removed from the list.
   */
  async renew() {
    const refused = [];
    const renew = orderId => this.add(orderId).catch(error => {
      if (!(error instanceof Disconnected)) {
        refused.push({ orderId, error });
      }
    });
    this.#all.forEach(subscription => { subscription.confirmed = false; });
    // The organization first: if the log was replaced, the orders' numbers are invalid, too, and are reset with it.
    if (this.has(ORGANIZATION)) {
      await renew(ORGANIZATION);
    }
    await Promise.all([...this.#all.keys()].filter(orderId => orderId !== ORGANIZATION).map(renew));
    return refused;
  }

  /**
   * Moves the cursors of the event's subscriptions, its order's and the organization's, to its numbers. A confirmed
   * subscription gets its events in order, so the page has all events up to its cursor. This holds although an event of
   * both subscriptions arrives only once.
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

  // Resolves to true if the server no longer keeps some of the requested events.
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

  // Resets cursors whose numbers belong to another history than the server's log.
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
