import type { Credentials } from "./credentials.ts";
import type { OrdersError } from "./errors.ts";
import type { Settings } from "./options.ts";

/** The part of the client that a connection needs. */
export interface ConnectionOwner {
  readonly settings: Settings;
  readonly credentials: Credentials;
  /** Fulfilled when positions have been read. */
  readonly ready: Promise<void>;
  stateChanged(): void;
  report(error: OrdersError): void;
  /** Going on is pointless. */
  stop(error: OrdersError): void;
}
