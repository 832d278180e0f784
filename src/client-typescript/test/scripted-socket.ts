import type { SocketLike } from "../src/options.ts";

/** A WebSocket whose server is the test. It opens at once and answers pings by itself. */
export class ScriptedSocket implements SocketLike {
  onopen: SocketLike["onopen"] = null;
  onmessage: SocketLike["onmessage"] = null;
  onclose: SocketLike["onclose"] = null;
  onerror: SocketLike["onerror"] = null;
  /** The messages of the client that the test has not taken. */
  readonly sent: any[] = [];
  answersPings = true;
  pings = 0;
  isClosed = false;

  constructor() {
    queueMicrotask(() => this.onopen?.({}));
  }

  send(text: string): void {
    const message = JSON.parse(text);
    if (message.type !== "ping") {
      this.sent.push(message);
      return;
    }
    this.pings++;
    if (this.answersPings) {
      this.receive({ type: "pong", id: message.id });
    }
  }

  close(): void {
    this.isClosed = true;
  }

  /** The client receives a message, or the text of one. */
  receive(message: object | string): void {
    const data = typeof message === "string" ? message : JSON.stringify(message);
    queueMicrotask(() => this.onmessage?.({ data }));
  }

  /** The server closes; 1006 is a broken connection. */
  end(code: number): void {
    queueMicrotask(() => this.onclose?.({ code }));
  }
}
