export { FakeOrdersServer, type FakeServerOptions, type Refusal } from "./testing/server.ts";
