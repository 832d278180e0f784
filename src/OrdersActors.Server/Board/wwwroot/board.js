// Connects the modules of the page: passes the notifications of each module to the others.

import { Announcer } from "./announcer.js";
import { copy } from "./clipboard.js";
import { ConnectForm } from "./connect-form.js";
import { areSame, describe, grantedOrders } from "./credentials.js";
import { readDemoAccount } from "./demo.js";
import { DemoPanel } from "./demo-panel.js";
import { byId, timeOfDay } from "./dom.js";
import { showErrors } from "./errors.js";
import { arrange, isNarrow } from "./layout.js";
import { Link } from "./link.js";
import { Orders } from "./orders.js";
import { OrdersView } from "./orders-view.js";
import { RawLog } from "./raw.js";
import { StateView } from "./state-view.js";
import { nameOf, SubscriptionsView } from "./subscriptions-view.js";
import { ORGANIZATION, Subscriptions } from "./subscriptions.js";
import { TokenForm } from "./token-form.js";
import { endOf } from "./token.js";

const url = new URL("ws", document.baseURI);
url.protocol = url.protocol.replace("http", "ws");

let credentials = null; // the credentials in use
let lastState = "off";
let refused = []; // the subscriptions that the server has refused since the page has connected

// The notes that the page shows if a resume cannot restore all events.
const CUT = "The server no longer keeps older events, so the timelines do not contain them.";
const REPLACED = "The server's data was replaced. The page now shows the new data.";

const announcer = new Announcer(byId("announcer"), () => subscriptions.isReplaying);
const announce = text => announcer.say(text);
const stateView = new StateView(announce);
const raw = new RawLog({ fold: byId("raw"), list: byId("raw-list"), count: byId("raw-count") });
const orders = new Orders();
const ordersView = new OrdersView((card, id, status) => demo.advance(card, id, status, lastState === "on"), announce);
const demo = new DemoPanel({
  fail,
  hasOrder: id => orders.has(id),
  reveal: () => ordersView.showAll(),
  watch,
});
const link = new Link(url.href, {
  onState: showState,
  onConnected: welcome,
  onError: error => subscriptions.isRefusal(error) || fail(error),
  onExpiring: () => note(`The token expires at ${timeOfDay(endOf(credentials.token))}. Connect with a new one.`),
  onRaw: (direction, text) => raw.add(direction, text),
});
const subscriptions = new Subscriptions({
  onEvent: takeIn,
  onChange: () => subscriptionsView.update(subscriptions.all),
  onReplay: isReturn => announcer.expectReplay(isReturn),
  onCut: () => note(CUT),
  onReplaced: forget,
  onRefused: refuse,
});
const subscriptionsView = new SubscriptionsView(
  byHand(id => subscriptions.add(id)), byHand(id => subscriptions.remove(id)));
const form = new ConnectForm(connect);
const tokenForm = new TokenForm({ use: connectWithToken, say: announce });

async function connect(entered) {
  if (lastState === "connecting") {
    return;
  }
  if (!areSame(entered, credentials)) {
    subscriptions.clear();
    orders.clear();
    ordersView.clear();
  }
  credentials = entered;
  fail();
  const wanted = entered.watchAll ? [ORGANIZATION] : grantedOrders(entered);
  const fresh = wanted.filter(orderId => !subscriptions.has(orderId));
  try {
    subscriptions.moveTo(link.start(entered));
  } catch (error) {
    return form.fail(error);
  }
  await Promise.all(wanted.map(orderId => subscriptions.add(orderId).catch(error =>
    fresh.includes(orderId) && lastState === "on" && refuse(orderId, error))));
  if (lastState === "on" && credentials === entered) {
    demo.startTour();
  }
}

// Connects again as the customer's browser would: with a token for one order.
function connectWithToken(order) {
  const { apiKey, secret } = credentials;
  link.stop();
  connect({ apiKey, secret, order, watchAll: false });
}

function welcome(again) {
  fail();
  const hadFocus = form.hasFocus;
  document.body.dataset.stage = "board";
  demo.offer(credentials);
  byId("connect").hidden = true;
  byId("watch").hidden = false;
  byId("identity").textContent = describe(credentials);
  if (hadFocus) {
    (byId("place-order").hidden ? byId("order-id") : byId("place-order")).focus();
  }
  arrange(true);
  refused = [];
  subscriptionsView.fail();
  // A note about events stays after a reconnect: the user may not have read it, and it is still true.
  if (!again) {
    note("");
    tokenForm.offer(credentials.apiKey, credentials.order ? undefined : credentials.secret);
  }
}

function showState(state, about) {
  if (lastState === "on" && state !== "on") {
    announcer.forget();
  }
  lastState = state;
  subscriptions.isConnected = state === "on";
  stateView.show(state, about);
  form.isBusy = state === "connecting";
  if (state !== "on") {
    demo.stopTour();
  }
  if (state === "off") {
    byId("connect").hidden = false;
    byId("watch").hidden = true;
    demo.offer(null);
    arrange(false);
  }
  if (about.error !== undefined) {
    fail();
    form.fail(about.error);
  }
}

function takeIn(event) {
  const change = orders.apply({ ...event, details: link.detailsOf(event) });
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

// Shows a subscription that was refused or ended without an action of the user.
function refuse(orderId, error) {
  refused.push({ name: nameOf(orderId), error });
  subscriptionsView.fail(...refused);
}

// A token was subscribed to its orders when it connected. Other clients subscribe to what they placed.
async function watch(orderId) {
  if (!subscriptions.has(ORGANIZATION) && !subscriptions.has(orderId)) {
    await subscriptions.add(orderId);
  }
}

// An action of the user ends the tour.
function byHand(action) {
  return orderId => {
    demo.stopTour();
    return action(orderId);
  };
}

// Shows errors over the orders, or none.
function fail(...errors) {
  showErrors(byId("orders-error"), ...errors);
}

// Announces a note only once, even if several subscriptions cause it.
function note(message) {
  const isNew = message !== "" && message !== byId("orders-note").textContent;
  byId("orders-note").textContent = message;
  if (isNew) {
    announce(message);
  }
}

function copyOn(buttonId, fallbackId, text) {
  const [button, fallback] = [byId(buttonId), byId(fallbackId)];
  button.addEventListener("click", () => copy(text(), { button, fallback, say: announce }));
}

byId("disconnect").addEventListener("click", () => {
  link.stop();
  byId("connect-button").focus();
});
byId("try-now").addEventListener("click", () => link.retry());
copyOn("raw-copy", "raw-list", () => raw.text);
copyOn("curl-copy", "curl-command", () => byId("curl-command").textContent);
byId("raw-clear").addEventListener("click", () => raw.clear());
byId("address").textContent = url.href;
byId("curl").open = !isNarrow();

const account = await readDemoAccount();
if (account !== null) {
  demo.account = account;
  form.offer(account);
}
