// The offers of the page with the demo account: placing and advancing orders, and the tour. Other keys cannot see the
// demo's orders, so it is not offered to them.

import { grantedOrders } from "./credentials.js";
import { advanceOrder, isDemoOrder, newOrderId, placeOrder } from "./demo.js";
import { byId } from "./dom.js";
import { curlOf } from "./publish.js";
import { Tour } from "./tour.js";

export class DemoPanel {
  #account = null; // the server's demo account
  #credentials = null; // the credentials in use
  #tour;
  #actions;

  /**
   * `fail(...errors)` shows errors over the orders, or none. `hasOrder(id)` is whether the page knows an order.
   * `watch(id)` subscribes to an order unless its events come already. `reveal()` makes new orders visible.
   */
  constructor(actions) {
    this.#actions = actions;
    this.#tour = new Tour(actions.fail);
    byId("place-order").addEventListener("click", () => this.#place());
  }

  /** Sets the server's demo account. */
  set account(account) {
    this.#account = account;
    byId("curl-command").textContent = curlOf(account, { order_id: "o-1", status: "created" });
  }

  /** Offers the demo to these credentials; null without a connection. */
  offer(credentials) {
    this.#credentials = credentials;
    const isOffered = this.#account !== null && credentials?.apiKey === this.#account.api_key;
    for (const id of ["place-order", "empty-demo", "curl"]) {
      byId(id).hidden = !isOffered;
    }
    byId("empty-hint").hidden = isOffered;
    if (!isOffered) {
      this.stopTour();
    }
  }

  /** Starts the tour if the user wants it and watches the whole organization of the demo. */
  startTour() {
    const isDemo = this.#account !== null && this.#credentials?.apiKey === this.#account.api_key;
    if (isDemo && this.#credentials.watchAll && byId("tour-wanted").checked) {
      this.#tour.start(this.#account);
    }
  }

  /** Ends the tour, because the user has taken over or the connection is lost. */
  stopTour() {
    this.#tour.stop();
  }

  /** Advances the order of a card. `isOn` is whether the page is connected. */
  async advance(card, id, status, isOn) {
    this.stopTour();
    if (!isOn) {
      return card.fail(new Error("Connect first. Without a connection the page cannot show the change."));
    }
    card.fail();
    try {
      await advanceOrder(this.#account, id, status);
    } catch (error) {
      card.fail(error);
    }
  }

  async #place() {
    const { fail, hasOrder, reveal, watch } = this.#actions;
    this.stopTour();
    fail();
    reveal();
    const granted = grantedOrders(this.#credentials);
    const id = granted.length === 0 ? newOrderId() : granted.find(order => isDemoOrder(order) && !hasOrder(order));
    if (id === undefined) {
      return fail(
        new Error("The token allows no further order. Disconnect, and connect with the secret to place more."));
    }
    try {
      await placeOrder(this.#account, id);
      await watch(id);
    } catch (error) {
      fail(error);
    }
  }
}
