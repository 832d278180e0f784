// One WebSocket to /ws: sends requests, matches each reply to its request by id, and notices when the other side is gone.

const OPEN_TIMEOUT = 10_000; // ms; past it the server counts as unreachable
const REPLY_TIMEOUT = 20_000; // ms; past it a request fails and the page says so; the server retries a subscribe for 10 s, then closes
const QUIET = 30_000; // ms without a message before the server is asked for a sign of life
const MAX_WAITING = 200; // requests without a reply; past it a request fails at once

/** What the server answered instead of what was asked; `message` is its own words. */
export class ServerError extends Error {
  constructor({ code, message }) {
    super(message ?? "The server reported an error without words.");
    this.code = code;
  }
}

/** There is no connection to ask over, or it ended before the reply. */
export class Disconnected extends Error {}

// Numbers stay as the publisher wrote them, where the browser can: 12.50 is not 12.5, and a long id keeps its last digits.
const exactly = JSON.rawJSON === undefined ? undefined : (_, value, { source }) =>
  typeof value === "number" && String(value) !== source ? JSON.rawJSON(source) : value;

/**
 * `onEvent(data)` gets every event, `onError(error)` the errors that answer no request, and `onRaw(direction, text)`
 * every message, "sent" or "received", and a "note" where the socket opens or ends. `closed` resolves with
 * `{ code, error }` when it is over, `error` being the last one that answered no request: the reason, where there was one.
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

  /** Sends a message and returns the reply's data. Throws a ServerError, or an Error where there was no reply. */
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

  /** Ends it. What is still on its way is not told any more. */
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
    } else {
      this.#settle(message.id, request => request.resolve(message.data));
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

  // A phone that changes networks keeps a socket that looks open and is dead: only asking tells.
  #checkPulse() {
    if (this.#socket.readyState === WebSocket.OPEN && Date.now() - this.#lastHeard > QUIET && this.#waiting.size === 0) {
      this.request("ping").catch(() => this.#socket.close());
    }
  }
}
