import assert from "node:assert/strict";
import { test } from "node:test";
import type { OrderEvent, OrdersClient, OrderSubscription } from "../../src/index.ts";
import { setUp, signed } from "../setup.ts";

const orders = ["o-1", "o-2", "o-3"];

/** A generator of random integers that repeats itself for the same seed. */
function randomOf(seed: number) {
  return (below: number) => {
    seed = (seed * 1_664_525 + 1_013_904_223) >>> 0;
    return Math.floor(seed / 2 ** 32 * below);
  };
}

/** A handler or an iteration that knows which event must come next. */
class Checked {
  readonly sub: OrderSubscription;
  readonly faults: string[] = [];
  next: number | undefined;
  ending: Promise<void> = Promise.resolve();
  #gaps = new Set<number>();

  constructor(client: OrdersClient, orderId: string | undefined, iterates: boolean, options: object) {
    const check = (event: OrderEvent) => {
      const number = orderId === undefined ? event.sequence! : event.version;
      if (this.next !== undefined && number !== this.next && !this.#gaps.has(number)) {
        this.faults.push(`${orderId}: got ${number} instead of ${this.next}`);
      }
      this.next = number + 1;
    };
    const all = { ...options, onGap: ({ earliest }: { earliest: number }) => void this.#gaps.add(earliest) };
    const handler = iterates ? undefined : check;
    const sub = orderId === undefined ? client.subscribeAll(handler, all) : client.subscribe(orderId, handler, all);
    this.sub = sub;
    if (iterates) {
      this.ending = (async () => {
        for await (const event of sub) {
          check(event);
        }
      })().catch(error => {
        if (error.code !== "closed" && error.code !== "overflow") {
          this.faults.push(`${error}`);
        }
      });
    }
  }
}

/** A page with handlers that is reloaded now and then, in random trouble. */
class Trouble {
  readonly parts;
  readonly newest = new Map<string | undefined, number>();
  readonly faults: string[] = [];
  handlers: Checked[] = [];
  #items = new Map<string, string>();
  #random: (below: number) => number;
  #client: OrdersClient;

  constructor(seed: number) {
    this.#random = randomOf(seed);
    const store = {
      getItem: (name: string) => this.#items.get(name) ?? null,
      setItem: (name: string, text: string) => this.#items.set(name, text),
    };
    this.parts = setUp({ ...signed, store });
    this.#client = this.parts.client;
    [undefined, ...orders].forEach(orderId => this.subscribe(orderId));
  }

  emit(): void {
    const { order_id, version } = this.parts.server.emit(orders[this.#random(3)]!, "x");
    this.newest.set(order_id, version);
    this.newest.set(undefined, (this.newest.get(undefined) ?? 0) + 1);
  }

  subscribe(orderId: string | undefined, options?: object): Checked {
    const isFirst = !this.handlers.some(({ sub }) => sub.orderId === orderId && !sub.ended);
    const start = options ?? (isFirst && this.#random(2) ? { after: 0 } : {});
    this.handlers.push(new Checked(this.#client, orderId, this.#random(4) === 0, start));
    return this.handlers.at(-1)!;
  }

  async step(): Promise<void> {
    const random = this.#random;
    const { server, clock, page } = this.parts;
    const troubles = [
      () => server.drop([1006, 1001, 1011, 1013][random(4)]),
      () => server.freeze(),
      () => server.refuse({ on: "open", times: 1 + random(3) }),
      () => server.refuse({ on: "connect", times: 1 + random(3) }),
      () => server.refuse({ on: "subscribe", code: "rate_limited", times: 1 + random(5), retryAfterMs: random(3_000) }),
      () => page.fire(["online", "visibilitychange", "pageshow"][random(3)]!),
      () => server.keep(5),
      () => this.subscribe([undefined, ...orders][random(4)]),
      () => this.handlers[random(this.handlers.length)]?.sub.unsubscribe(),
      () => this.#reload(),
    ];
    for (let i = random(4); i > 0; i--) {
      this.emit();
    }
    if (random(3) === 0) {
      troubles[random(troubles.length)]!();
    }
    await clock.advance([0, 10, 300, 1_000, 7_000, 40_000][random(6)]!);
  }

  async end(): Promise<void> {
    this.#client.close();
    await Promise.all(this.handlers.map(handler => handler.ending));
    this.faults.push(...this.handlers.flatMap(handler => handler.faults));
  }

  // The store has the last handled event, and the page continues after it.
  #reload(): void {
    this.parts.page.fire("pagehide");
    const stored = JSON.parse([...this.#items.values()][0] ?? "{}");
    for (const orderId of [undefined, ...orders]) {
      const key = orderId === undefined ? "*" : `o:${orderId}`;
      const handled = this.handlers.filter(({ sub }) => sub.orderId === orderId && !sub.ended)
        .map(({ sub }) => sub.position?.after);
      if (handled.length > 0 && !handled.includes(undefined) && stored[key]?.[0] !== Math.min(...handled as number[])) {
        this.faults.push(`${key}: stored ${stored[key]}, handled ${handled}`);
      }
    }
    this.#client.close();
    this.#client = this.parts.open();
    this.faults.push(...this.handlers.flatMap(handler => handler.faults));
    this.handlers = [];
    for (const orderId of [undefined, ...orders]) {
      const before = stored[orderId === undefined ? "*" : `o:${orderId}`]?.[0];
      this.subscribe(orderId, {}).next = before === undefined ? undefined : before + 1;
    }
  }
}

for (let seed = 1; seed <= 100; seed++) {
  test(`Every handler gets every event once and in order in random trouble, seed ${seed}`, async () => {
    const trouble = new Trouble(seed);
    for (let step = 0; step < 150; step++) {
      await trouble.step();
    }
    // After the last trouble everybody gets everything.
    await trouble.parts.clock.advance(120_000);
    [...Array(20)].forEach(() => trouble.emit());
    await trouble.parts.clock.advance(120_000);
    for (const { sub, next } of trouble.handlers.filter(({ sub }) => !sub.ended)) {
      assert.equal(next! - 1, trouble.newest.get(sub.orderId), `${sub.orderId}`);
    }
    await trouble.end();
    assert.deepEqual(trouble.faults, []);
  });
}
