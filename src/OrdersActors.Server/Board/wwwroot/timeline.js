// The rows of a card's timeline: an event with its details, or a gap.

import { detailsOf } from "./details-view.js";
import { element, time } from "./dom.js";
import { toneOf } from "./status.js";

/** Creates the row of an event. Its details are created when they are opened for the first time. */
export function entryOf({ version, status, occurredAt, details }) {
  const parts = [
    element("span", { className: "version", textContent: version }),
    element("span", { className: "word", textContent: status, dir: "auto" }),
    time(occurredAt),
  ];
  const row = element("li", { value: version });
  row.dataset.tone = toneOf(status);
  if (details === undefined) {
    row.append(element("div", { className: "entry" }, ...parts));
  } else {
    const summary = element("summary", { className: "entry" }, ...parts);
    const fold = element("details", {}, summary);
    summary.addEventListener("click", () => {
      fold.dataset.touched = "";
    });
    fold.addEventListener("toggle", () => {
      if (fold.open && fold.children.length === 1) {
        fold.append(detailsOf(details, version));
      }
    });
    row.append(fold);
  }
  return row;
}

/** Opens or closes the details of a row, unless the user has done so. */
export function openDetails(row, isOpen) {
  const fold = row.querySelector(":scope > details:not([data-touched])");
  if (fold !== null) {
    fold.open = isOpen;
  }
}

/** Creates the row of versions that the page does not have. */
export function gapOf(missing, isOldest) {
  const versions = missing === 1 ? "1 version" : `${missing} versions`;
  return element("li", {
    className: "gap", textContent: `${versions} ${isOldest ? "before that" : "in between"}, not seen here`,
  });
}
