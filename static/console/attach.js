/**
 * Files for the next reply: chosen, pasted or dropped, sent to the server at once, and named by hidden fields of the
 * form. Each is a chip that shows how far it is, and why it is refused.
 */

import { openChatId } from "./page.js";

const MOST_FILES = 10;

export function startAttaching() {
  document.addEventListener("change", (event) => {
    if (!(event.target instanceof HTMLInputElement) || event.target.id !== "files") return;
    attach(event.target.files);
    event.target.value = "";
  });
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("#attach")) picker()?.click();
  });
  document.addEventListener("paste", (event) => inReply(event) && take(event, event.clipboardData));
  document.addEventListener("dragover", (event) => inReply(event) && event.preventDefault());
  document.addEventListener("drop", (event) => inReply(event) && take(event, event.dataTransfer));
  document.body.addEventListener("htmx:configRequest", holdWhileUploading);
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    if (detail.elt?.id === "reply" && detail.successful) for (const chip of chipsOf("is-ready")) chip.remove();
    if (detail.elt?.id === "reply") needWords();
  });
}

const form = () => /** @type {HTMLFormElement|null} */ (document.querySelector("#reply"));
const picker = () => /** @type {HTMLInputElement|null} */ (document.querySelector("#files"));
const list = () => document.querySelector("#attached");

/** @param {string} [state] */
const chipsOf = (state) => [...(list()?.querySelectorAll(state ? `.${state}` : "li") ?? [])];

/** @param {Event} event */
function inReply(event) {
  return event.target instanceof Element && Boolean(event.target.closest(".detail")) && Boolean(form());
}

/** @param {Event} event @param {DataTransfer|null} carried */
function take(event, carried) {
  if (!carried?.files.length) return;
  event.preventDefault();
  attach(carried.files);
}

/** @param {FileList|null} files */
function attach(files) {
  for (const file of files ?? []) {
    if (chipsOf().length < MOST_FILES) upload(file);
  }
}

/** A reply waits for its files: sent without them it would not say what it was meant to. @param {Event} event */
function holdWhileUploading(event) {
  const { detail } = /** @type {CustomEvent} */ (event);
  if (detail.elt?.id !== "reply" || !chipsOf("is-busy").length) return;
  event.preventDefault();
  for (const chip of chipsOf("is-busy")) state(chip, "is-busy", "Wait for this file, or remove it.");
}

/** @param {File} file */
function upload(file) {
  const request = new XMLHttpRequest();
  const chip = draw(file, () => request.abort());
  request.open("POST", `/console/chats/${openChatId()}/files`);
  request.setRequestHeader("X-CSRFToken", form()?.querySelector('[name="csrfmiddlewaretoken"]')?.getAttribute("value") ?? "");
  request.upload.onprogress = (event) => {
    const bar = chip.querySelector("progress");
    if (bar && event.lengthComputable) bar.value = event.loaded / event.total;
  };
  request.onload = () => answered(chip, request);
  request.onerror = () => state(chip, "is-refused", "This did not arrive. Remove it and choose it again.");
  const sent = new FormData();
  sent.append("file", file);
  request.send(sent);
}

/** @param {Element} chip @param {XMLHttpRequest} request */
function answered(chip, request) {
  const told = read(request);
  if (request.status !== 200) {
    state(chip, "is-refused", told.detail ?? "This could not be taken. Please try again in a minute.");
    return;
  }
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "files", value: told.id });
  chip.append(field);
  const name = chip.querySelector(".file-name");
  if (name) name.textContent = told.name;
  state(chip, "is-ready", "");
  needWords();
}

/** @param {XMLHttpRequest} request @returns {{id?: string, name?: string, detail?: string}} */
function read(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return {}; // a page of an error, not ours to show
  }
}

/** @param {File} file @param {() => void} cancel */
function draw(file, cancel) {
  const chip = document.createElement("li");
  const name = document.createElement("span");
  name.className = "file-name";
  name.dir = "auto";
  name.textContent = file.name || "picture";
  const bar = document.createElement("progress");
  bar.setAttribute("aria-label", `Sending ${file.name}`);
  const words = document.createElement("span");
  words.className = "chip-words";
  words.setAttribute("role", "status");
  const remove = document.createElement("button");
  Object.assign(remove, { type: "button", className: "chip-remove", textContent: "×" });
  remove.setAttribute("aria-label", `Remove ${file.name}`);
  remove.addEventListener("click", () => {
    cancel();
    chip.remove();
    needWords();
    form()?.querySelector("textarea")?.focus();
  });
  chip.append(name, bar, words, remove);
  list()?.append(chip);
  state(chip, "is-busy", "");
  return chip;
}

/** @param {Element} chip @param {string} kind @param {string} words */
function state(chip, kind, words) {
  chip.className = `chip ${kind}`;
  const place = chip.querySelector(".chip-words");
  if (place) place.textContent = words;
}

/** A file needs no words. */
function needWords() {
  const field = form()?.querySelector("textarea");
  if (field) field.required = chipsOf("is-ready").length === 0;
}

/** Whether the reply has something to send beside words. */
export function hasFiles() {
  return chipsOf("is-ready").length > 0;
}
