// Puts the page together: what each module tells, to those whom it concerns.

import { Announcer } from "./announcer.js";
import { Connection } from "./connection.js";
import { ConnectForm } from "./connect-form.js";
import { advanceOrder, placeOrder, readDemoAccount } from "./demo.js";
import { byId } from "./dom.js";
import { Orders } from "./orders.js";
import { OrdersView } from "./orders-view.js";
import { RawLog } from "./raw.js";
import { StateView, wordsOf } from "./state-view.js";
import { nameOf, SubscriptionsView } from "./subscriptions-view.js";
import { ORGANIZATION, Subscriptions } from "./subscriptions.js";

const url = new URL("ws", document.baseURI);
url.protocol = url.protocol.replace("http", "ws");

let demo = null; // the server's demo account
let credentials = null; // those in use
let lastState = "off";

// What the page has to say where a resume cannot bring everything back.
const CUT = "Older events are no longer kept by the server, so the timelines do not have them.";
const REPLACED = "The server's data was replaced. What it knows now is shown instead.";

const announcer = new Announcer(byId("announcer"));
const stateView = new StateView();
const raw = new RawLog({ fold: byId("raw"), list: byId("raw-list"), count: byId("raw-count") });
const orders = new Orders();
const ordersView = new OrdersView(
  { list: byId("order-list"), count: byId("orders-count"), empty: byId("empty") }, (card, id) => advance(card, id));
const connection = new Connection(url.href, {
  onState: showState,
  onConnected: welcome,
  onEvent: event => {
    subscriptions.advance(event);
    takeIn(event);
  },
  onError: error => say(error.message),
  onRaw: (direction, text) => raw.add(direction, text),
});
const subscriptions = new Subscriptions((type, data) => connection.request(type, data), {
  onChange: () => subscriptionsView.update(subscriptions.all),
  onReplay: isReturn => announcer.expectReplay(isReturn),
  onCut: () => note(CUT),
  onReplaced: forget,
});
const subscriptionsView = new SubscriptionsView(id => subscriptions.add(id), id => subscriptions.remove(id));
const form = new ConnectForm(connect);

async function connect(entered) {
  if (lastState === "connecting") {
    return;
  }
  if (entered.apiKey !== credentials?.apiKey) {
    subscriptions.clear();
    orders.clear();
    ordersView.clear();
  }
  credentials = entered;
  say("");
  try {
    await connection.start(entered);
  } catch (error) {
    if (error.name !== "AbortError") {
      form.fail(error.message);
    }
  }
}

async function welcome(again) {
  say("");
  note("");
  const hadFocus = form.hasFocus;
  document.body.dataset.stage = "board";
  showDemo();
  byId("connect").hidden = true;
  byId("watch").hidden = false;
  byId("identity").textContent = `${credentials.apiKey}, ${credentials.secret || credentials.signature ? "signed" : "key only"}`;
  if (hadFocus) {
    (byId("place-order").hidden ? byId("order-id") : byId("place-order")).focus();
  }
  const refused = await subscriptions.renew();
  if (!again && credentials.watchAll && !subscriptions.has(ORGANIZATION)) {
    await subscriptions.add(ORGANIZATION).catch(error => refused.push({ orderId: ORGANIZATION, error }));
  }
  subscriptionsView.fail(refused.map(({ orderId, error }) => `${nameOf(orderId)}: ${error.message}`).join("\n"));
}

function showState(state, { retryAt, error }) {
  const isNew = state !== lastState;
  lastState = state;
  stateView.show(state, retryAt);
  form.isBusy = state === "connecting";
  if (isNew && state !== "connecting") {
    announcer.say(wordsOf(state));
  }
  if (state === "off") {
    byId("connect").hidden = false;
    byId("watch").hidden = true;
    showDemo();
  }
  if (error !== undefined) {
    say("");
    form.fail(error.message);
  }
}

function takeIn(event) {
  const change = orders.apply(event);
  if (change !== null) {
    ordersView.show(change);
    announcer.noteChange(change.order);
  }
}

// Where the server counts anew, its first events would pass for those that are known by the same numbers.
function forget(orderId) {
  for (const part of [orders, ordersView]) {
    if (orderId === ORGANIZATION) {
      part.clear();
    } else {
      part.forget(orderId);
    }
  }
  note(REPLACED);
}

// The demo belongs to its account: with another key its orders could not be seen.
function showDemo() {
  const isOffered = demo !== null && lastState !== "off" && credentials?.apiKey === demo.api_key;
  for (const id of ["place-order", "empty-demo", "empty-command"]) {
    byId(id).hidden = !isOffered;
  }
  byId("empty-hint").hidden = isOffered;
}

async function place() {
  say("");
  try {
    const created = await placeOrder();
    if (!subscriptions.has(ORGANIZATION)) {
      // Nobody could subscribe before the order existed, so its first event comes with the answer instead.
      takeIn({ ...created, organization_id: demo.organization, version: 1 });
      await subscriptions.add(created.order_id);
    }
  } catch (error) {
    say(error.message);
  }
}

async function advance(card, id) {
  if (lastState !== "on") {
    return card.fail("Without a connection the change could not be seen here. Connect first.");
  }
  card.fail("");
  try {
    await advanceOrder(id);
  } catch (error) {
    card.fail(error.message);
    // Finished, or unknown to a server that was started anew: pressing again would not help.
    card.isFinished = error.status === 409 || error.status === 404;
  }
}

function say(message) {
  byId("orders-error").textContent = message;
}

// Once, however many subscriptions it concerns.
function note(message) {
  const isNew = message !== "" && message !== byId("orders-note").textContent;
  byId("orders-note").textContent = message;
  if (isNew) {
    announcer.say(message);
  }
}

async function copyRaw() {
  try {
    await navigator.clipboard.writeText(raw.text);
    announcer.say("Copied");
    byId("raw-copy").textContent = "Copied";
    setTimeout(() => { byId("raw-copy").textContent = "Copy"; }, 2_000);
  } catch {
    // The clipboard is not to be had without https or permission; selected, the text is one key press away from it.
    getSelection().selectAllChildren(byId("raw-list"));
    announcer.say("Selected: copy it with the keyboard");
  }
}

byId("place-order").addEventListener("click", place);
byId("disconnect").addEventListener("click", () => {
  connection.stop();
  byId("connect-button").focus();
});
byId("try-now").addEventListener("click", () => connection.tryNow());
byId("raw-copy").addEventListener("click", copyRaw);
byId("raw-clear").addEventListener("click", () => raw.clear());
byId("address").textContent = url.href;

demo = await readDemoAccount();
if (demo !== null) {
  form.offer(demo);
}
