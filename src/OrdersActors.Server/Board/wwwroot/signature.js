// Makes an authorization_signature for GET /ws. The secret stays in the page: only the signature is sent.

/** Whether this browser can sign here. Browsers offer their cryptography on https and on localhost only. */
export const canSign = () => globalThis.crypto?.subtle !== undefined;

/** Signs for now. A signature is accepted for some minutes, so a new one is made for every connection. */
export async function sign(apiKey, secret, timestamp = Math.floor(Date.now() / 1000)) {
  const utf8 = new TextEncoder();
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8.encode(secret), hmac, false, ["sign"]);
  const bytes = new Uint8Array(await crypto.subtle.sign(hmac, key, utf8.encode(`GET/ws${timestamp}`)));
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("");
  return `APIKey=${apiKey},signature=${hex},timestamp=${timestamp}`;
}
