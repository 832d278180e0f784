import type { Fallback, Settings, SocketLike } from "./options.ts";
import { isTemporary } from "./verdict.ts";

// The server sends a comment every 25 s.
const SILENCE = 60_000;
const MAX_LINE = 1_048_576;

interface Stream {
  orderId: string | undefined;
  query: string;
  /** The id of the subscribe, until it is answered. */
  id: number | undefined;
  /** The id of the last event. */
  last: string;
  abort: AbortController;
}

/**
 * Server-sent events over HTTP, for networks that block WebSockets. Each subscription is a request of its own; with
 * HTTP/1.1, a browser opens at most six to one server. The token is in the query of the URL, so it should live for a
 * few minutes only.
 */
export const eventStreams: Fallback = settings => new EventStreams(settings);

/**
 * Event streams over HTTP (server-sent events) that look like one WebSocket: it takes the messages of `/ws` and answers
 * them. Each subscription is a request of its own. If one of them breaks, the whole ends, and the client resumes.
 */
class EventStreams implements SocketLike {
  onopen!: SocketLike["onopen"];
  onmessage!: SocketLike["onmessage"];
  onclose!: SocketLike["onclose"];
  onerror!: SocketLike["onerror"];
  #settings: Settings;
  #base: string;
  #token = "";
  #streams = new Map<string | undefined, Stream>();
  #isExpiring = false;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#base = settings.url.replace(/^ws/, "http").replace(/\/ws\/?(\?.*)?$/, "");
    queueMicrotask(() => this.onopen?.({}));
  }

  send(text: string): void {
    const { type, data, id } = JSON.parse(text);
    if (type === "connect") {
      this.#token = data.token;
      this.#isExpiring = false;
      this.#streams.forEach(stream => this.#reopen(stream));
      this.#reply("connected", { status: "authenticated" }, id);
    } else if (type === "subscribe") {
      (data.orders ?? [data]).forEach((entry: any) => this.#subscribe(entry, id));
    } else if (type === "unsubscribe") {
      this.#streams.get(data.order_id)?.abort.abort();
      this.#streams.delete(data.order_id);
      this.#reply("subscription", { order_id: data.order_id, status: "unsubscribed" }, id);
    } else {
      this.#reply("pong", undefined, id);
    }
  }

  close(code = 1000): void {
    this.#streams.forEach(stream => stream.abort.abort());
    this.#streams.clear();
    this.onclose?.({ code });
  }

  #subscribe({ order_id: orderId, ...rest }: Record<string, string>, id: number): void {
    if (orderId === "." || orderId === "..") {
      // A URL cannot have such a segment. It would name the organization's stream.
      this.#reply("error", { code: "access_denied", message: "not available over HTTP", order_id: orderId }, id);
      return;
    }
    const query = `${new URLSearchParams(rest)}&`;
    const stream = { orderId, query, id, last: "", abort: new AbortController() };
    this.#streams.set(orderId, stream);
    void this.#run(stream, stream.abort.signal);
  }

  #reopen(stream: Stream): void {
    stream.abort.abort();
    stream.abort = new AbortController();
    if (stream.last) {
      stream.query = `last_event_id=${encodeURIComponent(stream.last)}&`;
    }
    void this.#run(stream, stream.abort.signal);
  }

  // Never rejects. A failure ends the whole.
  async #run(stream: Stream, signal: AbortSignal): Promise<void> {
    const { timers } = this.#settings;
    let timer: unknown;
    const silence = () => {
      timers.clearTimeout(timer);
      timer = timers.setTimeout(() => this.close(1006), SILENCE);
    };
    try {
      silence();
      const path = stream.orderId === undefined ? "" : `orders/${encodeURIComponent(stream.orderId)}/`;
      const response = await this.#settings.fetch(
        `${this.#base}/v1/${path}events?${stream.query}access_token=${encodeURIComponent(this.#token)}`,
        { headers: { accept: "text/event-stream" }, signal, cache: "no-store" });
      if (!response.ok) {
        this.#refuse(stream, await response.json());
        return;
      }
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done || signal.aborted || rest.length > MAX_LINE) {
          break;
        }
        silence();
        const blocks = (rest + value).split("\n\n");
        rest = blocks.pop()!;
        for (const block of blocks) {
          if (!signal.aborted) {
            this.#receive(stream, block);
          }
        }
      }
    } catch {
      // The network, or an answer that is not the server's: the close below is the report.
    } finally {
      timers.clearTimeout(timer);
      if (!signal.aborted && this.#streams.get(stream.orderId) === stream) {
        this.close(1006);
      }
    }
  }

  #receive(stream: Stream, block: string): void {
    const field: Record<string, string> = {};
    for (const line of block.split("\n")) {
      const colon = line.indexOf(":");
      field[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
    }
    const { event: type, data, id, retry } = field;
    if (type === "end") {
      this.#refuse(stream, { ...JSON.parse(data!), retry_after_ms: +retry! || undefined });
    } else if (type === "subscription" && stream.id !== undefined) {
      this.#forward(type, data!, stream.id);
      stream.id = undefined;
    } else if (type === "event" || (type === "expiring" && !this.#isExpiring)) {
      this.#isExpiring ||= type === "expiring";
      this.#forward(type, data!);
    }
    stream.last = id ?? stream.last;
  }

  /** The server refuses or ends a stream: `detail` is a problem of HTTP, `message` the reason of an `end`. */
  #refuse(stream: Stream, { code, detail, message = detail, retry_after_ms }: Record<string, any>): void {
    const isDenied = code === "access_denied" || code === "not_found";
    const data = { code: isDenied ? "access_denied" : code, message, retry_after_ms };
    if (stream.id !== undefined && (isDenied || isTemporary(code))) {
      this.#streams.delete(stream.orderId);
      this.#reply("error", { ...data, order_id: stream.orderId }, stream.id);
    } else {
      this.#forward("error", JSON.stringify(data));
      this.close(isTemporary(code) ? 1001 : 1008);
    }
  }

  #reply(type: string, data: unknown, id: number): void {
    queueMicrotask(() => this.#forward(type, JSON.stringify(data), id));
  }

  #forward(type: string, data: string | undefined, id?: number): void {
    const idField = id === undefined ? "" : `,"id":${id}`;
    this.onmessage?.({ data: `{"type":"${type}"${data === undefined ? "" : `,"data":${data}`}${idField}}` });
  }
}
