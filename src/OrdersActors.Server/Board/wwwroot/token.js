// Makes and reads tokens. A backend makes them in the same way, with the key's secret.

import { hmac } from "./hmac.js";

/** The lifetime of the page's tokens, seconds. */
export const LIFETIME = 3_600;

/** Makes a token that allows to watch some orders, until `LIFETIME` after `now` (Unix time, seconds). */
export async function makeToken(apiKey, secret, orders, now = Math.floor(Date.now() / 1000)) {
  const header = base64url(JSON.stringify({ alg: "HS256", typ: "JWT", kid: apiKey }));
  const claims = base64url(JSON.stringify({ orders, exp: now + LIFETIME }));
  return `${header}.${claims}.${base64url(await hmac(secret, `${header}.${claims}`))}`;
}

/** Returns the orders that a token names, or none if it cannot be read. Only the server verifies a token. */
export function ordersOf(token) {
  const { orders } = claimsOf(token);
  return Array.isArray(orders) ? orders.filter(order => typeof order === "string") : [];
}

/** Returns when a token expires, as a Date, which is invalid if the token cannot be read. */
export const endOf = token => new Date(claimsOf(token).exp * 1000);

function claimsOf(token) {
  try {
    const claims = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(claims), letter => letter.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)) ?? {};
  } catch {
    return {};
  }
}

function base64url(data) {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
