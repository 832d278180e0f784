import { BackOff } from "./backoff.ts";
import type { Timers } from "./options.ts";

const EARLY = 30_000;
const SHORTEST = 60_000;

/**
 * Decides when a connection needs a newer token: when the server says `expiring` (60 s before the end), and 30 s before
 * `expires_at` by the local clock.
 *
 * The local clock may be wrong, so it never decides alone. If it is behind, `expiring` comes first. If it is ahead, the
 * token is renewed earlier than necessary, but at most once a minute. A token that lives for less than a minute is
 * `expiring` at once; it is renewed at half of its life.
 */
export class Renewal {
  #timers: Timers;
  #renew: () => void;
  #backOff: BackOff;
  #timer: unknown;
  #connectedAt = 0;

  constructor(timers: Timers, renew: () => void) {
    this.#timers = timers;
    this.#renew = renew;
    this.#backOff = new BackOff(timers);
  }

  /** The server has accepted a token. */
  connected(expiresAt: string | undefined): void {
    this.#backOff.reset();
    this.#connectedAt = this.#timers.now();
    this.stop();
    if (expiresAt !== undefined) {
      this.#in(Math.max(this.#left(expiresAt) - EARLY, SHORTEST));
    }
  }

  /** The server says that the token ends soon. */
  expiring(expiresAt: string): void {
    const isShort = this.#timers.now() - this.#connectedAt < 1_000;
    this.#in(isShort ? Math.min(Math.max(this.#left(expiresAt), 2_000), SHORTEST) / 2 : 0);
  }

  /** No newer token could be had. */
  failed(atLeast = 0): void {
    this.#in(Math.max(this.#backOff.next(), atLeast));
  }

  stop(): void {
    this.#timers.clearTimeout(this.#timer);
  }

  #left(expiresAt: string): number {
    const left = Date.parse(expiresAt) - this.#timers.date();
    // Browsers end a longer timer at once. A text that is no time counts as now.
    return Math.min(left, 86_400_000) || 0;
  }

  #in(ms: number): void {
    this.stop();
    this.#timer = this.#timers.setTimeout(() => this.#renew(), ms);
  }
}
