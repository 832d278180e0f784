// The list of cards, newest order first. Changes are collected and drawn together.

import { Drawing } from "./drawing.js";
import { OrderCard } from "./order-card.js";

export class OrdersView {
  #list;
  #count;
  #empty;
  #advance;
  #cards = new Map();
  #changed = new Map();
  #drawing = new Drawing(() => this.#draw());

  /** `advance` is passed to each card. */
  constructor({ list, count, empty }, advance) {
    this.#list = list;
    this.#count = count;
    this.#empty = empty;
    this.#advance = advance;
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
    this.#tellCount();
  }

  #draw() {
    for (const order of [...this.#changed.values()].sort((a, b) => a.number - b.number)) {
      this.#cardOf(order).update(order);
    }
    this.#changed.clear();
    this.#tellCount();
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

  #tellCount() {
    this.#count.textContent = this.#cards.size === 0 ? "" : this.#cards.size;
    this.#empty.hidden = this.#cards.size > 0;
  }
}
