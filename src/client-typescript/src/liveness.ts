import type { Timers } from "./options.ts";

const SILENCE = 25_000;
const ANSWER = 5_000;
// The server answers messages in order and retries a subscribe for 10 s. A ping waits behind it.
const ANSWER_WHEN_BUSY = 15_000;

/** The actions of a connection for its liveness. */
export interface Pulse {
  ping(): void;
  /** Whether replies to other requests are due, behind which the answer to a ping waits. */
  isBusy(): boolean;
  /** No answer came. */
  dead(): void;
}

/**
 * Detects a dead connection: a network that is gone closes nothing. After 25 s of silence it sends a ping. If nothing
 * comes within 5 s, the connection is dead.
 */
export class Liveness {
  #timers: Timers;
  #pulse: Pulse;
  #heardAt: number;
  #probedAt: number | undefined;
  #timer: unknown;

  constructor(timers: Timers, pulse: Pulse) {
    this.#timers = timers;
    this.#pulse = pulse;
    this.#heardAt = timers.now();
    this.#wait(SILENCE);
  }

  /** Something came from the server. */
  heard(): void {
    this.#heardAt = this.#timers.now();
    if (this.#probedAt !== undefined) {
      this.#probedAt = undefined;
      this.#wait(SILENCE);
    }
  }

  /** Asks for an answer now, unless that is in progress. */
  probe(): void {
    if (this.#probedAt === undefined) {
      this.#probedAt = this.#timers.now();
      this.#pulse.ping();
      this.#wait(ANSWER);
    }
  }

  stop(): void {
    this.#timers.clearTimeout(this.#timer);
  }

  #check(): void {
    const now = this.#timers.now();
    if (this.#probedAt === undefined) {
      const left = this.#heardAt + SILENCE - now;
      return left > 0 ? this.#wait(left) : this.probe();
    }
    const left = this.#probedAt + (this.#pulse.isBusy() ? ANSWER_WHEN_BUSY : ANSWER) - now;
    return left > 0 ? this.#wait(left) : this.#pulse.dead();
  }

  #wait(ms: number): void {
    this.#timers.clearTimeout(this.#timer);
    this.#timer = this.#timers.setTimeout(() => this.#check(), ms);
  }
}
