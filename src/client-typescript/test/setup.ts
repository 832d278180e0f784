import { OrdersClient, type OrdersClientOptions, type OrdersError } from "../src/index.ts";
import { FakeOrdersServer, type FakeServerOptions } from "../src/testing.ts";
import { FakeClock } from "./clock.ts";

/** A page whose events a test fires. */
export class FakePage {
  document = { visibilityState: "visible" };
  navigator = { onLine: true };
  #target = new EventTarget();
  addEventListener = (type: string, listener: () => void) => this.#target.addEventListener(type, listener);
  removeEventListener = (type: string, listener: () => void) => this.#target.removeEventListener(type, listener);
  fire(type: string): void {
    this.#target.dispatchEvent(new Event(type));
  }
}

/** A client, a server in memory, and the clock of the client. */
export function setUp(options: Partial<OrdersClientOptions> = {}, serverOptions: FakeServerOptions = {}) {
  const server = new FakeOrdersServer(serverOptions);
  const clock = new FakeClock();
  const page = new FakePage();
  const open = (more: Partial<OrdersClientOptions> = {}) => {
    const client = new OrdersClient("wss://orders.example/ws", {
      apiKey: "key", WebSocket: server.WebSocket, timers: clock, page, ...options, ...more,
    });
    client.on("error", error => errors.push(error));
    return client;
  };
  const errors: OrdersError[] = [];
  const client = open();
  return { server, clock, page, client, errors, open };
}

/** A WebSocket of the server. `change` gets each message and what sends it, so that it may drop, repeat or hold it. */
export function through(server: FakeOrdersServer, change: (message: any, send: (message: any) => void) => void): any {
  return class {
    constructor(url: string) {
      const socket = new server.WebSocket(url) as any;
      const push = socket.push.bind(socket);
      socket.push = (message: any) => change(message, push);
      return socket;
    }
  };
}

/** Options with which a client may watch everything: its connections are signed. */
export const signed = { getSignature: () => "APIKey=key,signature=00,timestamp=0" };

/** The messages of a type that a server has received. */
export function received(server: FakeOrdersServer, type: string): any[] {
  return server.received.filter(message => message.type === type).map(message => message.data);
}
