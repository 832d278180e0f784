// Connects the modules of the page: passes the notifications of each module to the others.

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
let credentials = null; // the credentials in use
let lastState = "off";

// The notes that the page shows if a resume cannot restore all events.
const CUT = "The server no longer keeps older events, so the timelines do not contain them.";
const REPLACED = "The server's data was replaced. The page now shows the new data.";

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
  const isSigned = credentials.secret || credentials.signature;
  byId("identity").textContent = `${credentials.apiKey}, ${isSigned ? "signed" : "key only"}`;
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

// After the server's log was replaced, its numbers start over. Without this, the page would drop new events as
// duplicates of old ones with the same numbers.
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

// The demo is offered with the demo account only, because other keys cannot see its orders.
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
      // The page cannot subscribe before it knows the order's id, so it takes the first event from the answer.
      takeIn({ ...created, organization_id: demo.organization, version: 1 });
      await subscriptions.add(created.order_id);
    }
  } catch (error) {
    say(error.message);
  }
}

async function advance(card, id) {
  if (lastState !== "on") {
    return card.fail("Connect first. Without a connection the page cannot show the change.");
  }
  card.fail("");
  try {
    await advanceOrder(id);
  } catch (error) {
    card.fail(error.message);
    // The order is finished, or the server has restarted and does not know it. In both cases a retry cannot succeed.
    card.isFinished = error.status === 409 || error.status === 404;
  }
}

function say(message) {
  byId("orders-error").textContent = message;
}

// Announces a note only once, even if several subscriptions cause it.
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
    // The clipboard needs https and permission. Without it, the text is selected so that the user can copy it.
    getSelection().selectAllChildren(byId("raw-list"));
    announcer.say("The text is selected. Copy it with the keyboard.");
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
