/** Several chats at once: what was selected stays so while the list is read again, and goes with the page. */

/** @type {Set<string>} */
const selected = new Set();

export function startBulk() {
  document.addEventListener("change", onChange);
  document.addEventListener("click", onClick);
  // at once: what is pressed before the new rows have settled goes for them, too
  document.body.addEventListener("htmx:afterSwap", show);
  show();
}

/** @param {string|null} chat */
export function toggle(chat) {
  if (!chat || !boxes().some((box) => box.value === chat)) return;
  if (!selected.delete(chat)) selected.add(chat);
  show();
}

/** @returns {HTMLInputElement[]} */
function boxes() {
  return [...document.querySelectorAll("#list .row-check")].map((box) => /** @type {HTMLInputElement} */ (box));
}

/** @param {Event} event */
function onChange(event) {
  const box = event.target;
  if (!(box instanceof HTMLInputElement) || !box.matches(".row-check")) return;
  if (box.checked) selected.add(box.value);
  else selected.delete(box.value);
  show();
}

/** @param {Event} event */
function onClick(event) {
  if (!(event.target instanceof Element) || !event.target.closest("[data-select-none]")) return;
  selected.clear();
  show();
}

/** A chat that left the list is not worked any more: nobody would see that it is. */
function show() {
  const form = document.getElementById("bulk");
  if (!form) return;
  const here = boxes();
  const shown = new Set(here.map((box) => box.value));
  for (const chat of selected) if (!shown.has(chat)) selected.delete(chat);
  for (const box of here) box.checked = selected.has(box.value);
  const count = form.querySelector("[data-selected]");
  if (count && count.textContent !== String(selected.size)) count.textContent = String(selected.size);
  form.hidden = selected.size === 0;
  document.getElementById("list")?.classList.toggle("is-selecting", selected.size > 0);
}
