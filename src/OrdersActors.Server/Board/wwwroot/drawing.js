// Limits how often the page is redrawn, so that it stays responsive. A flood of events causes a few redraws per second,
// not one per event.

// The minimum time between two redraws, ms.
const PACE = 100;
// After a redraw the page pauses for this multiple of the redraw's duration, so that it can process arriving events.
const SHARE = 4;

export class Drawing {
  #draw;
  #next = 0;
  #isDue = false; // a redraw was requested and has not started
  #isBusy = false; // a redraw has started and is not on the screen yet

  constructor(draw) {
    this.#draw = draw;
  }

  /** Requests a redraw. It happens in the next frame if the last one is long enough ago. */
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
    // The browser does layout and paint after this callback and before the next task, so the duration is measured
    // there.
    setTimeout(() => {
      const now = performance.now();
      this.#next = now + Math.max(PACE, SHARE * (now - begun));
      this.#isBusy = false;
      this.#schedule();
    });
  }
}
