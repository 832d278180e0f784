import type { OrdersError } from "./errors.ts";
import type { ConnectionState } from "./types.ts";

/** The events of a client. */
export interface OrdersClientEvents {
  /** The state has changed. */
  state: ConnectionState;
  /** Something failed. Without a listener, errors go to `console.error`. */
  error: OrdersError;
}

/** Calls listeners. A listener that throws stops neither the others nor the client. */
export class Emitter {
  #listeners = { state: new Set<(value: any) => void>(), error: new Set<(value: any) => void>() };

  on<K extends keyof OrdersClientEvents>(name: K, listener: (value: OrdersClientEvents[K]) => void): () => void {
    const listeners = this.#listeners[name];
    if (!listeners) {
      throw new TypeError(`There is no event ${name}. Expected state or error`);
    }
    // A function of its own, so that the same listener may be added twice and removed once.
    const own = (value: OrdersClientEvents[K]) => listener(value);
    listeners.add(own);
    return () => void listeners.delete(own);
  }

  emit<K extends keyof OrdersClientEvents>(name: K, value: OrdersClientEvents[K]): void {
    const listeners = [...this.#listeners[name]];
    if (name === "error" && listeners.length === 0) {
      console.error(value);
    }
    for (const listener of listeners) {
      try {
        listener(value);
      } catch (error) {
        console.error(error);
      }
    }
  }
}
