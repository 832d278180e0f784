// One order on the page: its status in large type and its timeline, newest first. Only changed elements are updated.

import { element } from "./dom.js";
import { canAdvance, isDemoOrder } from "./demo.js";
import { showErrors } from "./errors.js";
import { missingBelow } from "./orders.js";
import { toneOf } from "./status.js";
import { entryOf, gapOf, openDetails } from "./timeline.js";

export class OrderCard {
  #version = element("p", { className: "number" });
  #status = element("p", { className: "status", dir: "auto" });
  #error = element("p", { className: "error", role: "alert" });
  #timeline = element("ol", { className: "timeline" });
  #card;
  #entries = new Map();
  #button = null;

  /** `advance(card, id, status)` is called when the button of a demo order is pressed; null if there is no demo. */
  constructor(order, advance) {
    this.id = order.id;
    this.status = "";
    const title = element("h3", { id: `order-${order.number}`, textContent: order.id, dir: "auto" });
    const now = element("div", { className: "now" }, this.#status);
    this.#card = element("article", { className: "card", tabIndex: -1 },
      element("header", {}, title, this.#version), now, this.#error, this.#timeline);
    this.#card.setAttribute("aria-labelledby", title.id);
    this.#timeline.setAttribute("aria-label", "Timeline, newest first");
    if (advance !== null && isDemoOrder(order.id)) {
      this.#button = element("button", { type: "button", textContent: "Advance" });
      this.#button.setAttribute("aria-describedby", title.id);
      this.#button.addEventListener("click", () => advance(this, order.id, this.status));
      now.append(this.#button);
    }
    this.root = element("li", {}, this.#card);
  }

  /** Shows the changes of the order. */
  update(order) {
    const [latest] = order.entries;
    this.#status.textContent = this.status = latest.status;
    this.#offerAdvance(canAdvance(latest.status));
    this.#status.dataset.tone = toneOf(latest.status);
    this.#status.classList.toggle("long", latest.status.length > 16);
    this.#version.textContent = `version ${latest.version}`;
    // The same animation has two names in cards.css. Switching between them restarts it.
    this.root.dataset.pulse = this.root.dataset.pulse === "a" ? "b" : "a";
    this.#updateTimeline(order.entries);
  }

  /** Shows an error on the card, or none. */
  fail(...errors) {
    showErrors(this.#error, ...errors);
  }

  // After the last step there is no button. If it had the keyboard focus, the card gets it.
  #offerAdvance(isOffered) {
    if (this.#button !== null) {
      const hadFocus = this.#button === document.activeElement;
      this.#button.hidden = !isOffered;
      if (hadFocus && !isOffered) {
        this.#card.focus({ preventScroll: true });
      }
    }
  }

  #updateTimeline(entries) {
    const known = this.#entries;
    this.#entries = new Map(entries.map(entry => [entry.version, known.get(entry.version) ?? entryOf(entry)]));
    const rows = entries.flatMap((entry, index) => {
      const missing = missingBelow(entries, index);
      const row = this.#entries.get(entry.version);
      return missing === 0 ? [row] : [row, gapOf(missing, index === entries.length - 1)];
    });
    place(this.#timeline, rows);
    entries.forEach(({ version }, index) => openDetails(this.#entries.get(version), index === 0));
  }
}

// Updates the list without moving rows that are already in place, because a moved row loses the focus.
function place(list, rows) {
  rows.forEach((row, index) => {
    if (list.children[index] !== row) {
      list.insertBefore(row, list.children[index] ?? null);
    }
  });
  while (list.children.length > rows.length) {
    list.lastElementChild.remove();
  }
}
