// Errors in words that help the user. The code and the server's own words stand beside them, for a developer.

import { element } from "./dom.js";

// By error code of the protocol or of the client, or by status of the HTTP API.
const WORDS = {
  invalid_message: "The server did not understand this request. Check the order id.",
  unknown_type: "The server does not know this kind of request. It may be older than this page; load the page again.",
  not_authenticated: "This page has not authenticated yet. Connect first.",
  invalid_api_key: "The server does not know this API key, or the key has ended. Check it for typing errors.",
  invalid_signature: "The secret or the signature does not belong to this API key.",
  signature_expired: "This signature is too old. Make a new one; it is valid for a few minutes only.",
  invalid_token: "The server does not accept this token. Make a new one with the secret of this API key.",
  token_expired: "This token has expired. Connect with a new one.",
  already_authenticated: "This connection already belongs to another API key. Disconnect first.",
  access_denied: "You may not watch this. Either it does not exist, or your credentials do not allow it.",
  too_many_subscriptions: "This page watches too many orders. Unsubscribe from some first.",
  rate_limited: "That was too much in a short time. Wait a moment, then try again.",
  unavailable: "The server cannot answer at the moment. Try again soon.",
  credentials_failed: "There is no token or signature to send. Check what you have entered.",
  protocol: "This page does not understand the server. They may have different versions; load the page again.",
  handler_failed: "This page failed while it showed an event. Load the page again.",
  400: "The server did not accept this event.",
  401: "The server does not know these credentials, or they have ended.",
  403: "These credentials do not allow to publish this.",
  409: "Another event with this id exists already.",
  413: "This event is too large.",
  429: "That was too much in a short time. Wait a moment, then try again.",
  503: "The server cannot answer at the moment. Try again soon.",
};

/** Returns `{ words, code, said }` for an error. `code` and `said` are undefined if the server has not answered. */
export function explain({ code, status, message }) {
  const known = code ?? status;
  if (known === undefined) {
    return { words: message };
  }
  const words = Object.hasOwn(WORDS, known) ? WORDS[known] : "The server reported an error.";
  return { words, code: code ?? `HTTP ${status}`, said: message };
}

/**
 * Shows errors in an element that announces its changes. Each is an Error, or `{ error, name }` with the name of what
 * it is about. Without errors the element is emptied.
 */
export function showErrors(place, ...errors) {
  place.replaceChildren(...errors.map(entry => entry instanceof Error ? rowOf(entry) : rowOf(entry.error, entry.name)));
}

function rowOf(error, name) {
  const { words, code, said } = explain(error);
  const row = element("span", { className: "words" }, name === undefined ? words : `${name}: ${words}`);
  if (code !== undefined) {
    row.append(element("small", {}, element("code", { textContent: code }), ` ${said}`));
  }
  return row;
}
