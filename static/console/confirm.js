/** A field with `data-confirm="word"` unlocks its form's button once the word is typed. The server checks it too. */

export function startConfirming() {
  for (const field of document.querySelectorAll("input[data-confirm]")) {
    const input = /** @type {HTMLInputElement} */ (field);
    const button = input.form?.querySelector("button");
    if (!button) continue;
    const check = () => (button.disabled = input.value.trim().toLowerCase() !== input.dataset.confirm);
    input.addEventListener("input", check);
    check();
  }
}
