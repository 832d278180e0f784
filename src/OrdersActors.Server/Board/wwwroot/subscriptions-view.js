// The list of subscriptions, each with a button to end it, and the two ways to add one.

import { byId, element } from "./dom.js";
import { showErrors } from "./errors.js";
import { ORGANIZATION } from "./subscriptions.js";

/** Returns the display name of a subscription. */
export const nameOf = orderId => orderId === ORGANIZATION ? "Whole organization" : orderId;

export class SubscriptionsView {
  #list = byId("subscriptions");
  #error = byId("watch-error");
  #remove;

  constructor(add, remove) {
    this.#remove = remove;
    const input = byId("order-id");
    byId("subscribe-form").addEventListener("submit", async submit => {
      submit.preventDefault();
      const orderId = input.value.trim();
      // The user may already have typed the next order id when this one is confirmed.
      if (await this.#try(() => add(orderId)) && input.value.trim() === orderId) {
        input.value = "";
      }
    });
    byId("subscribe-all").addEventListener("click", () => this.#try(() => add(ORGANIZATION)));
  }

  /** Draws the list: `[orderId, confirmed]`. */
  update(all) {
    const focused = document.activeElement?.closest("[data-order]")?.dataset.order;
    this.#list.replaceChildren(...all.map(entry => this.#rowOf(entry)));
    byId("no-subscriptions").hidden = all.length > 0;
    byId("subscribe-all").hidden = all.some(([orderId]) => orderId === ORGANIZATION);
    this.#restoreFocus(focused, all);
  }

  /** Shows errors, or none. Each is an Error, or `{ error, name }`. */
  fail(...errors) {
    showErrors(this.#error, ...errors);
  }

  // The list is small and fully redrawn. The focus returns to its row, or goes to the input field if the row is gone.
  #restoreFocus(focused, all) {
    if (focused !== undefined) {
      const row = [...this.#list.children].find(child => child.dataset.order === focused);
      (row?.querySelector("button") ?? byId("order-id")).focus();
    }
  }

  #rowOf([orderId, confirmed]) {
    const name = element("span", { className: "name", textContent: nameOf(orderId), dir: "auto" });
    const button = element("button", { type: "button", className: "quiet", textContent: "Unsubscribe" });
    button.setAttribute("aria-label", `Unsubscribe from ${nameOf(orderId)}`);
    button.addEventListener("click", () => this.#try(() => this.#remove(orderId)));
    const row = element("li", {}, name);
    row.dataset.order = orderId;
    if (!confirmed) {
      row.append(element("span", { className: "hint", textContent: "waiting" }));
    }
    row.append(button);
    return row;
  }

  async #try(action) {
    this.fail();
    try {
      await action();
      return true;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }
}
