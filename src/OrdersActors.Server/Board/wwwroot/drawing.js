// Draws when there is something new, but leaves the page time to breathe: a flood of events costs it a few drawings a second
// and not one an event.

const PACE = 100; // ms between drawings, at least
const SHARE = 4; // a drawing is followed by a pause this many times as long as it took, for the events that arrive meanwhile

export class Drawing {
  #draw;
  #next = 0;
  #isDue = false; // a drawing was asked for and has not begun
  #isBusy = false; // one has begun, and is not yet on the screen

  constructor(draw) {
    this.#draw = draw;
  }

  /** Asks for a drawing: at once, where the last one is long enough ago. */
  ask() {
    if (!this.#isDue) {
      this.#isDue = true;
      this.#schedule();
    }
  }

  #schedule() {
    if (this.#isDue && !this.#isBusy) {
      setTimeout(() => requestAnimationFrame(() => this.#run()), this.#next - performance.now());
    }
  }

  #run() {
    const begun = performance.now();
    this.#isDue = false;
    this.#isBusy = true;
    this.#draw();
    // The browser lays out and paints after this frame's work and before the next task, so only that one knows what it took.
    setTimeout(() => {
      const now = performance.now();
      this.#next = now + Math.max(PACE, SHARE * (now - begun));
      this.#isBusy = false;
      this.#schedule();
    });
  }
}
