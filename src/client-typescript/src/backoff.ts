import type { Timers } from "./options.ts";

const SHORTEST = 500;
const LONGEST = 20_000;
const STABLE = 60_000;

/** Random delays of 0.5 to 20 s: 0.5 s, and full jitter from 0 up to a limit that doubles from 0.5 s on. */
export class BackOff {
  #timers: Timers;
  #failures = 0;
  #succeededAt: number | undefined;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Notes a success. The delays start again if it lasts for a minute. */
  succeeded(): void {
    this.#succeededAt = this.#timers.now();
  }

  /** Starts again at once. */
  reset(): void {
    this.#failures = 0;
  }

  /** Notes a failure and returns the delay until the next attempt, ms. */
  next(): number {
    if (this.#succeededAt !== undefined && this.#timers.now() - this.#succeededAt >= STABLE) {
      this.#failures = 0;
    }
    this.#succeededAt = undefined;
    return SHORTEST + this.#timers.random() * Math.min(LONGEST - SHORTEST, SHORTEST * 2 ** this.#failures++);
  }
}
