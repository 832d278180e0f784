import { createContext, createElement, useContext, useEffect, useState, type ReactNode } from "react";
import type { OrdersClient } from "./client.ts";
import { OrdersError } from "./errors.ts";
import type { ConnectionState, OrderEvent, OrderSubscription, SubscribeOptions } from "./types.ts";

const Context = createContext<OrdersClient | undefined>(undefined);

/** Gives the client to the hooks below it. It neither opens nor closes the client. */
export function OrdersProvider(props: { client: OrdersClient; children?: ReactNode }) {
  return createElement(Context.Provider, { value: props.client }, props.children);
}

/** An order in a component. */
export interface OrderView {
  /** The newest event; undefined until it has come. */
  event: OrderEvent | undefined;
  /** Its status. */
  status: string | undefined;
  /** The state of the connection: what is shown may be old unless it is `connected`. */
  state: ConnectionState;
  /** Why no events come; undefined while they do. */
  error: OrdersError | undefined;
}

/** All orders of the organization in a component. */
export interface OrdersView {
  /** The newest event of each order, the order that changed last first. */
  orders: readonly OrderEvent[];
  state: ConnectionState;
  error: OrdersError | undefined;
}

type Shown = { for?: string | undefined; event?: OrderEvent; error?: OrdersError | undefined };

/**
 * Shows an order: its current status at once, then each change. Several components may show the same order; it is
 * subscribed once. `client` is needed only without an `OrdersProvider`. With `undefined` as the order, nothing is
 * subscribed.
 */
export function useOrder(orderId: string | undefined, client?: OrdersClient): OrderView {
  const source = useClient(client);
  const [view, setView] = useState<Shown>({});
  useSubscription(source, orderId, setError => {
    setView({ for: orderId });
    return orderId === undefined ? undefined : source.subscribe(
      orderId, event => setView({ for: orderId, event }),
      { last: 1, onError: setError, onGap: gap => gap.rewritten && setView({ for: orderId }) });
  }, error => setView(before => ({ ...before, error })));
  // The events of the order that was shown before are not of this one.
  const { event, error }: Shown = view.for === orderId ? view : {};
  return { event, status: event?.status, state: useConnectionState(source), error };
}

/**
 * Shows the orders of the organization that changed last, beginning with the newest 100 events. `limit` is the number
 * of orders that are kept, by default 100. All components with this hook and the same client share one subscription.
 */
export function useOrders(options: { limit?: number; client?: OrdersClient } = {}): OrdersView {
  const source = useClient(options.client);
  const limit = options.limit ?? 100;
  const [view, setView] = useState<{ orders: readonly OrderEvent[]; error?: OrdersError | undefined }>({ orders: [] });
  useEffect(() => listOf(source).watch(limit, setView), [source, limit]);
  return { orders: view.orders, state: useConnectionState(source), error: view.error };
}

/** The state of the client's connection. */
export function useConnectionState(client?: OrdersClient): ConnectionState {
  const source = useClient(client);
  const [state, setState] = useState(source.state);
  useEffect(() => {
    setState(source.state);
    return source.on("state", setState);
  }, [source]);
  return state;
}

function useClient(client: OrdersClient | undefined): OrdersClient {
  const given = useContext(Context);
  const source = client ?? given;
  if (!source) {
    throw new TypeError("There is no OrdersProvider above this component, and no client was given");
  }
  return source;
}

function useSubscription(
  source: OrdersClient, orderId: string | undefined,
  subscribe: (setError: (error: OrdersError) => void) => OrderSubscription | undefined,
  setError: (error: OrdersError) => void,
): void {
  useEffect(() => {
    let subscription: OrderSubscription | undefined;
    try {
      subscription = subscribe(setError);
    } catch (error) {
      if (!(error instanceof OrdersError)) {
        throw error;
      }
      // The client is closed.
      setError(error);
    }
    return () => subscription?.unsubscribe();
  }, [source, orderId]);
}

type Show = (view: { orders: readonly OrderEvent[]; error?: OrdersError | undefined }) => void;

/** The organization's orders, for all components that show them: a late one gets what the others have. */
class OrderList {
  #client: OrdersClient;
  #watchers = new Map<object, { limit: number; show: Show }>();
  #newest = new Map<string, OrderEvent>();
  #subscription: OrderSubscription | undefined;
  #error: OrdersError | undefined;

  constructor(client: OrdersClient) {
    this.#client = client;
  }

  watch(limit: number, show: Show): () => void {
    const key = {};
    this.#watchers.set(key, { limit, show });
    if (!this.#subscription || this.#subscription.ended) {
      this.#begin();
    }
    this.#show();
    return () => {
      this.#watchers.delete(key);
      if (this.#watchers.size === 0) {
        this.#subscription?.unsubscribe();
        this.#subscription = undefined;
        this.#newest.clear();
      }
    };
  }

  #begin(): void {
    const options: SubscribeOptions = {
      last: 100,
      onError: error => {
        this.#error = error;
        this.#show();
      },
      onGap: gap => {
        if (gap.rewritten) {
          this.#newest.clear();
          this.#show();
        }
      },
    };
    try {
      this.#error = undefined;
      this.#subscription = this.#client.subscribeAll(event => this.#add(event), options);
    } catch (error) {
      this.#error = error as OrdersError;
    }
  }

  #add(event: OrderEvent): void {
    // At the end of the map, which is in the order of changes.
    this.#newest.delete(event.order_id);
    this.#newest.set(event.order_id, event);
    const most = Math.max(...[...this.#watchers.values()].map(({ limit }) => limit));
    for (const orderId of this.#newest.keys()) {
      if (this.#newest.size <= most) {
        break;
      }
      this.#newest.delete(orderId);
    }
    this.#show();
  }

  #show(): void {
    const orders = [...this.#newest.values()].reverse();
    for (const { limit, show } of this.#watchers.values()) {
      show({ orders: orders.slice(0, limit), error: this.#error });
    }
  }
}

const lists = new WeakMap<OrdersClient, OrderList>();

function listOf(client: OrdersClient): OrderList {
  let list = lists.get(client);
  if (!list) {
    lists.set(client, list = new OrderList(client));
  }
  return list;
}
