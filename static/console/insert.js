/** A button with `data-insert` writes that text into the field `data-into`, where the caret stands. `/` goes to a search. */

import { isField } from "./page.js";

export function startInserting() {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-insert]") : null;
    if (button instanceof HTMLElement) insert(button.dataset.insert ?? "", button.dataset.into ?? "");
  });
  document.addEventListener("keydown", (event) => {
    const search = document.querySelector("[data-search]");
    if (event.key !== "/" || isField(event.target) || !(search instanceof HTMLInputElement)) return;
    event.preventDefault();
    search.select();
    search.focus();
  });
}

/** @param {string} text @param {string} id */
function insert(text, id) {
  const field = document.getElementById(id);
  if (!(field instanceof HTMLTextAreaElement)) return;
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}
