/** The list of chats: however far somebody went down, it is read again that far; how much is unread stands in the title. */

export function startInbox() {
  document.body.addEventListener("htmx:configRequest", asFarAsShown);
  document.body.addEventListener("htmx:afterSettle", showUnread);
  document.addEventListener("submit", leaveOutEmpty);
  document.addEventListener("click", foldMenus);
  document.addEventListener("keydown", onEscape);
  showUnread();
}

/** @param {Event} event */
function asFarAsShown(event) {
  const { detail } = /** @type {CustomEvent} */ (event);
  if (detail.elt?.id === "list") detail.parameters.rows = document.querySelectorAll("#list [data-chat]").length;
}

function showUnread() {
  const count = /** @type {HTMLElement|null} */ (document.querySelector("#unread [data-unread]"))?.dataset.unread;
  const title = document.title.replace(/^\(\d+\) /, "");
  const told = count ? `(${count}) ${title}` : title;
  if (document.title !== told) document.title = told;
}

/** An address says only what was chosen. @param {Event} event */
function leaveOutEmpty(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches(".filters-form")) return;
  for (const field of form.elements) {
    if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.disabled = field.value === "";
  }
}

/** What was opened over the page closes when somebody goes on elsewhere. @param {Event} event */
function foldMenus(event) {
  if (!(event.target instanceof Element)) return;
  for (const open of document.querySelectorAll("details.filters[open], details.menu[open]")) {
    if (!open.contains(event.target) || event.target.closest(".menu-box")) open.removeAttribute("open");
  }
  if (event.target.closest("[data-print]")) print();
}

/** @param {KeyboardEvent} event */
function onEscape(event) {
  const open = event.key === "Escape" && document.querySelector("details.filters[open], details.menu[open]");
  if (!open) return;
  open.removeAttribute("open");
  open.querySelector("summary")?.focus();
}
