// Keeps a page connected: authenticates, and reconnects with a back-off after a connection loss, until it succeeds or
// is stopped.

import { sign } from "./signature.js";
import { Disconnected, ServerError, Socket } from "./socket.js";

// The back-off between retries, ms. The last value repeats.
const PAUSES = [500, 1_000, 2_000, 4_000, 8_000, 15_000];
// If a connection has lasted this long, the back-off starts over, ms.
const STEADY = 10_000;
// The close codes after which a retry would fail in the same way: a revoked key, a protocol violation.
const FINAL = [1003, 1007, 1008, 1009];

/**
 * States: "off", "connecting", "on", and "waiting" for the next retry. Handlers: `onState(state, { retryAt, error })`
 * is called with each new state. `onConnected(again)` is called after every authentication; `again` is true after a
 * reconnect.
 */
export class Connection {
  #url;
  #handlers;
  #socket = null;
  #stop = null;
  #endPause = () => {};

  constructor(url, handlers) {
    this.#url = url;
    this.#handlers = handlers;
  }

  /**
   * Authenticates with `{ apiKey, secret }`, `{ apiKey, signature }` or `{ apiKey }`. Throws if the first attempt
   * fails. Otherwise it keeps the connection until `stop`, or until the server no longer accepts the credentials.
   */
  async start(credentials) {
    this.stop();
    const stop = this.#stop = new AbortController();
    this.#tell(stop, "connecting");
    try {
      await this.#signIn(credentials, stop);
    } catch (error) {
      stop.signal.throwIfAborted();
      this.#tell(stop, "off");
      throw error;
    }
    // Not awaited: it runs until `stop` and reports everything through the handlers.
    this.#keep(credentials, stop);
  }

  stop() {
    this.#stop?.abort();
    this.#socket?.close();
    this.#handlers.onState("off", {});
  }

  /** Ends the pause before the next retry. */
  tryNow() {
    this.#endPause();
  }

  request(type, data) {
    return this.#socket?.request(type, data) ?? Promise.reject(new Disconnected("There is no connection right now."));
  }

  async #keep(credentials, stop) {
    for (let failures = 0; !stop.signal.aborted;) {
      const since = Date.now();
      const { code, error } = await this.#socket.closed;
      if (FINAL.includes(code)) {
        return this.#tell(stop, "off", { error: error ?? new Error("The server ended the connection.") });
      }
      failures = Date.now() - since > STEADY ? 0 : failures;
      for (let connected = false; !connected && !stop.signal.aborted;) {
        await this.#pause(stop, PAUSES[Math.min(failures++, PAUSES.length - 1)]);
        try {
          await this.#signIn(credentials, stop, true);
          connected = true;
        } catch (refusal) {
          if (refusal instanceof ServerError && refusal.code !== "unavailable") {
            return this.#tell(stop, "off", { error: refusal });
          }
        }
      }
    }
  }

  async #signIn({ apiKey, secret, signature }, stop, again = false) {
    stop.signal.throwIfAborted();
    this.#tell(stop, "connecting");
    const socket = this.#socket = new Socket(this.#url, this.#handlers);
    try {
      await socket.opened;
      const authorization = secret ? await sign(apiKey, secret) : signature;
      await socket.request("connect", { api_key: apiKey, authorization_signature: authorization });
      stop.signal.throwIfAborted();
    } catch (error) {
      socket.close();
      throw error;
    }
    this.#tell(stop, "on");
    this.#handlers.onConnected(again);
  }

  // The pause varies at random by a fifth, so that the pages of a restarted server do not all reconnect at the same
  // time.
  #pause(stop, milliseconds) {
    const length = milliseconds * (0.8 + 0.4 * Math.random());
    this.#tell(stop, "waiting", { retryAt: Date.now() + length });
    return new Promise(resolve => {
      const end = () => {
        clearTimeout(timer);
        globalThis.removeEventListener("online", end);
        resolve();
      };
      const timer = setTimeout(end, length);
      globalThis.addEventListener("online", end);
      stop.signal.addEventListener("abort", end);
      this.#endPause = end;
    });
  }

  // A connection that was stopped, or replaced by another, reports no more states.
  #tell(stop, state, about = {}) {
    if (!stop.signal.aborted) {
      this.#handlers.onState(state, about);
    }
  }
}
