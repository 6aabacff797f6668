/** What was found: j and k go from one to the next, Enter follows it as any link, Escape leaves the box for the first. */

import { isField } from "./page.js";

export function startFound() {
  const page = document.querySelector("[data-searched]");
  if (!page) return;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const step = stepOf(event);
    if (!step) return;
    event.preventDefault();
    go(step);
  });
}

/** @param {KeyboardEvent} event @returns {number} */
function stepOf(event) {
  if (isField(event.target)) return event.key === "ArrowDown" || event.key === "Escape" ? 1 : 0;
  return { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key] ?? 0;
}

/** @param {number} step */
function go(step) {
  const links = [...document.querySelectorAll("[data-searched] [data-result]")].map((link) => /** @type {HTMLElement} */ (link));
  const here = links.findIndex((link) => link === document.activeElement);
  const next = here < 0 ? links[0] : links[Math.min(links.length - 1, Math.max(0, here + step))];
  next?.focus();
}
