import { OrdersError } from "./errors.ts";

/** An error as the server reports it. */
export interface ServerError {
  readonly code: string;
  readonly message: string;
  readonly order_id?: string;
  readonly retry_after_ms?: number;
}

// Credentials that will never be accepted, and faults of the client.
const FINAL = ["invalid_api_key", "invalid_signature", "invalid_token", "already_authenticated", "access_denied",
  "invalid_message", "unknown_type"];

/** Whether the answer to a subscribe may be another one later. */
export function isTemporary(code: string): boolean {
  return code === "unavailable" || code === "rate_limited";
}

/**
 * Whether a close makes further attempts pointless. A refused connect counts as a close with 1008.
 *
 * 1008 has many reasons, and the error before it gives the reason. After `rate_limited`, after the deadline of the
 * connect, and if the reason was lost, the client comes back: if its key is no longer valid, the answer to its next
 * connect says so.
 */
export function isFinalClose(status: number, reason: ServerError | undefined, hasTokens: boolean): boolean {
  return status === 1003 || status === 1007 || status === 1009
    || (status === 1008 && reason !== undefined
      && (FINAL.includes(reason.code) || (reason.code === "token_expired" && !hasTokens)));
}

/** The server's error for the application. */
export function toError({ code, message, order_id }: ServerError): OrdersError {
  return new OrdersError(code, message, order_id);
}
