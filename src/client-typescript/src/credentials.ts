import { OrdersError, Unauthorized } from "./errors.ts";
import type { Settings } from "./options.ts";
import { withTimeout } from "./timeout.ts";
import { isFinalClose, type ServerError } from "./verdict.ts";

const TIMEOUT = 30_000;

/**
 * Asks the application for tokens and signatures. A token is kept and shared by all connections until the server says
 * that it ends, so that a flapping network does not become load for the application's backend. Its lifetime is never
 * computed from the local clock: the server decides.
 */
export class Credentials {
  #settings: Settings;
  #token: string | undefined;
  #accepted: string | undefined;
  #asking: Promise<string> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  get hasTokens(): boolean {
    return this.#settings.getToken !== undefined;
  }

  /** The data of a connect. Throws an OrdersError: `unauthorized` is final, `credentials_failed` may be retried. */
  async get(): Promise<ConnectData> {
    const { apiKey, getToken, getSignature } = this.#settings;
    if (getToken) {
      return { api_key: apiKey, token: this.#token ?? await this.#askForToken() };
    }
    return getSignature
      ? { api_key: apiKey, authorization_signature: await this.#ask("getSignature", getSignature) }
      : { api_key: apiKey };
  }

  /** A newer token than this one. Asks only once for all connections. */
  async renew(old: string | undefined): Promise<ConnectData> {
    this.#drop(old);
    return this.get();
  }

  /** The server has accepted this token. */
  accept(token: string | undefined): void {
    this.#accepted = token;
  }

  /** Decides about an error or a close of a connection, and forgets its token if that is of no use any more. */
  isFinal(token: string | undefined, code: number, reason: ServerError | undefined): boolean {
    // A token that was accepted before may have been signed with a secret that has been replaced since.
    const wasAccepted = reason?.code === "invalid_token" && token !== undefined && token === this.#accepted;
    if (reason?.code === "invalid_token" || reason?.code === "token_expired") {
      this.#drop(token);
    }
    return !wasAccepted && isFinalClose(code, reason, this.hasTokens);
  }

  /** Does not use this token again. */
  #drop(token: string | undefined): void {
    if (this.#token === token) {
      this.#token = undefined;
    }
  }

  #askForToken(): Promise<string> {
    this.#asking ??= this.#ask("getToken", this.#settings.getToken!).then(token => {
      // An error page with status 200, or "Bad Gateway": not a refused token, but a backend in trouble.
      if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) {
        throw new OrdersError("credentials_failed", "getToken did not return a token of the form a.b.c");
      }
      return this.#token = token;
    }).finally(() => this.#asking = undefined);
    return this.#asking;
  }

  async #ask(name: string, callback: () => string | Promise<string>): Promise<string> {
    try {
      // "async", so that a callback that throws at once is a rejection too.
      const text = await withTimeout((async () => callback())(), TIMEOUT, this.#settings.timers, name);
      if (typeof text !== "string" || text === "") {
        throw new Error("it did not return a text");
      }
      return text.trim();
    } catch (error) {
      const isFinal = error instanceof Unauthorized;
      throw new OrdersError(isFinal ? "unauthorized" : "credentials_failed",
        `${name} ${isFinal ? "refused" : "failed"}: ${(error as Error)?.message ?? error}`, undefined, error);
    }
  }
}

/** The data of a connect. */
export interface ConnectData {
  readonly api_key: string;
  readonly token?: string;
  readonly authorization_signature?: string;
}
