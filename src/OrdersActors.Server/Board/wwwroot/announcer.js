// Announces changes to screen readers: at most one sentence in a few seconds, and one for a whole replay.

// The time from the first change to its announcement, ms.
const PACE = 3_000;
// The maximum time to wait for the end of a replay, ms. The connection may be lost before.
const LONGEST = 30_000;

export class Announcer {
  #region;
  #isReplaying;
  #changed = new Map();
  #events = 0;
  #replay = null;
  #timer = null;

  /** `isReplaying()` is whether events of an expected replay are still missing. */
  constructor(region, isReplaying) {
    this.#region = region;
    this.#isReplaying = isReplaying;
  }

  /** Announces a text immediately, as the result of a user action. */
  say(text) {
    this.#region.textContent = text;
  }

  /**
   * Notes that a replay follows. Its events happened while the page was disconnected (`isReturn`), or before it first
   * connected.
   */
  expectReplay(isReturn) {
    this.#replay = { isReturn: isReturn || this.#replay?.isReturn === true, end: Date.now() + LONGEST };
    this.#schedule();
  }

  /** Notes that an order changed. The change is announced soon, together with other changes until then. */
  noteChange({ id, entries }) {
    this.#changed.set(id, entries[0].status);
    this.#events++;
    this.#schedule();
  }

  /** Drops the changes that were not announced yet. After a connection loss they are outdated. */
  forget() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#replay = null;
    this.#changed.clear();
    this.#events = 0;
  }

  #schedule() {
    this.#timer ??= setTimeout(() => this.#tell(), PACE);
  }

  #tell() {
    this.#timer = null;
    if (this.#replay !== null && Date.now() < this.#replay.end && this.#isReplaying()) {
      return this.#schedule();
    }
    if (this.#changed.size > 0) {
      this.say(this.#sentence);
    }
    this.forget();
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
