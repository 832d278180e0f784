// The list of cards, newest order first. Changes are collected and drawn together. The filter hides some of the cards.

import { Drawing } from "./drawing.js";
import { byId } from "./dom.js";
import { OrderCard } from "./order-card.js";
import { OrderFilter } from "./order-filter.js";

// The time from the last key press in the search field to the announcement of the result, ms.
const TYPING = 800;

export class OrdersView {
  #list = byId("order-list");
  #count = byId("orders-count");
  #advance;
  #announce;
  #typing = null;
  #cards = new Map();
  #changed = new Map();
  #drawing = new Drawing(() => this.#draw());
  #filter = new OrderFilter(() => this.#applyAndTell());

  /** `advance` is passed to each card. `announce(text)` tells screen readers how many orders the filter shows. */
  constructor(advance, announce) {
    this.#advance = advance;
    this.#announce = announce;
  }

  /** Shows the result of `Orders.apply`. An order that the model has dropped is removed here, too. */
  show({ order, dropped }) {
    this.#changed.set(order.id, order);
    if (dropped !== null) {
      this.forget(dropped.id);
    }
    this.#drawing.ask();
  }

  forget(id) {
    this.#changed.delete(id);
    this.#cards.get(id)?.root.remove();
    this.#cards.delete(id);
    this.#drawing.ask();
  }

  clear() {
    this.#changed.clear();
    this.#cards.clear();
    this.#list.replaceChildren();
    this.showAll();
  }

  /** Ends the filter. */
  showAll() {
    this.#filter.reset();
    this.#apply();
  }

  #draw() {
    for (const order of [...this.#changed.values()].sort((a, b) => a.number - b.number)) {
      this.#cardOf(order).update(order);
    }
    this.#changed.clear();
    this.#apply();
  }

  #cardOf(order) {
    let card = this.#cards.get(order.id);
    if (card === undefined) {
      card = new OrderCard(order, this.#advance);
      this.#cards.set(order.id, card);
      this.#list.prepend(card.root);
    }
    return card;
  }

  // Returns how many cards are shown. A card that has the focus stays, so that the keyboard user does not lose it.
  #apply() {
    const cards = [...this.#cards.values()];
    this.#filter.offer(cards.map(({ status }) => status));
    let shown = 0;
    for (const card of cards) {
      const isShown = this.#filter.matches(card) || card.root.contains(document.activeElement);
      card.root.hidden = !isShown;
      shown += isShown ? 1 : 0;
    }
    const all = cards.length === 0 ? "" : cards.length;
    this.#count.textContent = this.#filter.isOn ? `${shown} of ${cards.length}` : all;
    byId("find-tools").hidden = cards.length === 0;
    byId("find-clear").hidden = !this.#filter.isOn;
    byId("empty").hidden = cards.length > 0;
    byId("no-match").hidden = shown > 0 || cards.length === 0;
    return shown;
  }

  #applyAndTell() {
    this.#apply();
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#announce(`${this.#apply()} of ${this.#cards.size} orders shown`), TYPING);
  }
}
