// Connects the page with the TypeScript client, which reconnects, resumes and renews tokens.

import { credentialsOf } from "./credentials.js";
import { OrdersClient } from "./orders-client.js";
import { Traffic } from "./traffic.js";

// The events of the page that the client watches.
const PAGE_EVENTS = ["online", "offline", "pageshow", "pagehide", "visibilitychange"];
// The client asks for other credentials after these errors. Pasted ones do not change.
const EXPIRED = ["signature_expired", "token_expired", "invalid_token"];

/**
 * States: "off", "connecting", "on", and "waiting" for the next retry. Handlers:
 * `onState(state, { retryIn, code, error })` is called with each new state; `retryIn()` returns the time until the next
 * retry, ms. `onConnected(again)` is called when the page is connected; `again` is true after a reconnect.
 * `onExpiring()` is called before a pasted token expires. `onError(error)` gets the client's errors while it goes on.
 * `onRaw` is that of `Traffic`.
 */
export class Link {
  #url;
  #handlers;
  #client = null;
  #traffic;
  #credentials;
  #state = "off";
  #wasConnected = false;
  #refusal = null;
  #page = Object.assign(new EventTarget(), { document, navigator });

  constructor(url, handlers) {
    this.#url = url;
    this.#handlers = handlers;
    for (const type of PAGE_EVENTS) {
      addEventListener(type, () => this.#page.dispatchEvent(new Event(type)));
    }
  }

  /**
   * Connects with the credentials of the form and returns the client. If the first attempt fails, the state is "off"
   * again, with the error. Otherwise the connection is kept until `stop`, or until the server no longer accepts the
   * credentials. Throws if the credentials cannot be sent.
   */
  start(credentials) {
    this.stop();
    if (!navigator.onLine) {
      throw new Error("This device is offline.");
    }
    const traffic = this.#traffic = new Traffic(this.#handlers.onRaw);
    const client = new OrdersClient(this.#url, {
      ...credentialsOf(credentials, () => this.#state === "on"),
      keepConnected: true,
      page: this.#page,
      WebSocket: traffic.WebSocket,
    });
    client.on("state", state => client === this.#client && this.#follow(state));
    client.on("error", error => client === this.#client && this.#report(error));
    this.#client = client;
    this.#credentials = credentials;
    this.#wasConnected = false;
    this.#refusal = null;
    this.#tell("connecting");
    return client;
  }

  stop() {
    this.#end("off");
  }

  /** Ends the pause before the next retry: the client retries at once when the network comes back. */
  retry() {
    this.#page.dispatchEvent(new Event("online"));
  }

  /** Returns the details of an event as they were sent. */
  detailsOf(event) {
    return this.#traffic.detailsOf(event);
  }

  #follow(state) {
    if (state === "connected" && this.#state !== "on") {
      const again = this.#wasConnected;
      this.#wasConnected = true;
      this.#tell("on");
      this.#handlers.onConnected(again);
    } else if (state === "connecting" && this.#state === "waiting") {
      this.#tell("connecting");
    } else if (state === "waiting" && this.#wasConnected) {
      const client = this.#client;
      this.#tell("waiting", { retryIn: () => client.retryIn, code: this.#traffic.code });
    } else if (state === "waiting") {
      // The client reports the reason, if there is one, right after the state.
      const client = this.#client;
      queueMicrotask(() => client === this.#client && this.#fail(this.#refusal ?? this.#silence));
    } else if (state === "closed") {
      this.#fail(this.#client.error);
    }
  }

  #report(error) {
    const isPasted = this.#credentials.signature || this.#credentials.token;
    if (!this.#wasConnected) {
      this.#refusal = error;
    } else if (isPasted && EXPIRED.includes(error.code)) {
      this.#fail(error);
    } else if (isPasted && error.code === "credentials_failed") {
      this.#handlers.onExpiring();
    } else {
      this.#handlers.onError(error);
    }
  }

  get #silence() {
    return new Error(this.#traffic.hasOpened ? "The server cannot answer at the moment. Try again soon."
      : `There is no answer at ${this.#url}`);
  }

  #fail(error) {
    this.#end("off", { error });
  }

  #end(state, about) {
    const client = this.#client;
    this.#client = null;
    client?.close();
    this.#tell(state, about);
  }

  #tell(state, about = {}) {
    this.#state = state;
    this.#handlers.onState(state, about);
  }
}
