// The connect form: chooses the kind of credentials and reads them.

import { byId } from "./dom.js";
import { showErrors } from "./errors.js";
import { canSign } from "./hmac.js";

const HINTS = {
  key: "Watches single orders only.",
  secret: "Also watches the whole organization. The secret stays in this page; only a signature made with it is sent.",
  signature: "Also watches the whole organization. Create it with the server's sign command; valid for a few minutes.",
  token: "Watches what the token allows. Your backend makes it; the server's token command does, too.",
};
const NO_SIGNING = "Also watches the whole organization. Create it with the server's sign command; this browser can "
  + "sign on https and localhost only.";
const MODES = Object.keys(HINTS);
const SIGNED = ["secret", "signature"];

export class ConnectForm {
  #mode = "key";
  #error = byId("connect-error");
  #button = byId("connect-button");
  #fold = byId("credentials");
  #isDemo = false;

  /** `connect(credentials)` is called when the complete form is submitted. */
  constructor(connect) {
    for (const mode of MODES) {
      byId(`mode-${mode}`).addEventListener("change", () => this.#choose(mode));
    }
    byId("mode-secret").disabled = !canSign();
    byId("connect-form").addEventListener("submit", submit => {
      submit.preventDefault();
      this.fail();
      connect(this.#credentials);
    });
    // The browser can show what is wrong with a field only if the field is visible.
    byId("connect-form").addEventListener("invalid", () => { this.#fold.open = true; }, { capture: true });
    this.#choose(canSign() ? "secret" : "key");
  }

  /**
   * Fills in the demo account, unless the user has already typed a key. All fields are folded away, so that only the
   * button is left.
   */
  offer({ api_key: apiKey, api_secret: apiSecret }) {
    if (byId("api-key").value === "") {
      byId("api-key").value = apiKey;
      byId("api-secret").value = apiSecret;
      this.#isDemo = true;
      byId("demo-note").hidden = byId("credentials-title").hidden = false;
      this.#choose(this.#mode);
      this.#fold.open = false;
    }
  }

  /** Shows an error, or none. If the server refused the credentials, the fields are opened. */
  fail(...errors) {
    showErrors(this.#error, ...errors);
    if (errors.some(({ code }) => code !== undefined)) {
      this.#fold.open = true;
    }
  }

  /** Shows that a connection attempt is in progress. The button stays focusable, so the keyboard focus is kept. */
  set isBusy(isBusy) {
    this.#button.textContent = isBusy ? "Connecting…" : "Connect";
    this.#button.setAttribute("aria-disabled", isBusy);
  }

  get hasFocus() {
    return byId("connect-form").contains(document.activeElement);
  }

  get #credentials() {
    const signed = SIGNED.includes(this.#mode);
    return {
      apiKey: byId("api-key").value.trim(),
      secret: this.#mode === "secret" ? byId("api-secret").value : undefined,
      signature: this.#mode === "signature" ? byId("signature").value.trim() : undefined,
      token: this.#mode === "token" ? byId("token-pasted").value.trim() : undefined,
      watchAll: signed && byId("watch-all").checked,
    };
  }

  #choose(chosen) {
    this.#mode = chosen;
    byId(`mode-${chosen}`).checked = true;
    byId("mode-hint").textContent = canSign() || !SIGNED.includes(chosen) ? HINTS[chosen] : NO_SIGNING;
    for (const [id, mode] of [["api-secret", "secret"], ["signature", "signature"], ["token-pasted", "token"]]) {
      byId(id).closest(".field").hidden = mode !== chosen;
      byId(id).required = mode === chosen;
    }
    byId("watch-all-field").hidden = !SIGNED.includes(chosen);
    byId("tour-field").hidden = !this.#isDemo || !SIGNED.includes(chosen);
  }
}
