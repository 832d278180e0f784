// Connects the modules of the page: passes the notifications of each module to the others.

import { Announcer } from "./announcer.js";
import { copy } from "./clipboard.js";
import { Connection } from "./connection.js";
import { ConnectForm } from "./connect-form.js";
import { advanceOrder, isDemoOrder, newOrderId, placeOrder, readDemoAccount } from "./demo.js";
import { byId, timeOfDay } from "./dom.js";
import { Orders } from "./orders.js";
import { OrdersView } from "./orders-view.js";
import { curlOf } from "./publish.js";
import { RawLog } from "./raw.js";
import { StateView, wordsOf } from "./state-view.js";
import { nameOf, SubscriptionsView } from "./subscriptions-view.js";
import { ORGANIZATION, Subscriptions } from "./subscriptions.js";
import { TokenForm } from "./token-form.js";
import { ordersOf } from "./token.js";

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
  { list: byId("order-list"), count: byId("orders-count"), empty: byId("empty") },
  (card, id, status) => advance(card, id, status));
const connection = new Connection(url.href, {
  onState: showState,
  onConnected: welcome,
  onEvent: event => {
    subscriptions.advance(event);
    takeIn(event);
  },
  onError: error => say(error.message),
  onExpiring: ({ expires_at: at }) => note(`The token expires at ${timeOfDay(new Date(at))}. Connect with a new one.`),
  onEnded: ({ order_id: orderId = ORGANIZATION }) => subscriptions.drop(orderId),
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
const tokenForm = new TokenForm({ use: connectWithToken, say: text => announcer.say(text) });

async function connect(entered) {
  if (lastState === "connecting") {
    return;
  }
  if (entered.apiKey !== credentials?.apiKey || grantOf(entered) !== grantOf(credentials)) {
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

// Connects again as the customer's browser would: with a token for one order.
function connectWithToken(order) {
  const { apiKey, secret } = credentials;
  connection.stop();
  connect({ apiKey, secret, order, watchAll: false });
}

// The orders that a token allows. It is empty without a token.
const grantedOrders = ({ token, order }) => order ? [order] : token ? ordersOf(token) : [];
const grantOf = entered => grantedOrders(entered).join(" ");

function describe({ apiKey, secret, signature, token, order }) {
  if (order || token) {
    const orders = grantedOrders({ token, order });
    return `${apiKey}, token for ${orders.length === 1 ? orders[0] : `${orders.length} orders`}`;
  }
  return `${apiKey}, ${secret || signature ? "signed" : "key only"}`;
}

async function welcome(again) {
  say("");
  note("");
  const hadFocus = form.hasFocus;
  document.body.dataset.stage = "board";
  showDemo();
  byId("connect").hidden = true;
  byId("watch").hidden = false;
  byId("identity").textContent = describe(credentials);
  if (hadFocus) {
    (byId("place-order").hidden ? byId("order-id") : byId("place-order")).focus();
  }
  const refused = await subscriptions.renew();
  if (!again) {
    tokenForm.offer(credentials.apiKey, credentials.order ? undefined : credentials.secret);
    const wanted = credentials.watchAll ? [ORGANIZATION] : grantedOrders(credentials);
    for (const orderId of wanted.filter(orderId => !subscriptions.has(orderId))) {
      await subscriptions.add(orderId).catch(error => refused.push({ orderId, error }));
    }
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
  for (const id of ["place-order", "empty-demo", "curl"]) {
    byId(id).hidden = !isOffered;
  }
  byId("empty-hint").hidden = isOffered;
}

async function place() {
  say("");
  const granted = grantedOrders(credentials);
  const id = granted.length === 0 ? newOrderId() : granted.find(order => isDemoOrder(order) && !orders.has(order));
  if (id === undefined) {
    return say("The token allows no further order. Disconnect, and connect with the secret to place more.");
  }
  try {
    await placeOrder(demo, id);
    // A token was subscribed to its orders when it connected. Other clients subscribe to what they placed.
    if (!subscriptions.has(ORGANIZATION) && !subscriptions.has(id)) {
      await subscriptions.add(id);
    }
  } catch (error) {
    say(error.message);
  }
}

async function advance(card, id, status) {
  if (lastState !== "on") {
    return card.fail("Connect first. Without a connection the page cannot show the change.");
  }
  card.fail("");
  try {
    await advanceOrder(demo, id, status);
  } catch (error) {
    card.fail(error.message);
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

function copyOn(buttonId, fallbackId, text) {
  const [button, fallback] = [byId(buttonId), byId(fallbackId)];
  button.addEventListener("click", () => copy(text(), { button, fallback, say: words => announcer.say(words) }));
}

byId("place-order").addEventListener("click", place);
byId("disconnect").addEventListener("click", () => {
  connection.stop();
  byId("connect-button").focus();
});
byId("try-now").addEventListener("click", () => connection.tryNow());
copyOn("raw-copy", "raw-list", () => raw.text);
copyOn("curl-copy", "curl-command", () => byId("curl-command").textContent);
byId("raw-clear").addEventListener("click", () => raw.clear());
byId("address").textContent = url.href;

demo = await readDemoAccount();
if (demo !== null) {
  form.offer(demo);
  byId("curl-command").textContent = curlOf(demo, { order_id: "o-1", status: "created" });
}
