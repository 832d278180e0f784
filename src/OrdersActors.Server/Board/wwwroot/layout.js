// The order of the page's parts. On a narrow screen the orders come first while the page is connected. The parts are
// moved in the document, not only on the screen, so that the keyboard and screen readers follow the same order.

import { byId } from "./dom.js";

const narrow = matchMedia("(max-width: 59.99rem)");
let areOrdersFirst = false;

/** Puts the parts in order. `isWatching` is whether the page has a connection to show orders of. */
export function arrange(isWatching) {
  areOrdersFirst = isWatching;
  place();
}

/** Returns whether the screen has room for one column only. */
export const isNarrow = () => narrow.matches;

// A moved element loses the focus, so the part without it is moved.
function place() {
  const [side, orders] = [byId("side"), byId("orders")];
  const isFirst = side.compareDocumentPosition(orders) === Node.DOCUMENT_POSITION_PRECEDING;
  const shouldBeFirst = areOrdersFirst && narrow.matches;
  if (isFirst !== shouldBeFirst) {
    const isFocusInSide = side.contains(document.activeElement);
    if (shouldBeFirst) {
      isFocusInSide ? side.before(orders) : orders.after(side);
    } else {
      isFocusInSide ? side.after(orders) : orders.before(side);
    }
  }
}

narrow.addEventListener("change", place);
