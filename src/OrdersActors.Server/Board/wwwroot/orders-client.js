// src/backoff.ts
var SHORTEST = 500;
var LONGEST = 2e4;
var STABLE = 6e4;
var BackOff = class {
  #timers;
  #failures = 0;
  #succeededAt;
  constructor(timers) {
    this.#timers = timers;
  }
  /** Notes a success. The delays start again if it lasts for a minute. */
  succeeded() {
    this.#succeededAt = this.#timers.now();
  }
  /** Starts again at once. */
  reset() {
    this.#failures = 0;
  }
  /** Notes a failure and returns the delay until the next attempt, ms. */
  next() {
    if (this.#succeededAt !== void 0 && this.#timers.now() - this.#succeededAt >= STABLE) {
      this.#failures = 0;
    }
    this.#succeededAt = void 0;
    return SHORTEST + this.#timers.random() * Math.min(LONGEST - SHORTEST, SHORTEST * 2 ** this.#failures++);
  }
};

// src/errors.ts
var OrdersError = class extends Error {
  name = "OrdersError";
  /** The server's code or the client's. A newer server may send codes that this list does not have. */
  code;
  /** The order that the error is about; undefined if it is about the organization or the whole client. */
  orderId;
  constructor(code, message, orderId, cause) {
    super(message, cause === void 0 ? void 0 : { cause });
    this.code = code;
    this.orderId = orderId;
  }
};
var Unauthorized = class extends Error {
  name = "Unauthorized";
};

// src/renewal.ts
var EARLY = 3e4;
var SHORTEST2 = 6e4;
var Renewal = class {
  #timers;
  #renew;
  #backOff;
  #timer;
  #connectedAt = 0;
  constructor(timers, renew) {
    this.#timers = timers;
    this.#renew = renew;
    this.#backOff = new BackOff(timers);
  }
  /** The server has accepted a token. */
  connected(expiresAt) {
    this.#backOff.reset();
    this.#connectedAt = this.#timers.now();
    this.stop();
    if (expiresAt !== void 0) {
      this.#in(Math.max(this.#left(expiresAt) - EARLY, SHORTEST2));
    }
  }
  /** The server says that the token ends soon. */
  expiring(expiresAt) {
    const isShort = this.#timers.now() - this.#connectedAt < 1e3;
    this.#in(isShort ? Math.min(Math.max(this.#left(expiresAt), 2e3), SHORTEST2) / 2 : 0);
  }
  /** No newer token could be had. */
  failed(atLeast = 0) {
    this.#in(Math.max(this.#backOff.next(), atLeast));
  }
  stop() {
    this.#timers.clearTimeout(this.#timer);
  }
  #left(expiresAt) {
    const left = Date.parse(expiresAt) - this.#timers.date();
    return Math.min(left, 864e5) || 0;
  }
  #in(ms) {
    this.stop();
    this.#timer = this.#timers.setTimeout(() => this.#renew(), ms);
  }
};

// src/liveness.ts
var SILENCE = 25e3;
var ANSWER = 5e3;
var ANSWER_WHEN_BUSY = 15e3;
var Liveness = class {
  #timers;
  #pulse;
  #heardAt;
  #probedAt;
  #timer;
  constructor(timers, pulse) {
    this.#timers = timers;
    this.#pulse = pulse;
    this.#heardAt = timers.now();
    this.#wait(SILENCE);
  }
  /** Something came from the server. */
  heard() {
    this.#heardAt = this.#timers.now();
    if (this.#probedAt !== void 0) {
      this.#probedAt = void 0;
      this.#wait(SILENCE);
    }
  }
  /** Asks for an answer now, unless that is in progress. */
  probe() {
    if (this.#probedAt === void 0) {
      this.#probedAt = this.#timers.now();
      this.#pulse.ping();
      this.#wait(ANSWER);
    }
  }
  stop() {
    this.#timers.clearTimeout(this.#timer);
  }
  #check() {
    const now = this.#timers.now();
    if (this.#probedAt === void 0) {
      const left2 = this.#heardAt + SILENCE - now;
      return left2 > 0 ? this.#wait(left2) : this.probe();
    }
    const left = this.#probedAt + (this.#pulse.isBusy() ? ANSWER_WHEN_BUSY : ANSWER) - now;
    return left > 0 ? this.#wait(left) : this.#pulse.dead();
  }
  #wait(ms) {
    this.#timers.clearTimeout(this.#timer);
    this.#timer = this.#timers.setTimeout(() => this.#check(), ms);
  }
};

// src/session.ts
var OPEN_TIMEOUT = 1e4;
var CONNECT_TIMEOUT = 15e3;
var Session = class {
  #socket;
  #timers;
  #handler;
  #pending = /* @__PURE__ */ new Map();
  #lastId = 0;
  #reason;
  #liveness;
  #deadline;
  #hasEnded = false;
  constructor(socket, timers, handler, credentials) {
    this.#socket = socket;
    this.#timers = timers;
    this.#handler = handler;
    this.#deadline = timers.setTimeout(() => this.end(1006), OPEN_TIMEOUT);
    socket.onopen = () => {
      this.#handler.opened();
      this.#liveness = new Liveness(timers, {
        ping: () => this.send("ping", void 0, () => true),
        isBusy: () => this.#pending.size > 1,
        dead: () => this.end(1006)
      });
      this.connect(credentials);
    };
    socket.onmessage = (message) => this.#receive(message.data);
    socket.onclose = ({ code }) => this.end(code);
    socket.onerror = () => !this.#liveness && this.end(1006);
  }
  /** Sends a connect: the first one, or one with a newer token. */
  connect(credentials) {
    this.#timers.clearTimeout(this.#deadline);
    this.#deadline = this.#timers.setTimeout(() => this.end(1006), CONNECT_TIMEOUT);
    this.send("connect", credentials, (reply) => {
      this.#timers.clearTimeout(this.#deadline);
      this.#handler.connected(credentials, reply);
      return true;
    });
  }
  /** Sends a request. `onReply` gets its replies until it returns true. */
  send(type, data, onReply) {
    const id = ++this.#lastId;
    this.#pending.set(id, onReply);
    this.#socket.send(JSON.stringify({ type, data, id }));
  }
  /** Asks for a sign of life. */
  probe() {
    this.#liveness?.probe();
  }
  /** Ends the session. Later events of the socket do not matter: a dead one may take minutes to close. */
  end(code, reason = this.#reason) {
    if (!this.#hasEnded) {
      this.close();
      this.#handler.ended(code, reason);
    }
  }
  /** Closes the socket without a report. */
  close() {
    this.#hasEnded = true;
    this.#timers.clearTimeout(this.#deadline);
    this.#liveness?.stop();
    this.#pending.clear();
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.onerror = () => {
    };
    this.#socket.close(1e3);
  }
  #receive(text) {
    this.#liveness?.heard();
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return this.end(1006, { code: "invalid_message", message: "The server sent no JSON" });
    }
    const { type, data, id } = message;
    const onReply = this.#pending.get(id);
    if (type === "event") {
      this.#handler.event(data, text.length);
    } else if (onReply) {
      if (onReply(message)) {
        this.#pending.delete(id);
      }
    } else if (type === "error") {
      this.#reason = data;
      if (data.code === "rate_limited" && this.#pending.size) {
        this.end(1013);
      }
    } else if (type === "expiring") {
      this.#handler.expiring(data.expires_at);
    } else if (type === "subscription" && data.status === "unsubscribed") {
      this.#handler.uncovered(data.order_id);
    }
  }
};

