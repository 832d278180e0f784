// Keeps a page connected: authenticates, and reconnects with a back-off after a connection loss, until it succeeds or
// is stopped.

import { sign } from "./signature.js";
import { Disconnected, ServerError, Socket } from "./socket.js";
import { makeToken } from "./token.js";

// The back-off between retries, ms. The last value repeats.
const PAUSES = [500, 1_000, 2_000, 4_000, 8_000, 15_000];
// If a connection has lasted this long, the back-off starts over, ms.
const STEADY = 10_000;
// The close codes after which a retry would fail in the same way: a revoked key, a protocol violation.
const FINAL = [1003, 1007, 1008, 1009];
// The close code of a server that cannot answer at the moment.
const TOO_BUSY = 1013;

/**
 * States: "off", "connecting", "on", and "waiting" for the next retry. Handlers:
 * `onState(state, { retryAt, code, error })` is called with each new state. `onConnected(again)` is called after every
 * authentication; `again` is true after a reconnect. `onExpiring(data)` is called before a token expires that the page
 * cannot renew. The others are those of `Socket`.
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
   * Authenticates with `{ apiKey }` and `secret`, `signature`, `token`, or nothing else. With `secret` and `order` it
   * makes a token for that order, and a new one before the token expires. Throws if the first attempt fails. Otherwise
   * it keeps the connection until `stop`, or until the server no longer accepts the credentials.
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
      let reason = code;
      for (let connected = false; !connected && !stop.signal.aborted;) {
        await this.#pause(stop, PAUSES[Math.min(failures++, PAUSES.length - 1)], reason);
        try {
          await this.#signIn(credentials, stop, true);
          connected = true;
        } catch (refusal) {
          if (refusal instanceof ServerError && refusal.code !== "unavailable") {
            return this.#tell(stop, "off", { error: refusal });
          }
          reason = refusal instanceof ServerError ? TOO_BUSY : code;
        }
      }
    }
  }

  async #signIn(credentials, stop, again = false) {
    stop.signal.throwIfAborted();
    this.#tell(stop, "connecting");
    const onExpiring = about => this.#renew(credentials, about);
    const socket = this.#socket = new Socket(this.#url, { ...this.#handlers, onExpiring });
    try {
      await socket.opened;
      await socket.request("connect", await proofOf(credentials));
      stop.signal.throwIfAborted();
    } catch (error) {
      socket.close();
      throw error;
    }
    this.#tell(stop, "on");
    this.#handlers.onConnected(again);
  }

  // Renews the token in place, so that the subscriptions continue. Only the holder of the secret can make a new one.
  async #renew(credentials, about) {
    if (!credentials.order) {
      return this.#handlers.onExpiring(about);
    }
    try {
      await this.request("connect", await proofOf(credentials));
    } catch (error) {
      this.#handlers.onError(error);
    }
  }

  // The pause varies at random by a fifth, so that the pages of a restarted server do not all reconnect at the same
  // time.
  #pause(stop, milliseconds, code) {
    const length = milliseconds * (0.8 + 0.4 * Math.random());
    this.#tell(stop, "waiting", { retryAt: Date.now() + length, code });
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

// The data of a connect. Undefined members are not sent.
async function proofOf({ apiKey, secret, signature, token, order }) {
  if (order) {
    return { api_key: apiKey, token: await makeToken(apiKey, secret, [order]) };
  }
  const authorization = secret ? await sign(apiKey, secret) : signature;
  return { api_key: apiKey, authorization_signature: authorization, token };
}
