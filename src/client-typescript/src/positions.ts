import type { Timers } from "./options.ts";
import type { Position } from "./types.ts";

/** A place for one text under a name, such as `localStorage` or `AsyncStorage`. */
export interface PositionStore {
  getItem(name: string): string | null | undefined | Promise<string | null | undefined>;
  setItem(name: string, text: string): unknown;
}

const MAX_POSITIONS = 1_000;
const WRITE_INTERVAL = 1_000;

type Saved = Record<string, [number, string | undefined]>;

/**
 * The positions in a store: one JSON object, from the order (`o:ID`) or the organization (`*`) to number and epoch.
 * It is written at most once a second. It keeps the 1,000 positions that were written last.
 *
 * Two tabs with the same store: before a write, the object is read again, and only what this tab has handled is
 * changed. A number of the same epoch never goes back.
 */
export class Positions {
  /** Fulfilled when the store has been read. */
  readonly ready: Promise<void>;
  #store: PositionStore | undefined;
  #name: string;
  #timers: Timers;
  #report: (error: unknown) => void;
  #known: Saved = {};
  #changed = new Map<string, Position | undefined>();
  #timer: unknown;
  #writing: Promise<unknown> | undefined;

  constructor(
    store: PositionStore | string | undefined, name: string, timers: Timers, report: (error: unknown) => void,
  ) {
    this.#name = name;
    this.#timers = timers;
    this.#report = report;
    this.ready = this.#load(store);
  }

  get(key: string): Position | undefined {
    const saved = this.#known[key];
    return saved && { after: saved[0], epoch: saved[1] };
  }

  /** Notes a position, or forgets it. */
  set(key: string, position: Position | undefined): void {
    if (!this.#store) {
      return;
    }
    this.#changed.set(key, position);
    this.#schedule();
  }

  /** Writes now what has changed. A store that answers at once is written before this returns. */
  flush(): void {
    this.#timers.clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#store && this.#changed.size > 0 && !this.#writing) {
      const store = this.#store;
      const write = (text: string | null | undefined) => store.setItem(this.#name, this.#merge(text));
      try {
        const text = store.getItem(this.#name);
        const written = text instanceof Promise ? text.then(write) : write(text);
        if (written instanceof Promise) {
          this.#writing = written.catch(this.#report).finally(() => {
            this.#writing = undefined;
            this.#schedule();
          });
        }
      } catch (error) {
        this.#report(error);
      }
    }
  }

  #schedule(): void {
    if (this.#changed.size > 0) {
      this.#timer ??= this.#timers.setTimeout(() => this.flush(), WRITE_INTERVAL);
    }
  }

  async #load(given: PositionStore | string | undefined): Promise<void> {
    try {
      // So that the application has time to listen for errors.
      await undefined;
      // Even reading the property throws if the browser blocks storage.
      const store = typeof given !== "string" ? given
        : given === "memory" ? undefined : (globalThis as any)[given] as PositionStore | undefined;
      if (store === undefined && typeof given === "string" && given !== "memory") {
        throw new Error(`This platform has no ${given}`);
      }
      this.#store = store;
      const text = store?.getItem(this.#name);
      this.#known = parse(text instanceof Promise ? await text : text);
    } catch (error) {
      this.#store = undefined;
      this.#report(error);
    }
  }

  #merge(text: string | null | undefined): string {
    const saved = parse(text);
    for (const [key, position] of this.#changed) {
      const before = saved[key];
      delete saved[key];
      if (position) {
        const isBehind = before && before[1] === position.epoch && before[0] > position.after;
        // Added at the end, so that the first ones are those that have not been written for the longest time.
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
}

/** Reads what the store has. Whatever is not a position is dropped: other code may have written it. */
function parse(text: string | null | undefined): Saved {
  const saved: Saved = {};
  try {
    for (const [key, value] of Object.entries(JSON.parse(text || "{}"))) {
      if (Array.isArray(value) && Number.isSafeInteger(value[0]) && value[0] >= 0
        && (value[1] == null || typeof value[1] === "string")) {
        saved[key] = [value[0], value[1] ?? undefined];
      }
    }
  } catch {
    // Not JSON: nothing is known, and the next write replaces it.
  }
  return saved;
}
