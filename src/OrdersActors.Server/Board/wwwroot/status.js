// The meaning of a status, which decides its colour and its sign. The statuses are the publishers' own words.

// A status with one of these words means trouble, whatever its other words are: "payment failed".
const BAD = new Set([
  "cancelled", "canceled", "failed", "failure", "rejected", "declined", "refused", "denied", "lost", "expired", "void",
  "voided", "error", "undeliverable", "undelivered", "unpaid", "unable", "aborted", "damaged", "stolen",
]);
const BACK = new Set(["refunded", "returned", "returning", "reversed", "chargeback"]);
// These must be the whole status, because "not delivered" and "partially delivered" mean something else.
const DONE = new Set([
  "delivered", "completed", "complete", "done", "fulfilled", "finished", "closed", "collected", "picked up",
]);
const NEW = new Set(["created", "placed", "new", "received", "pending", "confirmed", "accepted", "open"]);
const MOVING = new Set([
  "paid", "packed", "shipped", "processing", "preparing", "in progress", "in transit", "dispatched", "sent",
  "out for delivery", "ready", "ready for pickup", "on the way",
]);
// With one of these words, the trouble did not happen: "not cancelled".
const DENIAL = new Set(["not", "no", "never", "without"]);

/**
 * Returns the tone of a status: "new", "moving", "done", "back" (refunds and returns), "bad", or "plain" if the page
 * does not know its meaning.
 */
export function toneOf(status) {
  const text = status.trim().toLowerCase().replaceAll(/[\s_-]+/g, " ");
  const words = text.split(" ");
  if (!words.some(word => DENIAL.has(word))) {
    if (words.some(word => BAD.has(word))) {
      return "bad";
    }
    if (words.some(word => BACK.has(word))) {
      return "back";
    }
  }
  return DONE.has(text) ? "done" : NEW.has(text) ? "new" : MOVING.has(text) ? "moving" : "plain";
}
