/** j and k move, r writes, e closes, ? shows them all. Silent while somebody writes or holds a modifier. */

import { openDialog } from "./dialogs.js";
import { isField, openChatId } from "./page.js";

/** @type {Record<string, () => void>} */
const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  r: () => /** @type {HTMLElement|null} */ (document.querySelector("#reply textarea"))?.focus(),
  e: () => /** @type {HTMLFormElement|null} */ (document.querySelector("#close-chat"))?.requestSubmit(),
  "?": () => openDialog("keys"),
};

export function startKeyboard() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const deed = KEYS[event.key];
    if (!deed) return;
    event.preventDefault();
    deed();
  });
}

/** @param {number} step */
function move(step) {
  const rows = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("#list a[data-chat]")]);
  const here = rows.findIndex((row) => row.dataset.chat === openChatId());
  const next = rows[here < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, here + step))];
  if (!next || next.dataset.chat === openChatId()) return;
  next.focus();
  next.click();
}
