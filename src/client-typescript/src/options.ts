import type { PositionStore } from "./positions.ts";
import type { SubscribeOptions } from "./types.ts";

/** The part of a WebSocket that the client uses. */
export interface SocketLike {
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

/** The clocks, timers and randomness that the client uses. Replace them in tests. */
export interface Timers {
  /** Milliseconds that only increase. */
  now(): number;
  /** Unix time in milliseconds. It may be wrong: the client never depends on it alone. */
  date(): number;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(handle: any): void;
  /** From 0 to 1. */
  random(): number;
}

/** The part of a page that the client uses: `window` by default, if there is one. */
export interface PageLike {
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
  readonly document?: { readonly visibilityState?: string } | undefined;
  readonly navigator?: { readonly onLine?: boolean } | undefined;
}

/** Settings of a client. At most one of `getToken` and `getSignature` may be given. */
export interface OrdersClientOptions {
  /** The API key. */
  apiKey: string;
  /**
   * Returns a token for this user from your backend. It is asked at the start, when the server says that the token
   * expires soon, and after the server refused the token as expired. An answer that does not look like a token (an
   * error page, for example) and an error are retried with back-off; `Unauthorized` stops the client. Timeout: 30 s.
   */
  getToken?: (() => string | Promise<string>) | undefined;
  /** Returns a fresh `authorization_signature` from your backend, for each connection. Timeout: 30 s. */
  getSignature?: (() => string | Promise<string>) | undefined;
  /**
   * The store of positions, so that a reloaded page continues where it stopped. Default: `"memory"`, which a reload
   * forgets. `"sessionStorage"` keeps them for one tab, `"localStorage"` for all tabs of the origin together. Any
   * object with `getItem` and `setItem` works, also if they return promises (`AsyncStorage` of React Native).
   */
  store?: "memory" | "localStorage" | "sessionStorage" | PositionStore | undefined;
  /**
   * `eventStreams`: if a WebSocket cannot be opened twice in a row, events come over HTTP (server-sent events) until
   * that ends. It needs `getToken`, and tokens that name the key (`kid`). Default: only WebSockets. It is a value that
   * you import, so that a bundle without it is smaller.
   */
  fallback?: Fallback | undefined;
  /** Connects at once, and stays connected while nothing is subscribed. Default: false. */
  keepConnected?: boolean | undefined;
  /** The constructor of WebSockets. Default: the global one. A subclass of it sees every message. */
  WebSocket?: (new (url: string) => SocketLike) | undefined;
  /** Used by the fallback. Default: the global one. */
  fetch?: typeof fetch | undefined;
  /** Default: those of the platform. */
  timers?: Timers | undefined;
  /** Default: the global object. */
  page?: PageLike | undefined;
}

/** Another way to the server that looks like a WebSocket. */
export type Fallback = (settings: Settings) => SocketLike;

/** Checks the settings and adds the defaults. Throws a TypeError that names the setting. */
export function withDefaults(url: string, options: OrdersClientOptions) {
  must(typeof url === "string" && /^wss?:\/\//.test(url), "url must be a ws: or wss: URL");
  const text = options?.apiKey;
  must(typeof text === "string" && text !== "", "apiKey must be a string that is not empty");
  for (const name of ["getToken", "getSignature"] as const) {
    must(options[name] === undefined || typeof options[name] === "function", `${name} must be a function`);
  }
  must(!options.getToken || !options.getSignature, "getToken and getSignature exclude each other");
  const { fallback } = options;
  must(!fallback || (typeof fallback === "function" && options.getToken), "fallback needs eventStreams and getToken");
  const page: PageLike = options.page ?? (globalThis as any);
  const socket = options.WebSocket ?? globalThis.WebSocket;
  must(typeof socket === "function", "WebSocket must be given: this platform has none");
  return {
    url,
    apiKey: text,
    getToken: options.getToken,
    getSignature: options.getSignature,
    fallback,
    WebSocket: socket as new (url: string) => SocketLike,
    fetch: options.fetch ?? ((input: any, init: any) => fetch(input, init)),
    timers: options.timers ?? platformTimers,
    page,
  };
}

/** The settings with their defaults. */
export type Settings = ReturnType<typeof withDefaults>;

/** Checks where a subscription begins. Throws a TypeError that names the field. */
export function checkSubscribe(orderId: string | undefined, options: SubscribeOptions): void {
  must(orderId === undefined || (typeof orderId === "string" && orderId !== "" && [...orderId].length <= 128),
    "orderId must be a string of 1 to 128 characters");
  const { after, last, epoch } = options;
  must(after === undefined || (Number.isSafeInteger(after) && after >= 0), "after must be an integer from 0 on");
  must(last === undefined || (Number.isInteger(last) && last >= 0 && last <= 100), "last must be an integer, 0 to 100");
  must(after === undefined || last === undefined, "after and last exclude each other");
  must(epoch === undefined || after !== undefined, "epoch must be given together with after");
}

/** Throws a TypeError unless the condition holds. */
export function must(condition: unknown, message: string): asserts condition {
  if (!condition) {
    throw new TypeError(message);
  }
}

const platformTimers: Timers = {
  now: () => performance.now(),
  date: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: handle => clearTimeout(handle),
  random: () => Math.random(),
};
