// Tells screen readers what moved, politely: never more than one sentence in a few seconds, and one for a whole replay.

const PACE = 3_000; // ms
const STILL = 1_000; // ms without an event; then a replay counts as over
const LONGEST = 30_000; // ms that the end of a replay is waited for: where live events go on all the time, it is not to be seen

export class Announcer {
  #region;
  #changed = new Map();
  #events = 0;
  #lastEvent = 0;
  #replay = null;
  #timer = null;

  constructor(region) {
    this.#region = region;
  }

  /** Says something now: an answer to what the person just did. */
  say(text) {
    this.#region.textContent = text;
  }

  /** What comes next happened earlier: while the page was away, where this is a return, or before it was there. */
  expectReplay(isReturn) {
    const isReturning = this.#replay?.isReturn ?? false;
    if (isReturn && !isReturning) {
      // What was not told before the loss is no news any more.
      this.#forget();
    }
    this.#replay = { isReturn: isReturn || isReturning, end: Date.now() + LONGEST };
    this.#schedule();
  }

  /** Notes that an order changed; said soon, together with what else changes until then. */
  noteChange({ id, entries }) {
    this.#changed.set(id, entries[0].status);
    this.#events++;
    this.#lastEvent = Date.now();
    this.#schedule();
  }

  #schedule() {
    this.#timer ??= setTimeout(() => this.#tell(), PACE);
  }

  #tell() {
    this.#timer = null;
    if (this.#replay !== null && Date.now() < Math.min(this.#lastEvent + STILL, this.#replay.end)) {
      return this.#schedule();
    }
    if (this.#changed.size > 0) {
      this.say(this.#sentence);
    }
    this.#forget();
  }

  #forget() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#replay = null;
    this.#changed.clear();
    this.#events = 0;
  }

  get #sentence() {
    const [[id, status]] = this.#changed;
    const isHistory = this.#replay?.isReturn === false;
    const orders = this.#changed.size === 1 ? `Order ${id}: ${status}`
      : `${this.#changed.size} orders ${isHistory ? "shown" : "changed"}`;
    const events = this.#events === 1 ? "1 event" : `${this.#events} events`;
    return this.#replay?.isReturn ? `${events} since you were away. ${orders}` : orders;
  }
}
