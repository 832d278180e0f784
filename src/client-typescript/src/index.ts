export { OrdersClient } from "./client.ts";
export type { OrdersClientEvents } from "./emitter.ts";
export { OrdersError, Unauthorized, type ClientErrorCode, type ServerErrorCode } from "./errors.ts";
export type { Fallback, OrdersClientOptions, PageLike, SocketLike, Timers } from "./options.ts";
export { eventStreams } from "./sse.ts";
export type { PositionStore } from "./positions.ts";
export type {
  Confirmed, ConnectionState, EventHandler, Gap, OrderEvent, OrderSubscription, Position, SubscribeOptions,
} from "./types.ts";
