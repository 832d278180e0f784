import assert from "node:assert/strict";
import { test } from "node:test";
import { createElement, StrictMode } from "react";
// @ts-expect-error The package has no types.
import { act, create } from "react-test-renderer";
import { OrdersProvider, useOrder, useOrders, type OrdersView, type OrderView } from "../../src/react.ts";
import { setUp, signed } from "../setup.ts";

(globalThis as any).IS_REACT_ACT_ENVIRONMENT = true;

/** Renders a component in strict mode, below a provider. */
async function render(client: any, component: (props: any) => null, props: object = {}) {
  let root: any;
  const tree = (next: object) => createElement(StrictMode, null,
    createElement(OrdersProvider, { client }, createElement(component, next)));
  await act(async () => root = create(tree(props)));
  return {
    show: (next: object) => act(async () => root.update(tree(next))),
    unmount: () => act(async () => root.unmount()),
  };
}

test("useOrder shows the current status, each change and the state", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "created");
  let view!: OrderView;
  const root = await render(client, () => (view = useOrder("o-1"), null));
  await act(() => clock.advance(0));
  assert.deepEqual([view.status, view.state, view.error], ["created", "connected", undefined]);
  server.emit("o-1", "paid");
  await act(() => clock.advance(0));
  assert.deepEqual([view.status, view.event?.version], ["paid", 2]);
  await root.unmount();
  await clock.advance(0);
  assert.deepEqual(server.subscriptions, []);
});

test("useOrder in two components subscribes once and both show the status", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "created");
  const views: OrderView[] = [];
  const root = await render(client, () => (views[0] = useOrder("o-1"), null));
  await act(() => clock.advance(0));
  const late = await render(client, () => (views[1] = useOrder("o-1"), null));
  await act(() => clock.advance(0));
  assert.deepEqual([views[1]!.status, server.subscriptions], ["created", ["o-1"]]);
  await root.unmount();
  await late.unmount();
});

test("useOrder shows nothing of the order before", async () => {
  const { server, clock, client } = setUp();
  server.emit("o-1", "created");
  server.emit("o-2", "paid");
  const seen: string[] = [];
  const root = await render(client, ({ id }) => (seen.push(`${id} ${useOrder(id).status}`), null), { id: "o-1" });
  await act(() => clock.advance(0));
  await root.show({ id: "o-2" });
  await act(() => clock.advance(0));
  assert.ok(!seen.includes("o-2 created"));
  assert.equal(seen.at(-1), "o-2 paid");
  await root.show({ id: undefined });
  assert.equal(seen.at(-1), "undefined undefined");
  await root.unmount();
});

test("useOrder shows why no events come", async () => {
  const { clock, client } = setUp();
  let view!: OrderView;
  const root = await render(client, () => (view = useOrder("nobody's"), null));
  await act(() => clock.advance(0));
  assert.equal(view.error?.code, "access_denied");
  await act(async () => client.close());
  await root.unmount();
  const closed = await render(client, () => (view = useOrder("o-1"), null));
  assert.deepEqual([view.error?.code, view.state], ["closed", "closed"]);
  await closed.unmount();
});

test("useOrders shows the newest event of each order, the last change first", async () => {
  const { server, clock, client } = setUp(signed);
  server.emit("o-1", "created");
  server.emit("o-2", "created");
  let view!: OrdersView;
  const root = await render(client, () => (view = useOrders(), null));
  await act(() => clock.advance(0));
  server.emit("o-1", "paid");
  await act(() => clock.advance(0));
  let late!: OrdersView;
  const second = await render(client, () => (late = useOrders({ limit: 1 }), null));
  const shown = ({ orders }: OrdersView) => orders.map(e => `${e.order_id} ${e.status}`);
  assert.deepEqual([shown(view), shown(late)], [["o-1 paid", "o-2 created"], ["o-1 paid"]]);
  assert.deepEqual(server.subscriptions, [undefined]);
  await root.unmount();
  await second.unmount();
  await clock.advance(0);
  assert.deepEqual(server.subscriptions, []);
});

test("A hook without a client names the provider", async () => {
  const { client } = setUp();
  const before = console.error;
  console.error = () => {};
  try {
    await assert.rejects(render(undefined, () => (useOrder("o-1"), null)), /OrdersProvider/);
  } finally {
    console.error = before;
    client.close();
  }
});
