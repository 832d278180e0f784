import { useState } from "react";
import { createRoot } from "react-dom/client";
import { OrdersClient, Unauthorized } from "@orders-actors/client";
import { OrdersProvider, useConnectionState, useOrder, useOrders } from "@orders-actors/client/react";

async function getToken() {
  const response = await fetch("/orders-token");
  if (response.status === 401) throw new Unauthorized("Please sign in again.");
  if (!response.ok) throw new Error(`The token was not created: ${response.status}`);
  return response.text();
}

/** The orders that changed last. A click shows one of them. */
function Desk() {
  const { orders, error } = useOrders({ limit: 20 });
  const [chosen, choose] = useState<string>();
  return (
    <main>
      <h1>Orders</h1>
      <Connection />
      {error && <p role="alert">{error.message}</p>}
      <ul aria-label="Orders">
        {orders.map(event => (
          <li key={event.order_id}>
            <button onClick={() => choose(event.order_id)}>{event.order_id}</button> <b>{event.status}</b>
          </li>
        ))}
      </ul>
      {chosen !== undefined && <Order id={chosen} />}
    </main>
  );
}

function Order({ id }: { id: string }) {
  const { event, status, error } = useOrder(id);
  return (
    <section aria-label={id}>
      <h2>{id}</h2>
      <p role="status">{error ? error.message : status ?? "…"}</p>
      {event && <p>version {event.version}, {new Date(event.occurred_at).toLocaleString()}</p>}
    </section>
  );
}

function Connection() {
  const state = useConnectionState();
  return <p id="connection">{state}</p>;
}

const { url, apiKey } = await (await fetch("/orders-settings")).json();
const client = new OrdersClient(url, { apiKey, getToken });
createRoot(document.getElementById("root")!).render(<OrdersProvider client={client}><Desk /></OrdersProvider>);
