// Creates an authorization_signature for GET /ws. The secret stays in the page; only the signature is sent.

import { hmac } from "./hmac.js";

/** Signs the current time. A signature is valid for some minutes only, so every connection needs a new one. */
export async function sign(apiKey, secret, timestamp = Math.floor(Date.now() / 1000)) {
  const bytes = await hmac(secret, `GET/ws${timestamp}`);
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("");
  return `APIKey=${apiKey},signature=${hex},timestamp=${timestamp}`;
}
