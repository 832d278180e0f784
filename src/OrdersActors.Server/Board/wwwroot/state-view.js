// Shows the state of the connection. It is always visible.

import { byId } from "./dom.js";

const WORDS = { off: "Not connected", connecting: "Connecting…", on: "Connected", waiting: "Connection lost" };

export class StateView {
  #lamp = byId("state");
  #text = byId("state-text");
  #ticker = null;

  /** Shows a state. `retryAt` is the time of the next retry after a lost connection, in ms since 1970. */
  show(state, retryAt) {
    clearInterval(this.#ticker);
    this.#lamp.dataset.state = state;
    byId("try-now").hidden = state !== "waiting";
    if (state === "waiting") {
      this.#ticker = setInterval(() => this.#count(retryAt), 1_000);
      this.#count(retryAt);
    } else {
      this.#text.textContent = WORDS[state];
    }
  }

  #count(retryAt) {
    const seconds = Math.max(0, Math.ceil((retryAt - Date.now()) / 1_000));
    this.#text.textContent = seconds === 0 ? "Reconnecting…" : `Reconnecting in ${seconds} s`;
  }
}

/** Returns the text for a state. */
export const wordsOf = state => WORDS[state];
