// One order on the page: its status in large type and its timeline, newest first. Only changed elements are updated.

import { element, time } from "./dom.js";
import { canAdvance, isDemoOrder } from "./demo.js";
import { missingBelow } from "./orders.js";

// The hues are defined in cards.css. Common statuses have a fixed hue. The hue of any other status is a hash of its
// letters, so a status always has the same hue.
const HUES = 12;
const KNOWN = {
  created: 7, paid: 4, packed: 1, shipped: 9, delivered: 5, cancelled: 0, refunded: 10, returned: 10, failed: 0,
};

function hueOf(status) {
  const known = Object.hasOwn(KNOWN, status) ? KNOWN[status] : undefined;
  return known ?? [...status].reduce((hash, letter) => (hash * 31 + letter.codePointAt(0)) % 65_521, 7) % HUES;
}

export class OrderCard {
  #version = element("p", { className: "number" });
  #status = element("p", { className: "status", dir: "auto" });
  #error = element("p", { className: "error", role: "alert" });
  #timeline = element("ol", { className: "timeline" });
  #entries = new Map();
  #button = null;
  #latest = "";

  /** `advance(card, id, status)` is called when the button of a demo order is pressed; null if there is no demo. */
  constructor(order, advance) {
    const title = element("h3", { id: `order-${order.number}`, textContent: order.id, dir: "auto" });
    const now = element("div", { className: "now" }, this.#status);
    const card = element("article", { className: "card" },
      element("header", {}, title, this.#version), now, this.#error, this.#timeline);
    card.setAttribute("aria-labelledby", title.id);
    this.#timeline.setAttribute("aria-label", "Timeline, newest first");
    if (advance !== null && isDemoOrder(order.id)) {
      this.#button = element("button", { type: "button", textContent: "Advance" });
      this.#button.setAttribute("aria-describedby", title.id);
      this.#button.addEventListener("click", () => canAdvance(this.#latest) && advance(this, order.id, this.#latest));
      now.append(this.#button);
    }
    this.root = element("li", {}, card);
  }

  /** Shows the changes of the order. */
  update(order) {
    const [latest] = order.entries;
    this.#status.textContent = this.#latest = latest.status;
    // After the last step the button is disabled. It stays focusable, so the keyboard focus is kept.
    this.#button?.setAttribute("aria-disabled", !canAdvance(latest.status));
    this.#status.dataset.hue = hueOf(latest.status);
    this.#status.classList.toggle("long", latest.status.length > 16);
    this.#version.textContent = `version ${latest.version}`;
    // The same animation has two names in cards.css. Switching between them restarts it.
    this.root.dataset.pulse = this.root.dataset.pulse === "a" ? "b" : "a";
    this.#updateTimeline(order.entries);
  }

  fail(message) {
    this.#error.textContent = message;
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
    // Only the newest event's details are open. Details that the user opened or closed are left as they are.
    entries.forEach(({ version }, index) => {
      const details = this.#entries.get(version).querySelector("details:not([data-touched])");
      if (details !== null) {
        details.open = index === 0;
      }
    });
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

function entryOf({ version, status, occurredAt, details }) {
  const parts = [
    element("span", { className: "version", textContent: version }),
    element("span", { className: "word", textContent: status, dir: "auto" }),
    time(occurredAt),
  ];
  const row = element("li", { value: version });
  row.dataset.hue = hueOf(status);
  if (details === undefined) {
    row.append(element("div", { className: "entry" }, ...parts));
  } else {
    const summary = element("summary", { className: "entry" }, ...parts);
    const fold = element("details", {}, summary, element("pre", { textContent: JSON.stringify(details, null, 2) }));
    summary.addEventListener("click", () => {
      fold.dataset.touched = "";
    });
    row.append(fold);
  }
  return row;
}

function gapOf(missing, isOldest) {
  const versions = missing === 1 ? "1 version" : `${missing} versions`;
  return element("li", {
    className: "gap", textContent: `${versions} ${isOldest ? "before that" : "in between"}, not seen here`,
  });
}