// src/verdict.ts
var FINAL = [
  "invalid_api_key",
  "invalid_signature",
  "invalid_token",
  "already_authenticated",
  "access_denied",
  "invalid_message",
  "unknown_type"
];
function isTemporary(code) {
  return code === "unavailable" || code === "rate_limited";
}
function isFinalClose(status, reason, hasTokens) {
  return status === 1003 || status === 1007 || status === 1009 || status === 1008 && reason !== void 0 && (FINAL.includes(reason.code) || reason.code === "token_expired" && !hasTokens);
}
function toError({ code, message, order_id }) {
  return new OrdersError(code, message, order_id);
}

// src/subscriber.ts
var MAX_BYTES = 16e3;
var BURST = 50;
var PER_SECOND = 25;
var Subscriber = class {
  #session;
  #timers;
  #backOff;
  #refused;
  #wanted = /* @__PURE__ */ new Set();
  #dropped = /* @__PURE__ */ new Set();
  /** Subscribes that were sent and not refused. */
  #sent = /* @__PURE__ */ new Set();
  #retries = /* @__PURE__ */ new Set();
  #retryTimer;
  #retryAt = 0;
  #flushTimer;
  #isFlushing = false;
  #budget = BURST;
  #refilledAt;
  #isStopped = false;
  constructor(session, timers, refused) {
    this.#session = session;
    this.#timers = timers;
    this.#backOff = new BackOff(timers);
    this.#refused = refused;
    this.#refilledAt = timers.now();
  }
  add(feed) {
    this.#wanted.add(feed);
    this.#schedule();
  }
  /** Unsubscribes. A confirmation that is still on its way is ignored. */
  remove(feed) {
    this.#wanted.delete(feed);
    this.#retries.delete(feed);
    feed.isLive = false;
    if (this.#sent.delete(feed)) {
      this.#dropped.add(feed.orderId);
      this.#schedule();
    }
  }
  /** The server has ended the subscription itself. */
  forget(feed) {
    this.#sent.delete(feed);
    this.remove(feed);
  }
  stop() {
    this.#isStopped = true;
    this.#timers.clearTimeout(this.#retryTimer);
    this.#timers.clearTimeout(this.#flushTimer);
    for (const feed of this.#sent) {
      feed.isLive = false;
    }
  }
  #schedule() {
    if (!this.#isFlushing) {
      this.#isFlushing = true;
      queueMicrotask(() => this.#flush());
    }
  }
  // Unsubscribes first: a feed may have been unsubscribed and subscribed again.
  #flush() {
    this.#isFlushing = false;
    while (!this.#isStopped && (this.#dropped.size > 0 || this.#wanted.size > 0)) {
      if (!this.#take()) {
        this.#isFlushing = true;
        this.#flushTimer = this.#timers.setTimeout(() => this.#flush(), 1e3 / PER_SECOND);
        return;
      }
      if (this.#dropped.size > 0) {
        const [orderId] = this.#dropped;
        this.#dropped.delete(orderId);
        this.#session.send("unsubscribe", { order_id: orderId }, () => true);
      } else {
        this.#sendBatch();
      }
    }
  }
  #take() {
    const now = this.#timers.now();
    this.#budget = Math.min(BURST, this.#budget + (now - this.#refilledAt) * PER_SECOND / 1e3);
    this.#refilledAt = now;
    return this.#budget >= 1 && this.#budget-- > 0;
  }
  #sendBatch() {
    const batch = [];
    const orders = [];
    let whole;
    let bytes = 0;
    for (const feed of this.#wanted) {
      const entry = { order_id: feed.orderId, ...feed.request() };
      bytes += new TextEncoder().encode(JSON.stringify(entry)).length + 1;
      if (bytes > MAX_BYTES && batch.length > 0) {
        break;
      }
      this.#wanted.delete(feed);
      this.#sent.add(feed);
      batch.push(feed);
      if (feed.orderId === void 0) {
        whole = entry;
        break;
      }
      orders.push(entry);
    }
    this.#session.send("subscribe", whole ?? { orders }, (reply) => this.#onReply(batch, reply));
  }
  // One reply for each entry. An error without an order is for all that are left: the message was refused as a whole.
  #onReply(batch, { type, data }) {
    if (type === "error") {
      const count = data.order_id === void 0 ? batch.length : 1;
      for (const feed of batch.splice(indexOf(batch, data.order_id), count)) {
        if (this.#sent.delete(feed)) {
          this.#onRefused(feed, data);
        }
      }
    } else if (type === "subscription") {
      const [feed] = batch.splice(indexOf(batch, data.order_id), 1);
      if (feed && this.#sent.has(feed)) {
        this.#backOff.reset();
        feed.confirm(data);
      }
    }
    return batch.length === 0;
  }
  #onRefused(feed, error) {
    if (!isTemporary(error.code)) {
      this.#refused(feed, error);
      return;
    }
    const now = this.#timers.now();
    const at = now + (error.retry_after_ms ?? 0) + (this.#retries.size === 0 ? this.#backOff.next() : 0);
    this.#retries.add(feed);
    if (at > this.#retryAt) {
      this.#retryAt = at;
      this.#timers.clearTimeout(this.#retryTimer);
      this.#retryTimer = this.#timers.setTimeout(() => {
        this.#retryAt = 0;
        this.#retries.forEach((each) => this.#wanted.add(each));
        this.#retries.clear();
        this.#schedule();
      }, at - now);
    }
  }
};
function indexOf(batch, orderId) {
  return Math.max(0, batch.findIndex((feed) => feed.orderId === orderId));
}

