// The demo of a development server: its account, and placing and advancing an order.

/** Whether an order is one that the page's button placed, by this page or another. */
export const isDemoOrder = id => id.startsWith("demo-");

/** `{ organization, api_key, api_secret }`, or null where the server has no demo. */
export async function readDemoAccount() {
  const response = await fetch("board/config", { signal: AbortSignal.timeout(10_000) });
  return response.ok ? (await response.json()).demo : null;
}

/** Places an order; returns its first event. */
export const placeOrder = () => post("board/orders");

/** Takes an order one step further. */
export const advanceOrder = id => post(`board/orders/${encodeURIComponent(id)}/advance`);

// Throws an Error whose message is for people, and whose `status` is the HTTP status where there is one.
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
    throw Object.assign(new Error(body.message ?? `The server answered ${response.status}.`), { status: response.status });
  }
  return body;
}
