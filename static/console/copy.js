/** A button with `data-copy="<id>"` copies that element's text and says so. */

export function startCopying() {
  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
    if (!(button instanceof HTMLElement)) return;
    const source = document.getElementById(button.dataset.copy ?? "");
    const words = button.querySelector("span");
    if (!source || !words) return;
    words.textContent = (await copied(source)) ? "Copied" : "Press Ctrl C";
    words.setAttribute("role", "status");
    setTimeout(() => (words.textContent = "Copy"), 2500);
  });
}

/** @param {HTMLElement} source */
async function copied(source) {
  try {
    await navigator.clipboard.writeText(source.textContent ?? "");
    return true;
  } catch {
    // no clipboard on plain http or without permission: the text is selected for the person's own copy
    getSelection()?.selectAllChildren(source);
    return false;
  }
}
