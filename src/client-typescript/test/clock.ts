import type { Timers } from "../src/options.ts";

/** Timers that run when a test says so. `random` is 0 unless a test sets it: then all delays are 0.5 s. */
export class FakeClock implements Timers {
  /** How far the wall clock of this machine is ahead of the server's, ms. */
  skew = 0;
  randomValue = 0;
  #now = 0;
  #date: number;
  #timers = new Map<number, { at: number; callback: () => void }>();
  #lastId = 0;

  /** @param date The wall clock at the start, Unix time in ms. */
  constructor(date = Date.now()) {
    this.#date = date;
  }

  now = () => this.#now;
  date = () => this.#date + this.#now + this.skew;
  random = () => this.randomValue;

  setTimeout = (callback: () => void, ms: number): number => {
    this.#timers.set(++this.#lastId, { at: this.#now + ms, callback });
    return this.#lastId;
  };

  clearTimeout = (id: number | undefined): void => void (id !== undefined && this.#timers.delete(id));

  /** The number of timers that are set. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets time pass. Each timer runs at its time, and what it starts is done before the next one. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await turns();
      const due = [...this.#timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) {
        break;
      }
      this.#timers.delete(due[0]);
      this.#now = Math.max(this.#now, due[1].at);
      due[1].callback();
    }
    this.#now = end;
    await turns();
  }
}

/** Lets everything happen that needs no timer. */
export async function turns(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await new Promise(resolve => setImmediate(resolve));
  }
}
