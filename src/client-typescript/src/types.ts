import type { OrdersError } from "./errors.ts";

/** An order-status event, as the server sends it. */
export interface OrderEvent {
  /** Unique within the organization. */
  readonly id: string;
  readonly organization_id: string;
  readonly order_id: string;
  /** The event's number within its order: 1, 2, 3 … without gaps. */
  readonly version: number;
  /** The event's number within its organization, without gaps. Only handlers of `subscribeAll` get it. */
  readonly sequence?: number;
  /** The order's new status, at most 64 characters. */
  readonly status: string;
  /** RFC 3339, UTC, by the publisher's clock. */
  readonly occurred_at: string;
  /** The publisher's own JSON object; absent if there is none. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * - `connecting`: a connection is being opened or authenticated.
 * - `connected`: authenticated. Events come.
 * - `waiting`: not connected, because nothing is subscribed, the device is offline, or the next attempt is not due.
 * - `closed`: for good: `close` was called, or the client stopped because going on was pointless.
 */
export type ConnectionState = "connecting" | "connected" | "waiting" | "closed";

/** The number of the last event that a subscription has handled, and the history that the number belongs to. */
export interface Position {
  /** `version` for an order, `sequence` for the organization. */
  readonly after: number;
  readonly epoch: string | undefined;
}

/** Part of the history is not available. */
export interface Gap {
  /** The order; undefined for the organization. */
  readonly orderId: string | undefined;
  /** The first number that was due. */
  readonly from: number;
  /** The first number that is still kept. The next event has this number, or a higher one. */
  readonly earliest: number;
  /** Whether history was rewritten (the epoch changed). Then drop what you have; everything kept comes again. */
  readonly rewritten: boolean;
}

/** The server's confirmation of a subscription. */
export interface Confirmed {
  /** Whether all events that were requested are still kept. */
  readonly resumed: boolean;
  /** The number of the newest event at that moment; 0 if there is none. Requested events up to it follow. */
  readonly position: number;
}

/** Gets an event. It should not throw; if it does, the error is reported and delivery continues. */
export type EventHandler = (event: OrderEvent) => void;

/** The start of a subscription, and its other callbacks. `after` and `last` exclude each other. */
export interface SubscribeOptions {
  /** Begin after this number (`version`, or `sequence` for the organization); 0 means everything that is kept. */
  after?: number | undefined;
  /** The history that `after` belongs to. Take both from `position`. */
  epoch?: string | undefined;
  /** Begin with this many of the newest events, 0 to 100. 1 means the current status. */
  last?: number | undefined;
  /** Ends the subscription when it is aborted. */
  signal?: AbortSignal | undefined;
  /** Called if part of the requested history is no longer kept, or if history was rewritten. */
  onGap?: ((gap: Gap) => void) | undefined;
  /**
   * Called when the server has confirmed the subscription, before its first event, and again after each reconnect. A
   * handler that joins a confirmed subscription is not told before the next reconnect.
   */
  onSubscribed?: ((confirmed: Confirmed) => void) | undefined;
  /** Called if the server refuses or ends the subscription, with its code. The client's `error` event comes too. */
  onError?: ((error: OrdersError) => void) | undefined;
}

/**
 * A subscription. If it was made without a handler, iterate over it: events that come before are buffered. At most
 * 1,000 events or 1 Mi characters wait; then the subscription ends, and the iteration throws `overflow` after the
 * buffered events. Leaving the loop unsubscribes.
 */
export interface OrderSubscription extends AsyncIterable<OrderEvent> {
  /** The order; undefined for the organization. */
  readonly orderId: string | undefined;
  /**
   * The last handled event: pass it as options to `subscribe` to continue there. Undefined before the server has
   * confirmed. An iteration has handled an event when it asks for the next one.
   */
  readonly position: Position | undefined;
  /** Whether the server has confirmed the subscription on the current connection. */
  readonly isLive: boolean;
  /** Whether the subscription has ended. */
  readonly ended: boolean;
  /** Why it ended; undefined while it lives and after `unsubscribe`. */
  readonly error: OrdersError | undefined;
  /** Ends the subscription. No event is delivered after the call. Calling it again does nothing. */
  unsubscribe(): void;
}
