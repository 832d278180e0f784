import type { SocketLike } from "../options.ts";

/** The part of the server that a socket needs. */
export interface SocketServer {
  open(socket: FakeSocket): void;
  receive(socket: FakeSocket, text: string): void;
  closed(socket: FakeSocket): void;
}

/** A WebSocket without a network. Everything arrives later, in the order in which it was sent. */
export class FakeSocket implements SocketLike {
  onopen: SocketLike["onopen"] = null;
  onmessage: SocketLike["onmessage"] = null;
  onclose: SocketLike["onclose"] = null;
  onerror: SocketLike["onerror"] = null;
  readyState = 0;
  /** Whether nothing arrives any more in either direction, although the socket looks open. */
  isDead = false;
  #server: SocketServer;

  constructor(server: SocketServer) {
    this.#server = server;
    queueMicrotask(() => this.readyState === 0 && server.open(this));
  }

  send(text: string): void {
    if (this.readyState !== 1) {
      throw new Error("The socket is not open");
    }
    queueMicrotask(() => this.readyState === 1 && !this.isDead && this.#server.receive(this, text));
  }

  close(): void {
    if (this.readyState < 2) {
      this.readyState = 3;
      this.#server.closed(this);
      queueMicrotask(() => this.onclose?.({ code: 1000 }));
    }
  }

  /** The server accepts the socket. */
  accept(): void {
    this.readyState = 1;
    this.onopen?.({});
  }

  /** The server sends a message. */
  push(message: object): void {
    const data = JSON.stringify(message);
    queueMicrotask(() => this.readyState === 1 && !this.isDead && this.onmessage?.({ data }));
  }

  /** The server closes the socket, after what it has sent. */
  drop(code: number): void {
    this.#server.closed(this);
    queueMicrotask(() => {
      if (this.readyState < 2 && !this.isDead) {
        this.readyState = 3;
        this.onclose?.({ code });
      }
    });
  }
}
