/** The open chat: stays at its end unless the reader scrolled up, finds linked lines, tells what was seen. */

import { openChat, openChatId } from "./page.js";
import { hideTyping } from "./typing.js";

const NEAR = 80;
let atEnd = true;
let top = 0;
let told = "";
let lastSeq = 0;

export function startTranscript() {
  document.addEventListener("scroll", remember, true);
  document.addEventListener("load", arrived, true);
  document.addEventListener("toggle", showChange, true);
  document.body.addEventListener("htmx:beforeSwap", dropLate);
  document.body.addEventListener("htmx:afterSettle", afterSettle);
  document.addEventListener("visibilitychange", tellSeen);
  addEventListener("focus", tellSeen);
  document.addEventListener("tb:on", tellAgain);
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
  // What grew below meanwhile is no reader who left: that one goes up.
  if (box.scrollHeight - box.scrollTop - box.clientHeight < NEAR) atEnd = true;
  else if (box.scrollTop < top) atEnd = false;
  top = box.scrollTop;
  tellSeen();
}

/** A picture has its height only when it is there. @param {Event} event */
function arrived(event) {
  if (atEnd && lines()?.contains(/** @type {Node} */ (event.target))) toEnd();
}

/** On the last line it would open below the reply box. @param {Event} event */
function showChange(event) {
  const { target } = event;
  if (!(target instanceof HTMLDetailsElement) || !target.open || !target.matches(".change")) return;
  target.querySelector("textarea")?.focus({ preventScroll: true });
  target.scrollIntoView({ block: "nearest" });
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
  return Number(/** @type {HTMLElement|null|undefined} */ (lines()?.querySelector(":scope > ol"))?.dataset.seq ?? 0);
}

function toEnd() {
  const box = lines();
  if (!box) return;
  box.scrollTop = box.scrollHeight;
  top = box.scrollTop;
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

/** What was told while the socket was away was heard by nobody. */
function tellAgain() {
  told = "";
  tellSeen();
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
