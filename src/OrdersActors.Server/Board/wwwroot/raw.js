// The raw messages, sent and received. Nothing is drawn while the list is collapsed.

import { Drawing } from "./drawing.js";
import { element, timeOfDay } from "./dom.js";

/** The maximum number of messages that are kept. Beyond it, the oldest is removed. */
export const MAX_MESSAGES = 500;

/** The maximum number of characters of a message that are kept. */
export const MAX_CHARACTERS = 4_000;

const SIGNS = { sent: "→", received: "←", note: "·" };

export class RawLog {
  #fold;
  #list;
  #count;
  #messages = [];
  #total = 0;
  #drawn = 0;
  #drawing = new Drawing(() => this.#draw());

  constructor({ fold, list, count }) {
    this.#fold = fold;
    this.#list = list;
    this.#count = count;
    fold.addEventListener("toggle", () => this.#drawing.ask());
  }

  add(direction, text) {
    const cut = text.length - MAX_CHARACTERS;
    this.#messages.push({
      at: new Date(), direction, text: cut > 0 ? `${text.slice(0, MAX_CHARACTERS)}… (${cut} more characters)` : text,
    });
    this.#total++;
    if (this.#messages.length > MAX_MESSAGES) {
      this.#messages.shift();
    }
    this.#drawing.ask();
  }

  clear() {
    this.#messages = [];
    this.#drawn = this.#total;
    this.#list.replaceChildren();
    this.#drawing.ask();
  }

  /** All kept messages as text. */
  get text() {
    return this.#messages
      .map(({ at, direction, text }) => `${at.toISOString()} ${SIGNS[direction]} ${text}`)
      .join("\n");
  }

  #draw() {
    this.#count.textContent = this.#messages.length;
    if (!this.#fold.open) {
      return;
    }
    const list = this.#list;
    const isAtEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 8;
    const fresh = Math.min(this.#total - this.#drawn, this.#messages.length);
    list.append(...this.#messages.slice(this.#messages.length - fresh).map(rowOf));
    while (list.children.length > this.#messages.length) {
      list.firstElementChild.remove();
    }
    this.#drawn = this.#total;
    if (isAtEnd) {
      list.scrollTop = list.scrollHeight;
    }
  }
}

function rowOf({ at, direction, text }) {
  const sign = element("span", { className: "sign", textContent: SIGNS[direction], title: direction });
  sign.setAttribute("role", "img");
  sign.setAttribute("aria-label", direction);
  const row = element("li", {}, element("span", { className: "at", textContent: timeOfDay(at) }), sign,
    element("code", { textContent: text }));
  row.dataset.direction = direction;
  return row;
}
