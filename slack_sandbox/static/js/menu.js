// A small menu beside a button.

import { el } from "./dom.js";

/**
 * @param {HTMLElement} anchor
 * @param {{label: string, testid: string, run: () => void}[]} items
 */
export function openMenu(anchor, items) {
  const close = () => { menu.remove(); document.removeEventListener("pointerdown", outside); anchor.focus(); };
  const outside = (event) => { if (!menu.contains(event.target)) close(); };
  const menu = el("div", { class: "menu", role: "menu", onkeydown: (event) => { if (event.key === "Escape") close(); } }, ...items.map((item) =>
    el("button", { type: "button", role: "menuitem", testid: item.testid, onclick: () => { close(); item.run(); } }, item.label)));
  document.body.append(menu);
  const place = anchor.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(place.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${place.bottom + menu.offsetHeight + 8 > innerHeight ? place.top - menu.offsetHeight - 4 : place.bottom + 4}px`;
  document.addEventListener("pointerdown", outside);
  menu.querySelector("button")?.focus();
}
