/** Parts of a page that are read anew keep the focus: on the same link or button, or on none if it is gone. */

const ABLE = "a[href], button, input, textarea, select, summary, [tabindex]";

/** What had the focus before the swap: the nearest thing around it with an id, and what it says. @type {{id: string, tag: string, says: string}|null} */
let held = null;

export function startKeepingFocus() {
  document.body.addEventListener("htmx:beforeSwap", remember);
  document.body.addEventListener("htmx:afterSettle", giveBack);
  focusMessages();
}

/** @param {Element} node */
function wordsOf(node) {
  return node.getAttribute("aria-label") ?? node.textContent?.trim() ?? "";
}

/** htmx itself gives it back to what has an id. @param {Event} event */
function remember(event) {
  const target = /** @type {CustomEvent} */ (event).detail?.target;
  const node = document.activeElement;
  // read again before the last reading has settled: what that one took away is still to be given back
  if (held && node === document.body) return;
  held = null;
  if (!node || node.id || !(target instanceof Element) || node === target || !target.contains(node)) return;
  held = { id: node.closest("[id]")?.id ?? "", tag: node.tagName, says: wordsOf(node) };
}

function giveBack() {
  const lost = held;
  held = null;
  if (!lost || document.activeElement !== document.body) return;
  const { id, tag, says } = lost;
  const around = document.getElementById(id) ?? document.body;
  const same = [...around.querySelectorAll(ABLE)].find((node) => node.tagName === tag && wordsOf(node) === says);
  if (same instanceof HTMLElement) same.focus({ preventScroll: true });
}

/** After an act that loaded the page: what came of it is heard, and Tab goes on from there. */
function focusMessages() {
  const box = document.querySelector(".messages");
  if (box instanceof HTMLElement && document.activeElement === document.body) box.focus({ preventScroll: true });
}
