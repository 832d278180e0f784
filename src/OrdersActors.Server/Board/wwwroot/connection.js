// Keeps a page connected: signs in, and after a loss tries again, with growing pauses, until it succeeds or is told to stop.

import { sign } from "./signature.js";
import { Disconnected, ServerError, Socket } from "./socket.js";

const PAUSES = [500, 1_000, 2_000, 4_000, 8_000, 15_000]; // ms; the last one repeats
const STEADY = 10_000; // ms a connection must have lasted for the pauses to start over
const FINAL = [1003, 1007, 1008, 1009]; // the close codes after which a retry fails in the same way: a revoked key, a broken rule

/**
 * States: "off", "connecting", "on", and "waiting" for the next try. `onState(state, { retryAt, error })` is told each one;
 * `onConnected(again)` is called after every sign-in, `again` being whether subscriptions may have to be renewed.
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
   * Signs in with `{ apiKey, secret }`, `{ apiKey, signature }` or `{ apiKey }`. Throws where the first try fails; from then on
   * the connection is kept until `stop`, or until the server no longer accepts these credentials.
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
    // Not awaited: it lasts until `stop`, and the handlers are told everything that happens in it.
    this.#keep(credentials, stop);
  }

  stop() {
    this.#stop?.abort();
    this.#socket?.close();
    this.#handlers.onState("off", {});
  }

  /** Ends the pause before the next try. */
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

  // The length varies by a fifth, so that the pages of a restarted server do not all come back at the same instant.
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

  // A connection that was stopped, or replaced by another, has nothing more to say.
  #tell(stop, state, about = {}) {
    if (!stop.signal.aborted) {
      this.#handlers.onState(state, about);
    }
  }
}
