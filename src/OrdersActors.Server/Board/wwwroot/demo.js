// The demo of a development server: reads its account, and places and advances orders through the HTTP API.

import { publish } from "./publish.js";

// The steps of an order. The first one gets a basket as its details.
const STEPS = [
  { status: "created" },
  { status: "paid", details: { method: "card", last4: "4242" } },
  { status: "packed", details: { warehouse: "north", parcels: 1 } },
  { status: "shipped", details: { carrier: "parcel post", tracking: "PP 5521 0937" } },
  { status: "delivered", details: { received_by: "front desk" } },
];
const BASKETS = [
  { items: [{ name: "Espresso", quantity: 1 }, { name: "Filters", quantity: 2 }], total: "31.40", gift: false },
  { items: [{ name: "Trail running shoes", size: "42", quantity: 1 }], total: "119.00", currency: "EUR" },
  { items: [{ name: "Desk lamp, brass", quantity: 1 }], total: "64.50", currency: "EUR", gift_wrap: true },
  { items: [{ name: "Tomatoes", quantity: 6 }, { name: "Pots", quantity: 3 }], total: "27.90", gift: true },
];
const LETTERS = "0123456789abcdefghjkmnpqrstvwxyz";

/** Returns whether an order is a demo order, placed by this page or by another one. */
export const isDemoOrder = id => id.startsWith("demo-");

/** Returns an id for a new demo order: 50 random bits, because earlier orders stay in the log. */
export function newOrderId() {
  const random = crypto.getRandomValues(new Uint8Array(10));
  return `demo-${Array.from(random, byte => LETTERS[byte % LETTERS.length]).join("")}`;
}

/** The status of a new demo order. */
export const FIRST_STATUS = STEPS[0].status;

/** Returns the status after this one, or undefined if a demo order has no further step. */
export function nextStatus(status) {
  const step = STEPS.findIndex(known => known.status === status);
  return step < 0 ? undefined : STEPS[step + 1]?.status;
}

/** Returns whether a demo order with this status has a further step. */
export const canAdvance = status => nextStatus(status) !== undefined;

// The pauses between two attempts to read the demo account, ms. The last one repeats.
const PAUSES = [500, 1_000, 2_000, 5_000, 10_000];
// The status codes of a server that is busy or restarts.
const BUSY = [429, 500, 502, 503, 504];

/**
 * Returns `{ organization, api_key, api_secret }`, or null if the server has no demo. Tries again until the server
 * answers, because a page may load while the server restarts.
 */
export async function readDemoAccount() {
  for (let attempt = 0; ; attempt++) {
    try {
      const response = await fetch("board/config", { signal: AbortSignal.timeout(10_000) });
      if (!BUSY.includes(response.status)) {
        return response.ok ? (await response.json()).demo : null;
      }
    } catch {
      // The server could not be reached, or did not answer in time.
    }
    await new Promise(resolve => setTimeout(resolve, PAUSES[Math.min(attempt, PAUSES.length - 1)]));
  }
}

/** Publishes the first event of a demo order. */
export const placeOrder = (account, id) => publishStep(account, id, 0);

/** Publishes the event that follows a status. */
export const advanceOrder = (account, id, status) =>
  publishStep(account, id, STEPS.findIndex(known => known.status === status) + 1);

// The event's id and content depend only on the order and the step. So two pages that advance an order at the same time
// publish the same event, and it is stored once.
function publishStep(account, orderId, step) {
  const { status, details = BASKETS[orderId.charCodeAt(orderId.length - 1) % BASKETS.length] } = STEPS[step];
  return publish(account, { id: `${orderId}-${step + 1}`, order_id: orderId, status, details });
}
