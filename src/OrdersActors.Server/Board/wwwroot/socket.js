// One WebSocket to /ws. It sends requests, matches each reply to its request by id, and detects a dead connection.

// The timeout for opening the socket, ms. Then the server counts as unreachable.
const OPEN_TIMEOUT = 10_000;
// The timeout for a reply, ms. Then the request fails and the page shows it. It is longer than the 10 s for which the
// server retries a subscribe before it closes the connection.
const REPLY_TIMEOUT = 20_000;
// The time without a message after which the page sends a ping, ms.
const QUIET = 30_000;
// The maximum number of requests that wait for a reply. Further requests fail at once.
const MAX_WAITING = 200;

/** An error that the server answered; `message` is the server's text. */
export class ServerError extends Error {
  constructor({ code, message }) {
    super(message ?? "The server reported an error without a message.");
    this.code = code;
  }
}

/** There is no connection, or it ended before the reply. */
export class Disconnected extends Error {}

// Keeps numbers as the publisher wrote them if the browser supports it: 12.50 does not become 12.5, and a long id keeps
// its last digits.
const exactly = JSON.rawJSON === undefined ? undefined : (_, value, { source }) =>
  typeof value === "number" && String(value) !== source ? JSON.rawJSON(source) : value;

/**
 * Handlers: `onEvent(data)` gets every event. `onError(error)` gets the errors that do not answer a request.
 * `onExpiring(data)` gets the announcement that the token expires soon, `onEnded(data)` each subscription that the
 * server ends.
 * `onRaw(direction, text)` gets every message as "sent" or "received", and a "note" when the socket opens or closes.
 * When the socket has closed, `closed` resolves with `{ code, error }`. `error` is the last error that did not answer a
 * request, which is the reason for the close if the server sent one.
 */
export class Socket {
  #socket;
  #handlers;
  #waiting = new Map();
  #lastId = 0;
  #lastHeard = Date.now();
  #lastError = null;

  constructor(url, handlers) {
    this.#handlers = handlers;
    this.#socket = new WebSocket(url);
    this.#socket.onmessage = message => this.#receive(message.data);
    const pulse = setInterval(() => this.#checkPulse(), 5_000);
    const patience = setTimeout(() => this.#socket.close(), OPEN_TIMEOUT);
    this.opened = new Promise((resolve, reject) => {
      this.#socket.addEventListener("open", () => {
        clearTimeout(patience);
        handlers.onRaw("note", `open: ${url}`);
        resolve();
      });
      this.#socket.addEventListener("close", () => reject(new Disconnected(`There is no answer at ${url}`)));
    });
    this.closed = new Promise(resolve => {
      this.#socket.addEventListener("close", ({ code, reason }) => {
        clearTimeout(patience);
        clearInterval(pulse);
        handlers.onRaw("note", `closed: ${code} ${reason}`);
        this.#failWaiting();
        resolve({ code, error: this.#lastError });
      });
    });
  }

  /** Sends a message and returns the reply's data. Throws a ServerError, or another Error if there is no reply. */
  request(type, data) {
    if (this.#socket.readyState !== WebSocket.OPEN) {
      return Promise.reject(new Disconnected("There is no connection right now."));
    }
    if (this.#waiting.size >= MAX_WAITING) {
      return Promise.reject(new Error("Too many requests are waiting for the server."));
    }
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(id, request => request.reject(
        new Error(`The server did not answer within ${REPLY_TIMEOUT / 1000} seconds.`))), REPLY_TIMEOUT);
      this.#waiting.set(id, { resolve, reject, timer });
      const text = JSON.stringify({ type, data, id });
      this.#socket.send(text);
      this.#handlers.onRaw("sent", text);
    });
  }

  /** Closes the socket. Messages that are still in transit are dropped. */
  close() {
    this.#socket.onmessage = null;
    this.#socket.close(1000);
  }

  #receive(text) {
    this.#lastHeard = Date.now();
    this.#handlers.onRaw("received", text);
    const message = JSON.parse(text, exactly);
    if (message.type === "event") {
      this.#handlers.onEvent(message.data);
    } else if (message.type === "error") {
      const error = new ServerError(message.data);
      if (!this.#settle(message.id, request => request.reject(error))) {
        this.#lastError = error;
        this.#handlers.onError(error);
      }
    } else if (message.type === "expiring") {
      this.#handlers.onExpiring(message.data);
    } else if (!this.#settle(message.id, request => request.resolve(message.data))
      && message.data?.status === "unsubscribed") {
      this.#handlers.onEnded(message.data);
    }
  }

  #settle(id, how) {
    const request = this.#waiting.get(id);
    if (request === undefined) {
      return false;
    }
    this.#waiting.delete(id);
    clearTimeout(request.timer);
    how(request);
    return true;
  }

  #failWaiting() {
    for (const id of [...this.#waiting.keys()]) {
      this.#settle(id, request => request.reject(new Disconnected("The connection ended before the server answered.")));
    }
  }

  // After a phone has changed networks, a dead socket still looks open. Only a ping detects this.
  #checkPulse() {
    const isQuiet = Date.now() - this.#lastHeard > QUIET && this.#waiting.size === 0;
    if (this.#socket.readyState === WebSocket.OPEN && isQuiet) {
      this.request("ping").catch(() => this.#socket.close());
    }
  }
}
