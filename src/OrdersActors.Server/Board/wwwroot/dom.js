// Creates elements. Text is always inserted as text, so no text of an event can become markup.

/** Returns the element of the page with this id. */
export const byId = id => document.getElementById(id);

/** Creates an element with properties (`className`, `textContent`, `title`, …) and children. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

const clock = new Intl.DateTimeFormat(
  undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });

/** Creates a time element. It shows the time of day if the date is today, and an invalid time unchanged. */
export function time(text) {
  const date = new Date(text);
  if (Number.isNaN(date.valueOf())) {
    return element("time", { textContent: text });
  }
  const isToday = date.toDateString() === new Date().toDateString();
  return element("time", {
    dateTime: date.toISOString(), title: text, textContent: (isToday ? clock : calendar).format(date),
  });
}

/** Formats the time of day of something that happens in the page itself. */
export const timeOfDay = date => clock.format(date);
