/** Times in the reader's language and zone. */
import { text } from "./texts.js";

const DAY = 86_400_000;

/** @param {string} iso @param {string} locale */
export function timeOf(iso, locale) {
  return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }).format(new Date(iso));
}

/** @param {string} iso @param {string} locale @param {Date} [now] */
export function dayAndTime(iso, locale, now = new Date()) {
  return `${dayOf(new Date(iso), locale, now)} ${timeOf(iso, locale)}`;
}

/** @param {Date} date @param {string} locale @param {Date} now */
function dayOf(date, locale, now) {
  const days = Math.round((midnight(now) - midnight(date)) / DAY);
  if (days === 0) return text("today");
  if (days === 1) return text("yesterday");
  return new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "short" }).format(date);
}

/** @param {Date} date */
function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