// src/connection.ts
var IDLE = 5e3;
var HURRY = 500;
var Connection = class {
  state = "waiting";
  #owner;
  #timers;
  #feeds = /* @__PURE__ */ new Map();
  #backOff;
  #timer;
  /** When the next attempt is due. */
  #notBefore = 0;
  /** Increases with every attempt, so that what belongs to an earlier one is recognized. */
  #attempt = 0;
  #session;
  #subscriber;
  #renewal;
  #token;
  /** WebSockets in a row that could not be opened. */
  #unopened = 0;
  #isKept = false;
  #isClosed = false;
  constructor(owner) {
    this.#owner = owner;
    this.#timers = owner.settings.timers;
    this.#backOff = new BackOff(this.#timers);
    this.#renewal = new Renewal(this.#timers, () => void this.#renewToken());
  }
  get feeds() {
    return this.#feeds.values();
  }
  get hasFeeds() {
    return this.#feeds.size > 0;
  }
  /** Whether it is or wants to be connected. */
  get isWanted() {
    return !this.#isClosed && (this.#isKept || this.hasFeeds);
  }
  /** The time until the next attempt, ms; Infinity if none is due. */
  get retryIn() {
    return this.isWanted && this.state === "waiting" ? this.#left : Infinity;
  }
  get(orderId) {
    return this.#feeds.get(orderId);
  }
  add(feed) {
    this.#feeds.set(feed.orderId, feed);
    this.#subscriber?.add(feed);
    this.#review();
  }
  /** Unsubscribes. Without feeds, the connection closes after 5 s, unless it is kept. */
  remove(feed) {
    if (this.#feeds.get(feed.orderId) === feed) {
      this.#feeds.delete(feed.orderId);
      this.#subscriber?.remove(feed);
      this.#review();
    }
  }
  /** Whether it connects and stays connected although it has no feeds. */
  keep(isKept) {
    if (this.#isKept !== isKept) {
      this.#isKept = isKept;
      this.#review();
    }
  }
  /** The page became visible, or the network has changed: asks for a sign of life, or comes back soon. */
  wake() {
    this.#session?.probe();
    if (this.state === "waiting" && this.isWanted) {
      this.#notBefore = this.#timers.now() + this.#timers.random() * HURRY;
      this.#in(this.#left);
    }
  }
  close() {
    this.#isClosed = true;
    this.#leave();
  }
  get #isOnline() {
    return this.#owner.settings.page.navigator?.onLine !== false;
  }
  get #left() {
    return Math.max(0, this.#notBefore - this.#timers.now());
  }
  #review() {
    if (!this.isWanted) {
      this.#in(IDLE);
    } else if (this.state === "waiting") {
      this.#in(this.#left);
    }
  }
  #in(ms) {
    this.#timers.clearTimeout(this.#timer);
    this.#timer = this.#timers.setTimeout(() => void this.#tick(), ms);
  }
  async #tick() {
    if (!this.isWanted) {
      this.#leave();
    } else if (this.state === "waiting" && this.#isOnline) {
      await this.#connect();
    }
  }
  async #connect() {
    const attempt = ++this.#attempt;
    this.#setState("connecting");
    let credentials;
    try {
      await this.#owner.ready;
      credentials = await this.#owner.credentials.get();
    } catch (error) {
      if (attempt === this.#attempt) {
        this.#failed(error);
      }
      return;
    }
    if (attempt === this.#attempt) {
      this.#token = credentials.token;
      this.#open(credentials);
    }
  }
  #open(credentials) {
    const { settings } = this.#owner;
    const fallback = this.#unopened < 2 ? void 0 : settings.fallback;
    let wasOpened = false;
    const ended = (code, reason) => {
      this.#unopened = fallback ? 1 : wasOpened ? 0 : this.#unopened + 1;
      this.#ended(code, reason);
    };
    try {
      const socket = fallback ? fallback(settings) : new settings.WebSocket(settings.url);
      this.#session = new Session(socket, this.#timers, {
        opened: () => wasOpened = true,
        connected: (sent, reply) => this.#connected(sent, reply, !fallback),
        event: (event, size) => this.#event(event, size),
        expiring: (expiresAt) => this.#owner.credentials.hasTokens && this.#renewal.expiring(expiresAt),
        uncovered: (orderId) => this.#uncovered(orderId),
        ended
      }, credentials);
    } catch (error) {
      ended(1006, { code: "unavailable", message: String(error) });
    }
  }
  #connected(sent, reply, isChecked) {
    const { credentials } = this.#owner;
    if (reply.type === "connected") {
      if (isChecked) {
        credentials.accept(sent.token);
      }
      if (credentials.hasTokens) {
        this.#renewal.connected(reply.data.expires_at);
      }
      if (!this.#subscriber) {
        this.#backOff.succeeded();
        this.#subscriber = new Subscriber(this.#session, this.#timers, (feed, e) => this.#refused(feed, e));
        this.#feeds.forEach((feed) => this.#subscriber.add(feed));
        this.#setState("connected");
      }
      return;
    }
    const error = reply.data;
    if (!this.#subscriber) {
      this.#session.end(1008, error);
    } else if (credentials.isFinal(this.#token, 1008, error)) {
      this.#owner.stop(toError(error));
    } else {
      this.#renewal.failed(error.retry_after_ms);
    }
  }
  async #renewToken() {
    const session = this.#session;
    try {
      const credentials = await this.#owner.credentials.renew(this.#token);
      if (session === this.#session) {
        this.#token = credentials.token;
        session?.connect(credentials);
      }
    } catch (error) {
      if (error.code === "unauthorized") {
        this.#owner.stop(error);
      } else if (session === this.#session) {
        this.#owner.report(error);
        this.#renewal.failed();
      }
    }
  }
  #event(event, size) {
    const feed = this.#feeds.get(event.order_id) ?? this.#feeds.get(void 0);
    if (feed?.isLive && !feed.deliver(event, size)) {
      this.#session.end(1006);
    }
  }
  #uncovered(orderId) {
    const feed = this.#feeds.get(orderId);
    if (feed?.isLive) {
      this.#subscriber.forget(feed);
      this.#refused(feed, { code: "access_denied", message: "The new token does not cover it", order_id: orderId });
    }
  }
  #refused(feed, error) {
    this.remove(feed);
    const failure = new OrdersError(error.code, error.message, feed.orderId);
    feed.fail(failure);
    this.#owner.report(failure);
  }
  #ended(code, reason) {
    const error = reason && code === 1008 ? toError(reason) : new OrdersError("protocol", `The connection was closed with ${code}: ${reason?.message ?? "no reason"}`);
    if (this.#owner.credentials.isFinal(this.#token, code, reason)) {
      this.#owner.stop(error);
    } else {
      this.#failed(reason && !isTemporary(reason.code) ? error : void 0, reason?.retry_after_ms);
    }
  }
  #failed(error, atLeast = 0) {
    if (error?.code === "unauthorized") {
      this.#owner.stop(error);
      return;
    }
    this.#notBefore = this.#timers.now() + Math.max(this.#backOff.next(), atLeast);
    this.#leave();
    if (error) {
      this.#owner.report(error);
    }
    if (this.isWanted) {
      this.#in(this.#left);
    }
  }
  #leave() {
    this.#attempt++;
    this.#timers.clearTimeout(this.#timer);
    this.#renewal.stop();
    this.#subscriber?.stop();
    this.#session?.close();
    this.#subscriber = this.#session = void 0;
    this.#setState("waiting");
  }
  #setState(state) {
    if (this.state !== state) {
      this.state = state;
      this.#owner.stateChanged();
    }
  }
};

