/**
 * The editor of a site's look and texts: the real widget beside the form wears what is typed, before it is saved.
 * What is not saved yet is said, and leaving the page asks once more.
 */

import { palette } from "../widget/colour.js";
import { askedOf } from "./questions.js";

export function startLook() {
  const form = document.querySelector("form[data-draft]");
  const editor = document.querySelector("[data-editor]");
  if (!(form instanceof HTMLFormElement) || !(editor instanceof HTMLElement)) return;
  const stage = /** @type {HTMLIFrameElement} */ (editor.querySelector("iframe"));
  const saved = JSON.parse(document.getElementById("saved-look")?.textContent ?? "{}");
  const show = () => {
    const scheme = chosen(editor, "scheme");
    const draft = drafted(form, saved);
    if (draft.theme === "auto") draft.theme = scheme;
    stage.contentWindow?.postMessage({ draft, scheme }, location.origin);
    tellContrast(form, draft.colour);
  };
  keepUnsaved(form, show);
  keepStage(editor, stage, show);
  window.addEventListener("message", ({ source, origin, data }) => {
    if (source === stage.contentWindow && origin === location.origin && data?.staged) show();
  });
  tellContrast(form, saved.colour);
}

/** @param {HTMLElement} editor @param {HTMLIFrameElement} stage @param {() => void} show */
function keepStage(editor, stage, show) {
  const start = () => (stage.src = `${stage.dataset.stage}?state=${chosen(editor, "state")}`);
  editor.addEventListener("change", ({ target }) => {
    const { name } = /** @type {HTMLInputElement} */ (target);
    stage.dataset.device = chosen(editor, "device");
    if (name === "state") start();
    else if (name === "scheme") show();
  });
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  choose(editor, "scheme", dark ? "dark" : "light");
  if (matchMedia("(width < 640px)").matches) choose(editor, "device", "phone");
  stage.dataset.device = chosen(editor, "device");
  start();
}

/** @param {HTMLElement} inside @param {string} name @returns {string} */
function chosen(inside, name) {
  const field = inside.querySelector(`[name=${name}]:checked, select[name=${name}]`);
  return /** @type {HTMLInputElement|null} */ (field)?.value ?? "";
}

/** @param {HTMLElement} inside @param {string} name @param {string} value */
function choose(inside, name, value) {
  const field = inside.querySelector(`[name=${name}][value=${value}]`);
  if (field instanceof HTMLInputElement) field.checked = true;
}

/** The config as it will be once this form is saved.
 * @param {HTMLFormElement} form @param {any} saved @returns {any} */
function drafted(form, saved) {
  const data = new FormData(form);
  const said = (/** @type {string} */ name) => String(data.get(name) ?? "").trim();
  if (form.dataset.draft === "texts") {
    const written = [...data].filter(([name, words]) => name !== "csrfmiddlewaretoken" && String(words).trim());
    return { ...saved, texts: Object.fromEntries(written) };
  }
  if (form.dataset.draft === "form") return { ...saved, ...askedOf(data) };
  const launcher = {
    shape: said("shape"),
    icon: said("icon"),
    label: said("label"),
    side: Number(said("side")),
    bottom: Number(said("bottom")),
    layer: Number(said("layer")),
    phones: data.has("on_phones"),
  };
  const look = { colour: said("colour"), theme: said("theme"), position: said("corner"), faces: data.has("faces") };
  return { ...saved, ...look, launcher, title: said("title"), greeting: said("greeting") };
}

/** @param {HTMLFormElement} form @param {() => void} show */
function keepUnsaved(form, show) {
  const words = () => new URLSearchParams(/** @type {any} */ (new FormData(form))).toString();
  // after a refusal what stands in the form is not what is saved
  const first = form.querySelector("[aria-invalid]") ? "" : words();
  const note = form.querySelector("[data-unsaved]");
  const tell = () => {
    if (note instanceof HTMLElement) note.hidden = words() === first;
    show();
  };
  let leaving = false;
  form.addEventListener("input", tell);
  form.addEventListener("reset", () => setTimeout(tell));
  form.addEventListener("submit", () => (leaving = true));
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && words() !== first) event.preventDefault();
  });
}

/** @param {HTMLFormElement} form @param {string} colour */
function tellContrast(form, colour) {
  const line = form.querySelector("[data-contrast]");
  if (!line) return;
  const words = palette(colour).ink === "#ffffff" ? "white" : "black";
  const sentence = `Text on this colour is ${words}, so that everybody can read it.`;
  if (line.textContent !== sentence) line.textContent = sentence;
}
