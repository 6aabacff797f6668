/** The open chat: stays at its end unless the reader scrolled up, finds linked lines, tells what was seen. */

import { openChat, openChatId } from "./page.js";
import { hideTyping } from "./typing.js";

const NEAR = 80;
let atEnd = true;
let told = "";
let lastSeq = 0;

export function startTranscript() {
  document.addEventListener("scroll", remember, true);
  document.body.addEventListener("htmx:beforeSwap", dropLate);
  document.body.addEventListener("htmx:afterSettle", afterSettle);
  document.addEventListener("visibilitychange", tellSeen);
  addEventListener("focus", tellSeen);
  addEventListener("resize", () => atEnd && toEnd());
  opened();
}

/** @returns {HTMLElement|null} */
function lines() {
  return document.getElementById("lines");
}

/** @param {Event} event */
function remember(event) {
  const box = lines();
  if (!box || event.target !== box) return;
  atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
  tellSeen();
}

/** An answer for a chat that was left meanwhile belongs nowhere. @param {Event} event */
function dropLate(event) {
  const { detail } = /** @type {CustomEvent} */ (event);
  if (!detail.target?.isConnected) detail.shouldSwap = false;
}

/** @param {Event} event */
function afterSettle(event) {
  const target = /** @type {CustomEvent} */ (event).detail?.target;
  markCurrent();
  if (!(target instanceof Element)) return;
  if (target.id === "detail") opened();
  if (target.id === "lines") grown();
}

function opened() {
  atEnd = true;
  lastSeq = seqShown();
  markCurrent();
  if (!openChat() || linkedLine()) return;
  toEnd();
  tellSeen();
}

function grown() {
  const chat = openChatId();
  // a copy that reached Slack changes the lines too: only a new line ends *is typing*
  if (chat && seqShown() > lastSeq) hideTyping(chat);
  lastSeq = seqShown();
  if (atEnd) toEnd();
  tellSeen();
}

/** @returns {number} */
function seqShown() {
  return Number(lines()?.querySelector("ol")?.dataset.seq ?? 0);
}

function toEnd() {
  const box = lines();
  if (box) box.scrollTop = box.scrollHeight;
}

/** `#m-<id>`: shows the line, or asks once for the part of the chat that holds it. @returns {boolean} */
function linkedLine() {
  const id = location.hash.slice(1);
  if (!id.startsWith("m-")) return false;
  const line = document.getElementById(id);
  if (line) {
    atEnd = false;
    line.scrollIntoView({ block: "center" });
  } else if (!location.search.includes("at=")) {
    location.replace(`${location.pathname}?at=${encodeURIComponent(id.slice(2))}${location.hash}`);
  }
  return true;
}

function markCurrent() {
  const chat = openChatId();
  for (const row of document.querySelectorAll("#list [data-chat]")) {
    if (/** @type {HTMLElement} */ (row).dataset.chat === chat) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

/** Once for each end that somebody really has before their eyes. */
function tellSeen() {
  const chat = openChatId();
  const seq = seqShown();
  if (!chat || !seq || !atEnd || document.visibilityState !== "visible" || !document.hasFocus()) return;
  if (told === `${chat} ${seq}`) return;
  told = `${chat} ${seq}`;
  document.dispatchEvent(new CustomEvent("tb:send", { detail: { type: "seen", chat, seq } }));
}
