// Shows the state of the connection. The lamp in the bar is always visible. After a connection loss, a banner over the
// orders says why, what it means, and when the page retries; until the connection is back, the orders are dimmed.

import { byId } from "./dom.js";

const WORDS = { off: "Not connected", connecting: "Connecting…", on: "Connected" };

// By close code.
const REASONS = {
  1001: "The server is stopping.",
  1011: "The server had a fault.",
  1012: "The server is restarting.",
  1013: "The server is too busy, or this page was too slow for it.",
};

export class StateView {
  #lamp = byId("state");
  #text = byId("state-text");
  #banner = byId("outage");
  #ticker = null;
  #isGone = false;
  #code;
  #announce;

  /** `announce(text)` tells screen readers. A connection loss is announced once, however many retries fail. */
  constructor(announce) {
    this.#announce = announce;
    for (const type of ["online", "offline"]) {
      addEventListener(type, () => this.#explain());
    }
  }

  /**
   * Shows a state. After a lost connection, `retryIn()` returns the time until the next retry, ms, and `code` is the
   * close code of the connection.
   */
  show(state, { retryIn, code }) {
    clearInterval(this.#ticker);
    const isNew = this.#lamp.dataset.state !== state;
    this.#lamp.dataset.state = state;
    if (state === "waiting") {
      this.#lose(code);
      this.#ticker = setInterval(() => this.#count(retryIn()), 1_000);
      this.#count(retryIn());
    } else {
      this.#text.textContent = this.#isGone && state === "connecting" ? "Reconnecting…" : WORDS[state];
      byId("outage-retry").textContent = "Trying now…";
    }
    if (state === "on" || state === "off") {
      this.#isGone = false;
      this.#showBanner();
      if (isNew) {
        this.#announce(WORDS[state]);
      }
    }
  }

  #lose(code) {
    this.#code = code;
    const reason = this.#explain();
    if (!this.#isGone) {
      this.#isGone = true;
      this.#showBanner();
      this.#announce(`Connection lost. ${reason} The page keeps trying to reconnect.`);
    }
  }

  #explain() {
    const reason = navigator.onLine ? REASONS[this.#code] ?? "The server does not answer." : "This device is offline.";
    byId("outage-reason").textContent = reason;
    return reason;
  }

  #showBanner() {
    const hadFocus = this.#banner.contains(document.activeElement);
    this.#banner.hidden = !this.#isGone;
    document.body.toggleAttribute("data-gone", this.#isGone);
    if (hadFocus && !this.#isGone) {
      byId("main").focus({ preventScroll: true });
    }
  }

  // Without a network the client does not retry.
  #count(milliseconds) {
    const seconds = navigator.onLine && Number.isFinite(milliseconds) ? Math.ceil(milliseconds / 1_000) : 0;
    this.#text.textContent = seconds === 0 ? "Reconnecting…" : `Reconnecting in ${seconds} s`;
    byId("outage-retry").textContent = seconds > 0 ? `Next try in ${seconds} s.`
      : navigator.onLine ? "Trying now…" : "The page reconnects when the device is online again.";
  }
}
