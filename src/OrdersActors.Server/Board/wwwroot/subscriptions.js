// The page's subscriptions. They survive the client: a new one continues after the last event of each.

import { MAX_ENTRIES } from "./orders.js";

/** The maximum number of single orders that the page watches at a time. Their list is redrawn with each change. */
export const MAX_ORDER_SUBSCRIPTIONS = 100;

/** The key of the subscription to the whole organization. An order id is never empty. */
export const ORGANIZATION = "";

// The number of past events that a new subscription requests: for an order as many as the page keeps, for the
// organization the maximum that the server allows.
const NEWEST_OF_ORDER = MAX_ENTRIES;
const NEWEST_OF_ORGANIZATION = 100;

export class Subscriptions {
  #handlers;
  #client = null;
  #isConnected = false;
  // By order id: `{ handle, position, newest, isConfirmed, isReplaced, resolve, reject }`. The position is where a new
  // client continues; undefined if the subscription is new. `newest` is the number of the last event that the server
  // replays; undefined before the first confirmation.
  #all = new Map();
  #refusals = new WeakSet();

  /**
   * Handlers: `onEvent(event)` gets every event. `onChange()` is called when the list or a state in it changes;
   * `onReplay(isReturn)` before a replay of past events; `onCut()` if the server no longer keeps some of them;
   * `onReplaced(orderId)` if the server's log is not the one that the page's events come from;
   * `onRefused(orderId, error)` if the server refuses or ends a subscription that nobody waits for.
   */
  constructor(handlers) {
    this.#handlers = handlers;
  }

  /** All subscriptions as `[orderId, isConfirmed]`, oldest first. */
  get all() {
    return [...this.#all].map(([orderId, { isConfirmed }]) => [orderId, isConfirmed && this.#isConnected]);
  }

  /** Whether the page is connected. Without a connection, all subscriptions wait. */
  set isConnected(isConnected) {
    this.#isConnected = isConnected;
    this.#handlers.onChange();
  }

  /** Whether events are missing that the server replays because the page has subscribed or has returned. */
  get isReplaying() {
    return [...this.#all.values()].some(({ handle, newest }) => !handle.isLive || handle.position.after < newest);
  }

  has(orderId) {
    return this.#all.has(orderId);
  }

  /** Whether a subscription was refused with this error, so that it is shown already. */
  isRefusal(error) {
    return this.#refusals.has(error);
  }

  /** Moves all subscriptions to another client. */
  moveTo(client) {
    this.#client = client;
    for (const [orderId, { position }] of [...this.#all]) {
      this.#subscribe(orderId, position);
    }
  }

  /** Subscribes. If the server refuses, rejects with its error and removes the subscription. */
  async add(orderId) {
    const singles = this.#all.size - (this.has(ORGANIZATION) ? 1 : 0);
    if (!this.has(orderId)) {
      if (orderId !== ORGANIZATION && singles >= MAX_ORDER_SUBSCRIPTIONS) {
        throw new Error(
          `This page watches at most ${MAX_ORDER_SUBSCRIPTIONS} single orders. Unsubscribe from one first.`);
      }
      this.#subscribe(orderId, undefined);
    }
    await this.#all.get(orderId).confirmed;
  }

  remove(orderId) {
    const { handle, resolve } = this.#all.get(orderId);
    handle.unsubscribe();
    resolve();
    this.#all.delete(orderId);
    this.#handlers.onChange();
  }

  clear() {
    for (const orderId of [...this.#all.keys()]) {
      this.remove(orderId);
    }
  }

  #subscribe(orderId, position) {
    const isOrganization = orderId === ORGANIZATION;
    const subscription = { position, newest: undefined, isConfirmed: false, isReplaced: false };
    const { onEvent, onChange, onReplaced } = this.#handlers;
    const options = {
      ...position ?? { last: isOrganization ? NEWEST_OF_ORGANIZATION : NEWEST_OF_ORDER },
      onGap: ({ rewritten }) => {
        if (rewritten) {
          subscription.isReplaced = true;
          onReplaced(orderId);
        }
      },
      onSubscribed: confirmed => this.#confirm(subscription, confirmed),
      onError: error => this.#end(orderId, subscription, error),
    };
    subscription.handle = isOrganization ? this.#client.subscribeAll(onEvent, options)
      : this.#client.subscribe(orderId, onEvent, options);
    subscription.confirmed = new Promise((resolve, reject) => Object.assign(subscription, { resolve, reject }));
    // Nobody may wait for a restored subscription. `onRefused` reports its error.
    subscription.confirmed.catch(() => {});
    this.#all.set(orderId, subscription);
    onChange();
  }

  #confirm(subscription, { resumed, position }) {
    const { onChange, onCut, onReplay } = this.#handlers;
    subscription.newest = position;
    onReplay(subscription.isConfirmed || subscription.position !== undefined);
    if (!resumed && !subscription.isReplaced) {
      onCut();
    }
    subscription.isConfirmed = true;
    subscription.isReplaced = false;
    subscription.resolve();
    onChange();
  }

  #end(orderId, subscription, error) {
    const { handle, position, isConfirmed, reject } = subscription;
    const isKnown = isConfirmed || position !== undefined;
    const isClosed = this.#client.state === "closed";
    this.#refusals.add(error);
    subscription.position = handle.position ?? position;
    if (!isClosed || !isKnown) {
      this.#all.delete(orderId);
    }
    if (isKnown && !isClosed) {
      this.#handlers.onRefused(orderId, error);
    }
    reject(isClosed ? new Error("The connection ended before the server answered.") : error);
    this.#handlers.onChange();
  }
}