// src/timeout.ts
function withTimeout(promise, ms, timers, name) {
  return new Promise((resolve, reject) => {
    const timer = timers.setTimeout(() => reject(new Error(`${name} did not answer within ${ms / 1e3} s`)), ms);
    promise.then(resolve, reject).finally(() => timers.clearTimeout(timer));
  });
}

// src/credentials.ts
var TIMEOUT = 3e4;
var Credentials = class {
  #settings;
  #token;
  #accepted;
  #asking;
  constructor(settings) {
    this.#settings = settings;
  }
  get hasTokens() {
    return this.#settings.getToken !== void 0;
  }
  /** The data of a connect. Throws an OrdersError: `unauthorized` is final, `credentials_failed` may be retried. */
  async get() {
    const { apiKey, getToken, getSignature } = this.#settings;
    if (getToken) {
      return { api_key: apiKey, token: this.#token ?? await this.#askForToken() };
    }
    return getSignature ? { api_key: apiKey, authorization_signature: await this.#ask("getSignature", getSignature) } : { api_key: apiKey };
  }
  /** A newer token than this one. Asks only once for all connections. */
  async renew(old) {
    this.#drop(old);
    return this.get();
  }
  /** The server has accepted this token. */
  accept(token) {
    this.#accepted = token;
  }
  /** Decides about an error or a close of a connection, and forgets its token if that is of no use any more. */
  isFinal(token, code, reason) {
    const wasAccepted = reason?.code === "invalid_token" && token !== void 0 && token === this.#accepted;
    if (reason?.code === "invalid_token" || reason?.code === "token_expired") {
      this.#drop(token);
    }
    return !wasAccepted && isFinalClose(code, reason, this.hasTokens);
  }
  /** Does not use this token again. */
  #drop(token) {
    if (this.#token === token) {
      this.#token = void 0;
    }
  }
  #askForToken() {
    this.#asking ??= this.#ask("getToken", this.#settings.getToken).then((token) => {
      if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) {
        throw new OrdersError("credentials_failed", "getToken did not return a token of the form a.b.c");
      }
      return this.#token = token;
    }).finally(() => this.#asking = void 0);
    return this.#asking;
  }
  async #ask(name, callback) {
    try {
      const text = await withTimeout((async () => callback())(), TIMEOUT, this.#settings.timers, name);
      if (typeof text !== "string" || text === "") {
        throw new Error("it did not return a text");
      }
      return text.trim();
    } catch (error) {
      const isFinal = error instanceof Unauthorized;
      throw new OrdersError(
        isFinal ? "unauthorized" : "credentials_failed",
        `${name} ${isFinal ? "refused" : "failed"}: ${error?.message ?? error}`,
        void 0,
        error
      );
    }
  }
};

