import type { OrderEvent } from "../types.ts";

/** The readable part of a feed: an order's versions, or the organization's sequences. */
export interface Bounds {
  readonly earliest: number;
  readonly last: number;
}

/** An event with its sequence. */
export type LoggedEvent = OrderEvent & { readonly sequence: number };

/** The history of one organization in memory. */
export class Log {
  #organizationId: string;
  #events: LoggedEvent[] = [];
  #versions = new Map<string, number>();
  #sequence = 0;

  constructor(organizationId: string) {
    this.#organizationId = organizationId;
  }

  append(orderId: string, status: string, details?: Record<string, unknown>): LoggedEvent {
    const version = (this.#versions.get(orderId) ?? 0) + 1;
    this.#versions.set(orderId, version);
    const event: LoggedEvent = {
      id: `fake-${++this.#sequence}`,
      organization_id: this.#organizationId,
      order_id: orderId,
      version,
      status,
      occurred_at: new Date().toISOString().replace("Z", "000Z"),
      ...(details && { details }),
      sequence: this.#sequence,
    };
    this.#events.push(event);
    return event;
  }

  has(orderId: string): boolean {
    return this.#versions.has(orderId);
  }

  bounds(orderId: string | undefined): Bounds {
    const last = orderId === undefined ? this.#sequence : this.#versions.get(orderId) ?? 0;
    const first = this.#events.find(event => orderId === undefined || event.order_id === orderId);
    return { earliest: first ? numberIn(first, orderId) : last + 1, last };
  }

  after(orderId: string | undefined, number: number): LoggedEvent[] {
    return this.#events.filter(event =>
      (orderId === undefined || event.order_id === orderId) && numberIn(event, orderId) > number);
  }

  /** Drops all but the newest events. */
  keep(count: number): void {
    this.#events = count === 0 ? [] : this.#events.slice(-count);
  }
}

/** The event's number in a feed. */
export function numberIn(event: LoggedEvent, orderId: string | undefined): number {
  return orderId === undefined ? event.sequence : event.version;
}
