// HMAC-SHA256, the algorithm of signatures and tokens.

/** Returns whether this page can compute it. Browsers offer the Web Cryptography API on https and on localhost only. */
export const canSign = () => globalThis.crypto?.subtle !== undefined;

/** Returns the 32 bytes of the HMAC of a text. */
export async function hmac(secret, text) {
  const utf8 = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8.encode(secret), algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign(algorithm, key, utf8.encode(text)));
}
