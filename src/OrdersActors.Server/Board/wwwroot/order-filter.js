// The search and the filter of the orders: by a part of the id, and by the newest status.

import { byId, element } from "./dom.js";

export class OrderFilter {
  #find = byId("find");
  #status = byId("find-status");
  #offered = "";

  /** `onChange()` is called when the user changes the filter. */
  constructor(onChange) {
    this.#find.addEventListener("input", onChange);
    this.#status.addEventListener("change", onChange);
    byId("find-clear").addEventListener("click", () => {
      this.reset();
      this.#find.focus();
      onChange();
    });
  }

  get isOn() {
    return this.#find.value.trim() !== "" || this.#status.value !== "";
  }

  /** Returns whether an order `{ id, status }` must be shown. */
  matches({ id, status }) {
    return id.toLowerCase().includes(this.#find.value.trim().toLowerCase())
      && (this.#status.value === "" || this.#status.value === statusKey(status));
  }

  /** Offers these statuses. The chosen one stays, even if no order has it any more. */
  offer(statuses) {
    const chosen = this.#status.selectedOptions[0]?.textContent;
    const all = new Set(statuses);
    if (this.#status.value !== "") {
      all.add(chosen);
    }
    const sorted = [...all].sort((a, b) => a.localeCompare(b));
    const offered = JSON.stringify(sorted);
    if (offered === this.#offered) {
      return;
    }
    this.#offered = offered;
    const value = this.#status.value;
    this.#status.replaceChildren(this.#status.options[0], ...sorted.map(status =>
      element("option", { value: statusKey(status), textContent: status })));
    this.#status.value = value;
  }

  reset() {
    this.#find.value = this.#status.value = "";
  }
}

// A prefix, because the value of "All" is empty.
const statusKey = status => `=${status}`;
