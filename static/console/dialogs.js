/** A button with `data-open-dialog="<id>"` opens that dialog; the browser keeps focus inside and gives it back. */

export function startDialogs() {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-open-dialog]") : null;
    // a menu folds now, and the browser gives the focus back only to what can be seen
    button?.closest("details")?.querySelector("summary")?.focus();
    if (button instanceof HTMLElement) openDialog(button.dataset.openDialog ?? "");
  });
}

/** @param {string} id */
export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}
