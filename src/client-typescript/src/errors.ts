/** Codes of errors that the server reports. They never change. */
export type ServerErrorCode =
  | "invalid_message" | "unknown_type" | "not_authenticated" | "invalid_api_key" | "invalid_signature"
  | "signature_expired" | "invalid_token" | "token_expired" | "already_authenticated" | "access_denied"
  | "too_many_subscriptions" | "rate_limited" | "unavailable";

/**
 * Codes of errors that arise in the client.
 *
 * - `closed`: the client was closed.
 * - `unauthorized`: `getToken` or `getSignature` threw `Unauthorized`. The client stops.
 * - `credentials_failed`: `getToken` or `getSignature` failed in another way. The client retries.
 * - `protocol`: the connection was closed with 1003, 1007 or 1009, and the client stops; or the server sent something
 *   that is not of this protocol, and the client reconnects.
 * - `already_subscribed`: the feed is subscribed already, and its events cannot be requested again for one handler.
 * - `overflow`: an iteration was too slow and more events than its buffer holds were waiting.
 * - `handler_failed`: a handler threw; `cause` is what it threw. Delivery continues.
 * - `store_failed`: the store of positions threw; `cause` is what it threw. Positions are then kept in memory only.
 */
export type ClientErrorCode =
  | "closed" | "unauthorized" | "credentials_failed" | "protocol" | "already_subscribed" | "overflow"
  | "handler_failed" | "store_failed";

/** An error with a code. Branch on `code`, never on `message`. */
export class OrdersError extends Error {
  override readonly name = "OrdersError";
  /** The server's code or the client's. A newer server may send codes that this list does not have. */
  readonly code: ServerErrorCode | ClientErrorCode | (string & {});
  /** The order that the error is about; undefined if it is about the organization or the whole client. */
  readonly orderId: string | undefined;

  constructor(code: string, message: string, orderId?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.orderId = orderId;
  }
}

/** Throw it from `getToken` or `getSignature` if the user may not watch orders (any more). The client then stops. */
export class Unauthorized extends Error {
  override readonly name = "Unauthorized";
}
