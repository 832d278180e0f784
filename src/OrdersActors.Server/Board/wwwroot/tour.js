// The first minute of a newcomer to the demo: one order that moves by itself, until it is delivered or the user takes
// over.

import { advanceOrder, FIRST_STATUS, newOrderId, nextStatus, placeOrder } from "./demo.js";
import { byId } from "./dom.js";

/** The time between two steps, ms. */
export const PACE = 4_000;

export class Tour {
  #note = byId("tour");
  #wasStarted = false;
  #stop = new AbortController();
  #fail;

  /** `fail(error)` shows why the order does not move any more. */
  constructor(fail) {
    this.#fail = fail;
    byId("tour-stop").addEventListener("click", () => this.stop());
    document.addEventListener("visibilitychange", () => document.hidden && this.stop());
  }

  /** Starts, once for each time that the page is loaded. A hidden page does not start. */
  start(account) {
    if (this.#wasStarted || document.hidden) {
      return;
    }
    this.#wasStarted = true;
    this.#stop = new AbortController();
    this.#note.hidden = false;
    // Not awaited: it ends by itself, or with `stop`.
    this.#run(account, this.#stop.signal);
  }

  /** Ends the tour. The order stays where it is. */
  stop() {
    this.#stop.abort();
    const hadFocus = this.#note.contains(document.activeElement);
    this.#note.hidden = true;
    if (hadFocus) {
      byId("place-order").focus();
    }
  }

  async #run(account, signal) {
    try {
      const id = newOrderId();
      await placeOrder(account, id);
      for (let status = FIRST_STATUS; nextStatus(status) !== undefined; status = nextStatus(status)) {
        await pause(signal);
        if (signal.aborted) {
          return;
        }
        await advanceOrder(account, id, status);
      }
    } catch (error) {
      if (!signal.aborted) {
        this.#fail(error);
      }
    }
    if (!signal.aborted) {
      this.stop();
    }
  }
}

const pause = signal => new Promise(resolve => {
  const timer = setTimeout(resolve, PACE);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    resolve();
  });
  if (signal.aborted) {
    resolve();
  }
});
