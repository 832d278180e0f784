// The state of the connection, always in sight.

import { byId } from "./dom.js";

const WORDS = { off: "Not connected", connecting: "Connecting…", on: "Connected", waiting: "Connection lost" };

export class StateView {
  #lamp = byId("state");
  #text = byId("state-text");
  #ticker = null;

  /** Shows a state; `retryAt` is when a lost connection is tried again, in ms since 1970. */
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

/** What a state is called in a sentence. */
export const wordsOf = state => WORDS[state];
