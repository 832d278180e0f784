// What the page knows of the orders: each one's events by version, whatever order or however often they arrive.

/** How many orders are kept. Past it the one that has been still for longest goes. */
export const MAX_ORDERS = 500;

/** How many events of an order are kept. Past it the oldest goes. */
export const MAX_ENTRIES = 50;

export class Orders {
  // In the order of their last change, so that the first one is the stillest.
  #orders = new Map();
  #seen = 0;

  get size() {
    return this.#orders.size;
  }

  /** Takes an event in. Returns what changed, `{ order, dropped }`, or null for one that was known or makes no sense. */
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

// Newest version first. Almost every event is the newest, so the place is looked for from the front.
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

/** How many versions are missing between an entry and the next older one that is known; 0 counts as known. */
export const missingBelow = (entries, index) => entries[index].version - (entries[index + 1]?.version ?? 0) - 1;
