import { connect, createServer, type Server, type Socket } from "node:net";

/** A TCP proxy that breaks connections in the ways of real networks. */
export class Proxy {
  /** Whether new connections are accepted. */
  isOpen = true;
  /** Whether bytes arrive in slices of 1 to 7. */
  slices = false;
  /** Requests whose first line contains this are answered with 403, as some proxies do with WebSockets. */
  forbidden: string | undefined;
  accepted = 0;
  #server: Server;
  #pairs = new Set<{ client: Socket; server: Socket; isDead: boolean }>();

  private constructor(target: number) {
    this.#server = createServer(client => this.#accept(client, target));
  }

  static async start(target: number): Promise<Proxy> {
    const proxy = new Proxy(target);
    proxy.#server.listen(0, "127.0.0.1");
    await new Promise(resolve => proxy.#server.once("listening", resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** Closes all connections in an orderly way. */
  cut(): void {
    this.#pairs.forEach(({ client, server }) => {
      client.end();
      server.destroy();
    });
  }

  /** Resets all connections. */
  reset(): void {
    this.#pairs.forEach(({ client, server }) => {
      client.resetAndDestroy();
      server.destroy();
    });
  }

  /** Swallows all bytes of the open connections, both ways, and leaves them open. */
  swallow(): void {
    this.#pairs.forEach(pair => pair.isDead = true);
  }

  async dispose(): Promise<void> {
    this.reset();
    await new Promise(resolve => this.#server.close(resolve));
  }

  #accept(client: Socket, target: number): void {
    this.accepted++;
    if (!this.isOpen) {
      client.resetAndDestroy();
      return;
    }
    const pair = { client, server: connect(target, "127.0.0.1"), isDead: false };
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      client.destroy();
      pair.server.destroy();
    };
    for (const [from, to] of [[client, pair.server], [pair.server, client]] as const) {
      from.setNoDelay(true);
      from.on("data", data => {
        if (from === client && this.forbidden && data.includes(this.forbidden)) {
          client.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        } else if (!pair.isDead) {
          this.#write(to, data);
        }
      });
      // "close" follows every error.
      from.on("error", () => {});
      from.on("close", end);
    }
  }

  #write(to: Socket, data: Buffer): void {
    for (let at = 0; at < data.length;) {
      const length = this.slices ? 1 + Math.floor(Math.random() * 7) : data.length;
      to.write(data.subarray(at, at + length));
      at += length;
    }
  }
}
