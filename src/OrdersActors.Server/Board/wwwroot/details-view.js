// The details of an event as a list of names and values, nested as they were sent.

import { element } from "./dom.js";

/** The maximum number of values that are shown at once. The others follow on request, so that the page stays fast. */
export const MAX_VALUES = 100;

// Details with more characters than this get a scrollable area of their own.
const TALL = 700;
// A value with more characters than this stands below its name.
const LONG = 60;

/** Creates the list. Its name, for screen readers, contains the version of the event. */
export function detailsOf(details, version) {
  const box = element("div", { className: "values" });
  const isTall = JSON.stringify(details).length > TALL;
  if (isTall) {
    // A scrollable area must be reachable with the keyboard.
    box.classList.add("tall");
    box.tabIndex = 0;
    box.role = "group";
    box.ariaLabel = `Details of version ${version}`;
  }
  fill(box, details, MAX_VALUES);
  return box;
}

function fill(box, details, limit) {
  const budget = { left: limit, hidden: 0 };
  box.replaceChildren(valueOf(details, budget));
  if (budget.hidden > 0) {
    const more = element("button", { type: "button", className: "quiet", textContent: "Show all values" });
    more.addEventListener("click", () => {
      fill(box, details, Infinity);
      box.tabIndex = -1;
      box.focus();
      box.tabIndex = 0;
    });
    box.append(more);
  }
}

function valueOf(value, budget) {
  // JSON.rawJSON keeps a number as the publisher wrote it.
  if (typeof value !== "object" || value === null || JSON.isRawJSON?.(value)) {
    return literalOf(value);
  }
  const members = Object.entries(value);
  const shown = members.slice(0, Math.max(0, budget.left));
  budget.left -= shown.length;
  budget.hidden += members.length - shown.length;
  if (Array.isArray(value)) {
    return members.length === 0 ? note("empty list")
      : element("ol", {}, ...shown.map(([, item]) => element("li", {}, valueOf(item, budget))));
  }
  return members.length === 0 ? note("no values")
    : element("dl", {}, ...shown.map(([name, item]) => memberOf(name, valueOf(item, budget))));
}

function memberOf(name, value) {
  const row = element("div", {}, element("dt", { textContent: name, dir: "auto" }), element("dd", {}, value));
  row.classList.toggle("nested", ["DL", "OL"].includes(value.tagName));
  row.classList.toggle("long", value.textContent.length > LONG);
  return row;
}

function literalOf(value) {
  if (typeof value === "string") {
    return value === "" ? note("empty text") : element("span", { textContent: value, dir: "auto" });
  }
  return element("code", { textContent: JSON.stringify(value) });
}

const note = text => element("em", { textContent: text });