// src/emitter.ts
var Emitter = class {
  #listeners = { state: /* @__PURE__ */ new Set(), error: /* @__PURE__ */ new Set() };
  on(name, listener) {
    const listeners = this.#listeners[name];
    if (!listeners) {
      throw new TypeError(`There is no event ${name}. Expected state or error`);
    }
    const own = (value) => listener(value);
    listeners.add(own);
    return () => void listeners.delete(own);
  }
  emit(name, value) {
    const listeners = [...this.#listeners[name]];
    if (name === "error" && listeners.length === 0) {
      console.error(value);
    }
    for (const listener of listeners) {
      try {
        listener(value);
      } catch (error) {
        console.error(error);
      }
    }
  }
};

// src/feed.ts
var Feed = class {
  /** The order; undefined for the organization. */
  orderId;
  /** The name of its position in the store. */
  key;
  handles = /* @__PURE__ */ new Set();
  /** Whether the server has confirmed it on this connection. Only then events are for this feed. */
  isLive = false;
  epoch;
  #positions;
  #position;
  #newest;
  /** The newest number at the last confirmation. While the position is lower, its event is still to come. */
  #head = 0;
  #requested;
  /** The base of the first request. */
  #stored;
  #asked;
  constructor(orderId, positions) {
    this.orderId = orderId;
    this.key = orderId === void 0 ? "*" : `o:${orderId}`;
    this.#positions = positions;
  }
  /** Adds a handle, or returns why that is impossible. */
  join(handle) {
    if (!this.#canJoin(handle.options)) {
      return new OrdersError(
        "already_subscribed",
        "Subscribed already. Unsubscribe for earlier events",
        this.orderId
      );
    }
    this.handles.add(handle);
    if (this.#position !== void 0) {
      const { last } = handle.options;
      const newest = last && this.#newest;
      handle.begin(newest ? newest.number - 1 : Math.max(this.#position, last ? this.#head - 1 : 0));
      if (newest) {
        queueMicrotask(() => {
          if (!handle.ended && handle.seen < newest.number) {
            handle.deliver(newest.event, newest.number, newest.size);
          }
        });
      }
    }
    return void 0;
  }
  #canJoin({ after, epoch, last = 0 }) {
    if (!this.#requested) {
      return after === void 0 || [...this.handles].every(({ options }) => options.after === void 0 || options.epoch === epoch);
    }
    const position = this.#position;
    const hasNewest = position === void 0 ? "last" in this.#requested : !position || position < this.#head || this.#newest;
    return (after === void 0 || after === position && epoch === this.epoch) && last < (hasNewest ? 2 : 1);
  }
  /** The start of the next subscribe. */
  request() {
    const after = this.#position;
    return this.#requested = after === void 0 ? this.#firstRequest() : { after, epoch: this.epoch };
  }
  // A request that is enough for all handles. Each of them drops what it does not want.
  #firstRequest() {
    const all = [...this.handles].map((handle) => handle.options);
    const explicit = all.filter((options) => options.after !== void 0);
    const stored = all.some((options) => options.after === void 0 && options.last === void 0) ? this.#positions.get(this.key) : void 0;
    this.#stored = explicit[0] && explicit[0].epoch !== stored?.epoch ? void 0 : stored;
    const afters = this.#stored ? [...explicit, this.#stored] : explicit;
    const last = Math.max(this.#stored || !afters.length ? 1 : 0, ...all.map((options) => options.last ?? 0));
    if (afters.length === 0) {
      return { last };
    }
    this.epoch = afters[0].epoch;
    this.#asked = Math.min(...afters.map((each) => each.after));
    return { after: Math.max(0, this.#asked - last), epoch: this.epoch };
  }
  /** The server has confirmed: notes where the events begin, and reports a gap. */
  confirm({ resumed, earliest, epoch, position: newest }) {
    const request = this.#requested;
    this.isLive = true;
    if (!request || resumed === void 0 || newest === void 0) {
      return;
    }
    const start = resumed ? "after" in request ? request.after : Math.max(0, newest - request.last) : earliest - 1;
    const asked = this.#position ?? this.#asked;
    const rewritten = asked !== void 0 && (this.epoch !== void 0 && epoch !== this.epoch || !resumed && newest < asked);
    this.epoch = epoch;
    this.#position = start;
    this.#head = newest;
    if (rewritten) {
      this.#newest = void 0;
    }
    for (const handle of [...this.handles]) {
      const { after, last } = handle.options;
      const known = handle.seen ?? after ?? (last === void 0 ? this.#stored?.after : void 0);
      const wanted = known ?? Math.max(0, newest - (last ?? 0));
      handle.begin(rewritten ? start : Math.max(wanted, start), rewritten);
      if (known !== void 0 && !resumed && (rewritten || start > known)) {
        handle.tell("onGap", { orderId: this.orderId, from: known + 1, earliest: start + 1, rewritten });
      }
      handle.tell("onSubscribed", { resumed, position: newest });
    }
  }
  /** Hands an event to the handles. Returns false if events before it are missing; then it is not handed over. */
  deliver(event, size) {
    const number = this.orderId === void 0 ? event.sequence : event.version;
    const position = this.#position ?? 0;
    if (number > position + 1) {
      return false;
    }
    if (number > position) {
      this.#position = number;
      this.#newest = { event, number, size };
      for (const handle of [...this.handles]) {
        if (!handle.ended && number > (handle.seen ?? 0)) {
          handle.deliver(event, number, size);
        }
      }
    }
    return true;
  }
  /** Notes in the store what all handles have handled. */
  save() {
    const handled = [...this.handles].map((handle) => handle.handled);
    if (handled.length > 0 && handled.every((number) => number !== void 0)) {
      this.#positions.set(this.key, { after: Math.min(...handled), epoch: this.epoch });
    }
  }
  /** Forgets the stored position: nobody wants the events any more. */
  forget() {
    this.#positions.set(this.key, void 0);
  }
  /** Ends all handles. */
  fail(error) {
    for (const handle of [...this.handles]) {
      this.handles.delete(handle);
      handle.fail(error);
    }
  }
};

// src/options.ts
function withDefaults(url, options) {
  must(typeof url === "string" && /^wss?:\/\//.test(url), "url must be a ws: or wss: URL");
  const text = options?.apiKey;
  must(typeof text === "string" && text !== "", "apiKey must be a string that is not empty");
  for (const name of ["getToken", "getSignature"]) {
    must(options[name] === void 0 || typeof options[name] === "function", `${name} must be a function`);
  }
  must(!options.getToken || !options.getSignature, "getToken and getSignature exclude each other");
  const { fallback } = options;
  must(!fallback || typeof fallback === "function" && options.getToken, "fallback needs eventStreams and getToken");
  const page = options.page ?? globalThis;
  const socket = options.WebSocket ?? globalThis.WebSocket;
  must(typeof socket === "function", "WebSocket must be given: this platform has none");
  return {
    url,
    apiKey: text,
    getToken: options.getToken,
    getSignature: options.getSignature,
    fallback,
    WebSocket: socket,
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    timers: options.timers ?? platformTimers,
    page
  };
}
function checkSubscribe(orderId, options) {
  must(
    orderId === void 0 || typeof orderId === "string" && orderId !== "" && [...orderId].length <= 128,
    "orderId must be a string of 1 to 128 characters"
  );
  const { after, last, epoch } = options;
  must(after === void 0 || Number.isSafeInteger(after) && after >= 0, "after must be an integer from 0 on");
  must(last === void 0 || Number.isInteger(last) && last >= 0 && last <= 100, "last must be an integer, 0 to 100");
  must(after === void 0 || last === void 0, "after and last exclude each other");
  must(epoch === void 0 || after !== void 0, "epoch must be given together with after");
}
function must(condition, message) {
  if (!condition) {
    throw new TypeError(message);
  }
}
var platformTimers = {
  now: () => performance.now(),
  date: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (handle) => clearTimeout(handle),
  random: () => Math.random()
};

// src/positions.ts
var MAX_POSITIONS = 1e3;
var WRITE_INTERVAL = 1e3;
var Positions = class {
  /** Fulfilled when the store has been read. */
  ready;
  #store;
  #name;
  #timers;
  #report;
  #known = {};
  #changed = /* @__PURE__ */ new Map();
  #timer;
  #writing;
  constructor(store, name, timers, report) {
    this.#name = name;
    this.#timers = timers;
    this.#report = report;
    this.ready = this.#load(store);
  }
  get(key) {
    const saved = this.#known[key];
    return saved && { after: saved[0], epoch: saved[1] };
  }
  /** Notes a position, or forgets it. */
  set(key, position) {
    if (!this.#store) {
      return;
    }
    this.#changed.set(key, position);
    this.#schedule();
  }
  /** Writes now what has changed. A store that answers at once is written before this returns. */
  flush() {
    this.#timers.clearTimeout(this.#timer);
    this.#timer = void 0;
    if (this.#store && this.#changed.size > 0 && !this.#writing) {
      const store = this.#store;
      const write = (text) => store.setItem(this.#name, this.#merge(text));
      try {
        const text = store.getItem(this.#name);
        const written = text instanceof Promise ? text.then(write) : write(text);
        if (written instanceof Promise) {
          this.#writing = written.catch(this.#report).finally(() => {
            this.#writing = void 0;
            this.#schedule();
          });
        }
      } catch (error) {
        this.#report(error);
      }
    }
  }
  #schedule() {
    if (this.#changed.size > 0) {
      this.#timer ??= this.#timers.setTimeout(() => this.flush(), WRITE_INTERVAL);
    }
  }
  async #load(given) {
    try {
      await void 0;
      const store = typeof given !== "string" ? given : given === "memory" ? void 0 : globalThis[given];
      if (store === void 0 && typeof given === "string" && given !== "memory") {
        throw new Error(`This platform has no ${given}`);
      }
      this.#store = store;
      const text = store?.getItem(this.#name);
      this.#known = parse(text instanceof Promise ? await text : text);
    } catch (error) {
      this.#store = void 0;
      this.#report(error);
    }
  }
  #merge(text) {
    const saved = parse(text);
    for (const [key, position] of this.#changed) {
      const before = saved[key];
      delete saved[key];
      if (position) {
        const isBehind = before && before[1] === position.epoch && before[0] > position.after;
        saved[key] = isBehind ? before : [position.after, position.epoch];
      }
    }
    this.#changed.clear();
    this.#known = saved;
    for (const key of Object.keys(saved).slice(0, -MAX_POSITIONS)) {
      delete saved[key];
    }
    return JSON.stringify(saved);
  }
};
function parse(text) {
  const saved = {};
  try {
    for (const [key, value] of Object.entries(JSON.parse(text || "{}"))) {
      if (Array.isArray(value) && Number.isSafeInteger(value[0]) && value[0] >= 0 && (value[1] == null || typeof value[1] === "string")) {
        saved[key] = [value[0], value[1] ?? void 0];
      }
    }
  } catch {
  }
  return saved;
}

// src/subscription.ts
var MAX_EVENTS = 1e3;
var MAX_CHARACTERS = 1048576;
var Subscription = class {
  orderId;
  options;
  ended = false;
  error;
  /** The number of the last event handed over or not due; undefined before the confirmation. */
  seen;
  /** The number of the last event handled; an iteration handles events later than it gets them. */
  handled;
  #owner;
  #handler;
  #buffer = [];
  #buffered = 0;
  #epoch;
  #given;
  #wake;
  #forgetSignal = () => {
  };
  constructor(owner, orderId, handler, options) {
    this.#owner = owner;
    this.orderId = orderId;
    this.#handler = handler;
    this.options = options;
    const { signal } = options;
    if (signal) {
      const abort = () => this.unsubscribe();
      signal.addEventListener("abort", abort);
      this.#forgetSignal = () => signal.removeEventListener("abort", abort);
    }
  }
  get position() {
    return this.handled === void 0 ? void 0 : { after: this.handled, epoch: this.#epoch };
  }
  get isLive() {
    return !this.ended && this.#owner.feed.isLive;
  }
  unsubscribe() {
    if (!this.ended) {
      this.#buffer = [];
      this.#end();
      this.#owner.leave(this);
    }
  }
  /** Ends the subscription with an error. The caller removes it from its feed. */
  fail(error) {
    if (!this.ended) {
      this.error = error;
      this.#end();
      this.tell("onError", error);
    }
  }
  /** Hands over an event that is due. */
  deliver(event, number, size) {
    this.seen = number;
    if (this.#handler) {
      this.#call(() => this.#handler(event));
      this.#setHandled(number);
      return;
    }
    this.#buffer.push({ event, number, size });
    this.#buffered += size;
    this.#wake?.();
    if (this.#buffer.length > MAX_EVENTS || this.#buffered > MAX_CHARACTERS) {
      const { event: dropped } = this.#buffer.pop();
      this.#owner.leave(this);
      const error = new OrdersError(
        "overflow",
        `The iteration is too slow. Event ${dropped.id} and later ones were not buffered`,
        this.orderId
      );
      this.fail(error);
      this.#owner.report(error);
    }
  }
  /** Begins after a number: with the confirmation, or because the history before it is gone or was rewritten. */
  begin(number, rewritten = false) {
    this.seen = number;
    if (rewritten) {
      this.#buffer = [];
      this.#buffered = 0;
      this.#given = void 0;
    }
    if (this.#buffer.length === 0 && this.#given === void 0) {
      this.#setHandled(number);
    }
  }
  /** Calls a callback of the application, if it has given one. */
  tell(name, value) {
    this.#call(() => this.options[name]?.(value));
  }
  [Symbol.asyncIterator]() {
    if (this.#handler) {
      throw new TypeError("A subscription with a handler cannot be iterated");
    }
    return {
      next: () => this.#next(),
      return: () => {
        this.unsubscribe();
        return Promise.resolve({ done: true, value: void 0 });
      }
    };
  }
  async #next() {
    if (this.#given !== void 0) {
      const given = this.#given;
      this.#given = void 0;
      this.#setHandled(given);
    }
    while (this.#buffer.length === 0) {
      if (this.ended) {
        if (this.error) {
          throw this.error;
        }
        return { done: true, value: void 0 };
      }
      await new Promise((resolve) => this.#wake = resolve);
    }
    const { event, number, size } = this.#buffer.shift();
    this.#buffered -= size;
    this.#given = number;
    return { done: false, value: event };
  }
  #setHandled(number) {
    this.handled = number;
    this.#epoch = this.#owner.feed.epoch;
    this.#owner.feed.save();
  }
  #end() {
    this.ended = true;
    this.#forgetSignal();
    this.#wake?.();
  }
  #call(callback) {
    try {
      callback();
    } catch (cause) {
      this.#owner.report(new OrdersError("handler_failed", `A handler threw: ${cause}`, this.orderId, cause));
    }
  }
};

// src/client.ts
var STORE_TIMEOUT = 5e3;
var WAKING = ["online", "offline", "pageshow", "visibilitychange"];
var OrdersClient = class {
  #settings;
  #emitter = new Emitter();
  #positions;
  #orders;
  #organization;
  #both;
  #state = "waiting";
  #error;
  #isKept;
  #forgetPage;
  /**
   * @param url The server's `wss://…/ws`.
   * @throws TypeError if a setting is wrong. The message names it.
   */
  constructor(url, options) {
    this.#settings = withDefaults(url, options);
    const { timers, apiKey } = this.#settings;
    const report = (error) => this.#emitter.emit("error", error);
    const storeFailed = (cause) => report(new OrdersError("store_failed", `${cause}`, void 0, cause));
    this.#positions = new Positions(options.store ?? "memory", `orders-actors ${url} ${apiKey}`, timers, storeFailed);
    const owner = {
      settings: this.#settings,
      credentials: new Credentials(this.#settings),
      ready: withTimeout(this.#positions.ready, STORE_TIMEOUT, timers, "The store").catch(storeFailed),
      stateChanged: () => this.#updateState(),
      report,
      stop: (error) => this.#close(error)
    };
    this.#orders = new Connection(owner);
    this.#organization = new Connection(owner);
    this.#both = [this.#orders, this.#organization];
    this.#isKept = !!options.keepConnected;
    this.#forgetPage = this.#watchPage();
    this.#updateState();
  }
  /** The state of the connection. With subscriptions to orders and to the organization, the worse of two. */
  get state() {
    return this.#state;
  }
  /**
   * The time until the next attempt to connect, ms; Infinity if none is due. While the device is offline, the client
   * waits for the network instead.
   */
  get retryIn() {
    return Math.min(...this.#both.map((each) => each.retryIn));
  }
  /** Why the client stopped by itself; undefined otherwise. */
  get error() {
    return this.#error;
  }
  /** Calls the listener on every change of state, or on every error. Returns a function that removes it. */
  on(name, listener) {
    return this.#emitter.on(name, listener);
  }
  /**
   * Subscribes to an order. Without `after` and `last` it continues after the stored position, or else begins with the
   * next event.
   *
   * Handlers of the same order share one subscription at the server. One that joins later gets the events from then on.
   * With `last: 1` it gets the newest received event first. More of the past cannot be had any more: then the
   * subscription ends with `already_subscribed`.
   *
   * @throws TypeError if an argument is wrong; OrdersError `closed` after `close`.
   */
  subscribe(orderId, handler, options = {}) {
    checkSubscribe(orderId ?? "", options);
    return this.#subscribe(this.#orders, orderId, handler, options);
  }
  /**
   * Subscribes to all orders of the organization. It needs `getSignature`, or tokens for the organization. Otherwise it
   * is like `subscribe`; the numbers are `sequence`s.
   */
  subscribeAll(handler, options = {}) {
    checkSubscribe(void 0, options);
    return this.#subscribe(this.#organization, void 0, handler, options);
  }
  /** Closes for good. All subscriptions end with the error `closed`. Stored positions are kept. */
  close() {
    this.#close(void 0);
  }
  #subscribe(connection, orderId, handler, options) {
    if (this.#state === "closed") {
      throw new OrdersError("closed", "The client is closed", orderId, this.#error);
    }
    must(handler == null || typeof handler === "function", "handler must be a function");
    let feed = connection.get(orderId);
    const isNew = feed === void 0;
    const own = feed ??= new Feed(orderId, this.#positions);
    const handle = new Subscription({
      leave: (each) => this.#leave(connection, own, each),
      feed: own,
      report: (error) => this.#emitter.emit("error", error)
    }, orderId, handler ?? void 0, options);
    if (options.signal?.aborted) {
      handle.unsubscribe();
      return handle;
    }
    const refusal = own.join(handle);
    if (refusal) {
      handle.fail(refusal);
      this.#emitter.emit("error", refusal);
    } else if (isNew) {
      connection.add(own);
      this.#updateState();
    }
    return handle;
  }
  #leave(connection, feed, handle) {
    if (feed.handles.delete(handle) && feed.handles.size === 0) {
      connection.remove(feed);
      feed.forget();
      this.#updateState();
    }
  }
  #updateState() {
    this.#orders.keep(this.#isKept && !this.#organization.hasFeeds);
    const states = this.#both.filter((each) => each.isWanted || each.state !== "waiting").map((each) => each.state);
    this.#setState(["waiting", "connecting", "connected"].find((each) => states.includes(each)) ?? "waiting");
  }
  #setState(state) {
    if (this.#state !== state && this.#state !== "closed") {
      this.#state = state;
      this.#emitter.emit("state", state);
    }
  }
  #close(reason) {
    if (this.#state === "closed") {
      return;
    }
    this.#error = reason;
    this.#save();
    this.#forgetPage();
    this.#setState("closed");
    for (const connection of this.#both) {
      connection.close();
      for (const feed of [...connection.feeds]) {
        feed.fail(reason ?? new OrdersError("closed", "The client is closed", feed.orderId));
      }
    }
    if (reason) {
      this.#emitter.emit("error", reason);
    }
  }
  // Also what has not changed: another tab may have forgotten it in the common store.
  #save() {
    for (const connection of this.#both) {
      for (const feed of connection.feeds) {
        feed.save();
      }
    }
    this.#positions.flush();
  }
  #watchPage() {
    const { page } = this.#settings;
    const wake = () => {
      if (page.document?.visibilityState !== "hidden") {
        this.#both.forEach((each2) => each2.wake());
      }
    };
    const hide = () => this.#save();
    const each = (method) => {
      WAKING.forEach((type) => page[method]?.(type, wake));
      page[method]?.("pagehide", hide);
    };
    each("addEventListener");
    return () => each("removeEventListener");
  }
};

