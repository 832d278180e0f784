// The demo of a development server: reads its account, and places and advances orders.

/** Returns whether an order is a demo order, placed by this page or by another one. */
export const isDemoOrder = id => id.startsWith("demo-");

/** Returns `{ organization, api_key, api_secret }`, or null if the server has no demo. */
export async function readDemoAccount() {
  const response = await fetch("board/config", { signal: AbortSignal.timeout(10_000) });
  return response.ok ? (await response.json()).demo : null;
}

/** Places an order and returns its first event. */
export const placeOrder = () => post("board/orders");

/** Advances an order by one step and returns the event. */
export const advanceOrder = id => post(`board/orders/${encodeURIComponent(id)}/advance`);

// Throws an Error whose message can be shown to the user. Its `status` is the HTTP status if there was an answer.
async function post(url) {
  let response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: "{}",
      signal: AbortSignal.timeout(15_000),
    });
  } catch {
    throw new Error("The server could not be reached, or did not answer in time.");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw Object.assign(
      new Error(body.message ?? `The server answered ${response.status}.`), { status: response.status });
  }
  return body;
}
