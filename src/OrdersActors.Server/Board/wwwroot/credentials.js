// The permissions of the connect form's credentials, and how the page names them.

import { ordersOf } from "./token.js";

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
