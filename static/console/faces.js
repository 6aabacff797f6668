/** A person's face as a visitor sees it: the picture beside the form follows every key. */

export function startFaces() {
  const form = document.querySelector("form[data-face]");
  const preview = document.querySelector("[data-face-preview]");
  if (!(form instanceof HTMLFormElement) || !(preview instanceof HTMLElement)) return;
  const show = () => draw(form, preview);
  form.addEventListener("input", show);
  // somebody may have typed before this was loaded
  show();
}

/** @param {HTMLFormElement} form @param {HTMLElement} preview */
function draw(form, preview) {
  const data = new FormData(form);
  const own = preview.dataset;
  const name = String(data.get("alias") ?? "").trim() || own.name || own.company || "";
  write(preview, "[data-face-name]", name);
  write(preview, "[data-face-title]", String(data.get("title") ?? "").trim() || own.title || "");
  write(preview, "[data-face-letter]", [...name].find((one) => /[\p{L}\p{N}]/u.test(one))?.toUpperCase() ?? "?");
  const photo = preview.querySelector("[data-face-photo]");
  const hidden = !photo || data.has("hide_photo");
  photo?.toggleAttribute("hidden", hidden);
  preview.querySelector("[data-face-letter]")?.toggleAttribute("hidden", !hidden);
}

/** @param {HTMLElement} inside @param {string} selector @param {string} text */
function write(inside, selector, text) {
  const element = inside.querySelector(selector);
  if (element && element.textContent !== text) element.textContent = text;
}
