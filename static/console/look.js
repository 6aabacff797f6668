/** The site's look: the picture beside the form follows every key, and the colour's contrast is told in words. */

import { palette } from "../widget/colour.js";

export function startLook() {
  const form = document.querySelector("form[data-look]");
  const preview = document.querySelector("[data-preview]");
  if (!(form instanceof HTMLFormElement) || !(preview instanceof HTMLElement)) return;
  const show = () => draw(form, preview);
  form.addEventListener("input", show);
  show();
}

/** @param {HTMLFormElement} form @param {HTMLElement} preview */
function draw(form, preview) {
  const data = new FormData(form);
  write(preview, "[data-preview-title]", String(data.get("title") ?? ""));
  write(preview, "[data-preview-greeting]", String(data.get("greeting") ?? ""));
  const { accent, ink } = palette(String(data.get("colour") ?? ""));
  preview.style.setProperty("--their-accent", accent);
  preview.style.setProperty("--their-ink", ink);
  const words = ink === "#ffffff" ? "white" : "black";
  write(form, "[data-contrast]", `Text on this colour is ${words}, so that everybody can read it.`);
}

/** @param {HTMLElement} inside @param {string} selector @param {string} text */
function write(inside, selector, text) {
  const element = inside.querySelector(selector);
  if (element && element.textContent !== text) element.textContent = text;
}
