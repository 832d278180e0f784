// The orders that the page knows, each with its events by version. Events may arrive in any order and repeatedly.

/**
 * The maximum number of orders that are kept. Beyond it, the order without a change for the longest time is removed.
 */
export const MAX_ORDERS = 500;

/** The maximum number of events of an order that are kept. Beyond it, the oldest is removed. */
export const MAX_ENTRIES = 50;

export class Orders {
  // Sorted by last change: the first order has not changed for the longest time.
  #orders = new Map();
  #seen = 0;

  get size() {
    return this.#orders.size;
  }

  /**
   * Applies an event. Returns the changed order and the removed one, `{ order, dropped }`, or null if the event is a
   * duplicate, too old to be kept, or malformed.
   */
  apply(event) {
    if (typeof event?.order_id !== "string" || !Number.isSafeInteger(event.version)) {
      return null;
    }
    const order = this.#orders.get(event.order_id) ?? {
      id: event.order_id, organization: event.organization_id, entries: [], number: ++this.#seen,
    };
    if (!insert(order.entries, event)) {
      return null;
    }
    this.#orders.delete(order.id);
    this.#orders.set(order.id, order);
    return { order, dropped: this.#drop() };
  }

  has(id) {
    return this.#orders.has(id);
  }

  forget(id) {
    this.#orders.delete(id);
  }

  clear() {
    this.#orders.clear();
  }

  #drop() {
    if (this.#orders.size <= MAX_ORDERS) {
      return null;
    }
    const [stillest] = this.#orders.values();
    this.#orders.delete(stillest.id);
    return stillest;
  }
}

// Inserts an event; the newest version comes first. Almost every event is the newest, so the search begins at the
// front.
function insert(entries, { version, status, occurred_at: occurredAt, details }) {
  let place = 0;
  while (place < entries.length && entries[place].version > version) {
    place++;
  }
  if (entries[place]?.version === version || place >= MAX_ENTRIES) {
    return false;
  }
  entries.splice(place, 0, { version, status: String(status), occurredAt: String(occurredAt), details });
  entries.length = Math.min(entries.length, MAX_ENTRIES);
  return true;
}

/** Returns how many versions are missing between an entry and the next older one. Version 0 counts as present. */
export const missingBelow = (entries, index) => entries[index].version - (entries[index + 1]?.version ?? 0) - 1;
