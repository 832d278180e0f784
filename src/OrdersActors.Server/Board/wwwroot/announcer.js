// Tells screen readers what moved, politely: never more than one sentence in a few seconds.

const PACE = 3_000; // ms

export class Announcer {
  #region;
  #changed = new Map();
  #timer = null;

  constructor(region) {
    this.#region = region;
  }

  /** Says something now: an answer to what the person just did. */
  say(text) {
    this.#region.textContent = text;
  }

  /** Notes that an order changed; said soon, together with what else changes until then. */
  noteChange({ id, entries }) {
    this.#changed.set(id, entries[0].status);
    this.#timer ??= setTimeout(() => this.#sayChanges(), PACE);
  }

  #sayChanges() {
    const [[id, status]] = this.#changed;
    this.say(this.#changed.size === 1 ? `Order ${id}: ${status}` : `${this.#changed.size} orders changed`);
    this.#changed.clear();
    this.#timer = null;
  }
}
