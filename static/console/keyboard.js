/** The keys, in one table: what they do, and what the dialog says of them. Silent while somebody writes or holds a modifier. */

import { toggle } from "./bulk.js";
import { openDialog } from "./dialogs.js";
import { isField, openChatId } from "./page.js";
import { beginNote } from "./reply.js";

/**
 * A row without a deed tells of a key that works elsewhere: in the reply box, or in a search.
 * @typedef {{keys: string[], words: string, deed?: Record<string, () => void>}} Row
 */

/** @type {Row[]} */
const ROWS = [
  { keys: ["j", "k"], words: "Next and previous chat", deed: { j: () => move(1), k: () => move(-1) } },
  { keys: ["o"], words: "Open the chat that has the focus, or the first", deed: { o: open } },
  { keys: ["r"], words: "Write a reply", deed: { r: () => focus("#reply textarea") } },
  { keys: ["n"], words: "Write a note for your team", deed: { n: beginNote } },
  { keys: ["e"], words: "Close the chat", deed: { e: () => submit("#close-chat") } },
  { keys: ["s"], words: "Snooze the chat", deed: { s: () => press("[data-open-dialog=snooze]") } },
  { keys: ["t"], words: "Tag the chat", deed: { t: () => press("[data-open-dialog=tag]") } },
  { keys: ["a"], words: "Assign the chat", deed: { a: () => press("[data-open-dialog=assign]") } },
  { keys: ["u"], words: "Mark the chat unread", deed: { u: () => submit("#unread-chat") } },
  { keys: ["x"], words: "Select the chat, to work several at once", deed: { x: () => toggle(focused() ?? openChatId()) } },
  { keys: ["Enter"], words: "Send the reply; with Shift it begins a line" },
  { keys: ["Esc"], words: "Leave the reply box" },
  { keys: ["/", "/"], words: "Saved replies, in the reply box" },
  { keys: ["/"], words: "Search, on pages that can be searched" },
  { keys: ["?"], words: "Show this list", deed: { "?": () => openDialog("keys") } },
];
/** @type {Record<string, () => void>} */
const DEEDS = Object.assign({}, ...ROWS.map((row) => row.deed ?? {}));
// how long after g its second key is waited for
const GO_WITHIN = 1500;
let goUntil = 0;

export function startKeyboard() {
  document.addEventListener("keydown", onKey);
  fillDialog();
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const place = performance.now() < goUntil ? rail().find((link) => link.dataset.go === event.key) : null;
  goUntil = event.key === "g" ? performance.now() + GO_WITHIN : 0;
  const deed = place ? () => place.click() : DEEDS[event.key];
  if (!deed) return;
  event.preventDefault();
  deed();
}

/** The places of the rail, each with the key that follows g. @returns {HTMLElement[]} */
function rail() {
  return [...document.querySelectorAll(".rail [data-go]")].map((link) => /** @type {HTMLElement} */ (link));
}

function fillDialog() {
  const list = document.querySelector("#keys [data-keys]");
  if (!list) return;
  const places = rail().map((link) => ({ keys: ["g", link.dataset.go ?? ""], words: `Go to ${nameOf(link)}` }));
  for (const row of [...ROWS, ...places]) {
    const term = document.createElement("dt");
    for (const key of row.keys) {
      const cap = document.createElement("kbd");
      cap.textContent = key;
      term.append(cap, " ");
    }
    const words = document.createElement("dd");
    words.textContent = row.words;
    list.append(term, words);
  }
}

/** @param {HTMLElement} link */
function nameOf(link) {
  return link.querySelector("span")?.textContent?.trim() ?? "";
}

/** @returns {HTMLElement[]} */
function rows() {
  return [...document.querySelectorAll("#list a[data-chat]")].map((row) => /** @type {HTMLElement} */ (row));
}

/** @returns {string|null} */
function focused() {
  const row = document.activeElement?.closest("#list [data-chat]");
  return row instanceof HTMLElement ? (row.dataset.chat ?? null) : null;
}

/** @param {number} step */
function move(step) {
  const here = rows().findIndex((row) => row.dataset.chat === openChatId());
  const next = rows()[here < 0 ? 0 : Math.min(rows().length - 1, Math.max(0, here + step))];
  if (!next || next.dataset.chat === openChatId()) return;
  next.focus();
  next.click();
}

function open() {
  const row = rows().find((one) => one.dataset.chat === focused()) ?? rows()[0];
  if (row && row.dataset.chat !== openChatId()) row.click();
}

/** @param {string} selector */
function focus(selector) {
  /** @type {HTMLElement|null} */ (document.querySelector(selector))?.focus();
}

/** @param {string} selector */
function press(selector) {
  /** @type {HTMLElement|null} */ (document.querySelector(`#detail ${selector}`))?.click();
}

/** @param {string} selector */
function submit(selector) {
  /** @type {HTMLFormElement|null} */ (document.querySelector(selector))?.requestSubmit();
}
