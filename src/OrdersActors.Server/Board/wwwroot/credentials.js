// The credentials of the connect form: what the client sends, what they permit, and how the page names them.

import { sign } from "./signature.js";
import { makeToken, ordersOf } from "./token.js";

/**
 * Returns the client's options for credentials: `{ apiKey }` with `secret`, `signature`, `token`, or nothing else. With
 * `secret` and `order` the page makes a token for that order, and a new one before the token expires. `isConnected()`
 * is whether the page is connected: then the client wants a newer token, which a pasted one does not have.
 */
export function credentialsOf({ apiKey, secret, signature, token, order }, isConnected) {
  if (order) {
    return { apiKey, getToken: () => makeToken(apiKey, secret, [order]) };
  }
  if (token) {
    return {
      apiKey,
      getToken: () => {
        if (isConnected()) {
          throw new Error("A pasted token cannot be renewed.");
        }
        return token;
      },
    };
  }
  return secret || signature ? { apiKey, getSignature: () => secret ? sign(apiKey, secret) : signature } : { apiKey };
}

/** Returns the orders that a token allows. It is empty without a token. */
export const grantedOrders = ({ token, order }) => order ? [order] : token ? ordersOf(token) : [];

/** Returns whether two credentials, or null, may watch the same. */
export const areSame = (one, other) =>
  one?.apiKey === other?.apiKey && one !== null && other !== null
  && grantedOrders(one).join(" ") === grantedOrders(other).join(" ");

/** Returns the words that name credentials, without anything secret. */
export function describe({ apiKey, secret, signature, token, order }) {
  if (order || token) {
    const orders = grantedOrders({ token, order });
    return `${apiKey}, token for ${orders.length === 1 ? orders[0] : `${orders.length} orders`}`;
  }
  return `${apiKey}, ${secret || signature ? "signed" : "key only"}`;
}
