// Creates an authorization_signature for GET /ws. The secret stays in the page; only the signature is sent.

/** Returns whether this page can sign. Browsers offer the Web Cryptography API on https and on localhost only. */
export const canSign = () => globalThis.crypto?.subtle !== undefined;

/** Signs the current time. A signature is valid for some minutes only, so every connection needs a new one. */
export async function sign(apiKey, secret, timestamp = Math.floor(Date.now() / 1000)) {
  const utf8 = new TextEncoder();
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8.encode(secret), hmac, false, ["sign"]);
  const bytes = new Uint8Array(await crypto.subtle.sign(hmac, key, utf8.encode(`GET/ws${timestamp}`)));
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("");
  return `APIKey=${apiKey},signature=${hex},timestamp=${timestamp}`;
}