// src/sse.ts
var SILENCE2 = 6e4;
var MAX_LINE = 1048576;
var eventStreams = (settings) => new EventStreams(settings);
var EventStreams = class {
  onopen;
  onmessage;
  onclose;
  onerror;
  #settings;
  #base;
  #token = "";
  #streams = /* @__PURE__ */ new Map();
  #isExpiring = false;
  constructor(settings) {
    this.#settings = settings;
    this.#base = settings.url.replace(/^ws/, "http").replace(/\/ws\/?(\?.*)?$/, "");
    queueMicrotask(() => this.onopen?.({}));
  }
  send(text) {
    const { type, data, id } = JSON.parse(text);
    if (type === "connect") {
      this.#token = data.token;
      this.#isExpiring = false;
      this.#streams.forEach((stream) => this.#reopen(stream));
      this.#reply("connected", { status: "authenticated" }, id);
    } else if (type === "subscribe") {
      (data.orders ?? [data]).forEach((entry) => this.#subscribe(entry, id));
    } else if (type === "unsubscribe") {
      this.#streams.get(data.order_id)?.abort.abort();
      this.#streams.delete(data.order_id);
      this.#reply("subscription", { order_id: data.order_id, status: "unsubscribed" }, id);
    } else {
      this.#reply("pong", void 0, id);
    }
  }
  close(code = 1e3) {
    this.#streams.forEach((stream) => stream.abort.abort());
    this.#streams.clear();
    this.onclose?.({ code });
  }
  #subscribe({ order_id: orderId, ...rest }, id) {
    if (orderId === "." || orderId === "..") {
      this.#reply("error", { code: "access_denied", message: "not available over HTTP", order_id: orderId }, id);
      return;
    }
    const query = `${new URLSearchParams(rest)}&`;
    const stream = { orderId, query, id, last: "", abort: new AbortController() };
    this.#streams.set(orderId, stream);
    void this.#run(stream, stream.abort.signal);
  }
  #reopen(stream) {
    stream.abort.abort();
    stream.abort = new AbortController();
    if (stream.last) {
      stream.query = `last_event_id=${encodeURIComponent(stream.last)}&`;
    }
    void this.#run(stream, stream.abort.signal);
  }
  // Never rejects. A failure ends the whole.
  async #run(stream, signal) {
    const { timers } = this.#settings;
    let timer;
    const silence = () => {
      timers.clearTimeout(timer);
      timer = timers.setTimeout(() => this.close(1006), SILENCE2);
    };
    try {
      silence();
      const path = stream.orderId === void 0 ? "" : `orders/${encodeURIComponent(stream.orderId)}/`;
      const response = await this.#settings.fetch(
        `${this.#base}/v1/${path}events?${stream.query}access_token=${encodeURIComponent(this.#token)}`,
        { headers: { accept: "text/event-stream" }, signal, cache: "no-store" }
      );
      if (!response.ok) {
        this.#refuse(stream, await response.json());
        return;
      }
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (; ; ) {
        const { done, value } = await reader.read();
        if (done || signal.aborted || rest.length > MAX_LINE) {
          break;
        }
        silence();
        const blocks = (rest + value).split("\n\n");
        rest = blocks.pop();
        for (const block of blocks) {
          if (!signal.aborted) {
            this.#receive(stream, block);
          }
        }
      }
    } catch {
    } finally {
      timers.clearTimeout(timer);
      if (!signal.aborted && this.#streams.get(stream.orderId) === stream) {
        this.close(1006);
      }
    }
  }
  #receive(stream, block) {
    const field = {};
    for (const line of block.split("\n")) {
      const colon = line.indexOf(":");
      field[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
    }
    const { event: type, data, id, retry } = field;
    if (type === "end") {
      this.#refuse(stream, { ...JSON.parse(data), retry_after_ms: +retry || void 0 });
    } else if (type === "subscription" && stream.id !== void 0) {
      this.#forward(type, data, stream.id);
      stream.id = void 0;
    } else if (type === "event" || type === "expiring" && !this.#isExpiring) {
      this.#isExpiring ||= type === "expiring";
      this.#forward(type, data);
    }
    stream.last = id ?? stream.last;
  }
  /** The server refuses or ends a stream: `detail` is a problem of HTTP, `message` the reason of an `end`. */
  #refuse(stream, { code, detail, message = detail, retry_after_ms }) {
    const isDenied = code === "access_denied" || code === "not_found";
    const data = { code: isDenied ? "access_denied" : code, message, retry_after_ms };
    if (stream.id !== void 0 && (isDenied || isTemporary(code))) {
      this.#streams.delete(stream.orderId);
      this.#reply("error", { ...data, order_id: stream.orderId }, stream.id);
    } else {
      this.#forward("error", JSON.stringify(data));
      this.close(isTemporary(code) ? 1001 : 1008);
    }
  }
  #reply(type, data, id) {
    queueMicrotask(() => this.#forward(type, JSON.stringify(data), id));
  }
  #forward(type, data, id) {
    const idField = id === void 0 ? "" : `,"id":${id}`;
    this.onmessage?.({ data: `{"type":"${type}"${data === void 0 ? "" : `,"data":${data}`}${idField}}` });
  }
};
export {
  OrdersClient,
  OrdersError,
  Unauthorized,
  eventStreams
};
