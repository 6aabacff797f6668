/** *Ana is typing* for a few seconds, beside the chat in the list and under its lines. */

import { openChatId } from "./page.js";

const SHOWN_FOR = 5000;
/** @type {Map<string, number>} */
const timers = new Map();

/** @param {string} chat @param {{name: string|null}} author */
export function showTyping(chat, author) {
  clearTimeout(timers.get(chat));
  timers.set(chat, setTimeout(() => hideTyping(chat), SHOWN_FOR));
  mark(chat, true);
  if (chat === openChatId()) write(`${author?.name ?? "The visitor"} is typing…`);
}

/** @param {string} chat */
export function hideTyping(chat) {
  timers.delete(chat);
  mark(chat, false);
  if (chat === openChatId()) write("");
}

/** @param {string} chat @param {boolean} on */
function mark(chat, on) {
  const words = document.querySelector(`#chat-${CSS.escape(chat)} .row-typing`);
  if (words instanceof HTMLElement) words.hidden = !on;
}

/** @param {string} words */
function write(words) {
  const line = document.getElementById("typing");
  if (line) line.textContent = words;
}
