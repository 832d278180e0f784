// The form that makes a token for one order, as a shop's backend does for one customer's browser.

import { copy } from "./clipboard.js";
import { newOrderId } from "./demo.js";
import { byId, timeOfDay } from "./dom.js";
import { LIFETIME, makeToken } from "./token.js";

export class TokenForm {
  #apiKey;
  #secret;
  #order;

  /** `use(orderId)` is called when the user wants to connect with the token; `say(text)` announces. */
  constructor({ use, say }) {
    byId("token-form").addEventListener("submit", submit => {
      submit.preventDefault();
      this.#make(byId("token-order").value.trim());
    });
    const [button, fallback] = [byId("token-copy"), byId("token-text")];
    button.addEventListener("click", () => copy(fallback.textContent, { button, fallback, say }));
    byId("token-use").addEventListener("click", () => use(this.#order));
  }

  /** Offers the form to the holder of a secret, and hides it from all others. */
  offer(apiKey, secret) {
    [this.#apiKey, this.#secret] = [apiKey, secret];
    byId("token").hidden = secret === undefined;
    byId("token-result").hidden = true;
    byId("token-order").value = newOrderId();
  }

  async #make(order) {
    this.#order = order;
    byId("token-text").textContent = await makeToken(this.#apiKey, this.#secret, [order]);
    const end = timeOfDay(new Date(Date.now() + LIFETIME * 1000));
    byId("token-scope").textContent = `It allows to watch ${order}, also before its first event, until ${end}. It does `
      + "not allow any other order, nor the whole organization.";
    byId("token-result").hidden = false;
  }
}
