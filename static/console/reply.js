/** The reply box: Enter sends, the draft is kept, one id for one message whatever happens on the way. */

import { hasFiles } from "./attach.js";
import { dropDraft, keepDraft, newId, readDraft } from "./draft.js";
import { chooseNote, isChosen, prepareNoteButton, showKind } from "./note.js";
import { openChatId } from "./page.js";

const TYPING_EVERY = 3000;
const TALLEST = 168;
let typedAt = 0;
// a send whose outcome is unknown keeps its id until the words change
let uncertain = false;

export function startReply() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("input", onInput);
  document.addEventListener("click", onClick);
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (/** @type {CustomEvent} */ (event).detail?.target?.id === "detail") restore();
  });
  document.body.addEventListener("htmx:beforeRequest", (event) => forReply(event) && say(""));
  document.body.addEventListener("htmx:afterRequest", (event) => forReply(event) && onAnswer(event));
  document.body.addEventListener("htmx:beforeSwap", showRefusal);
  restore();
}

/** @returns {HTMLTextAreaElement|null} */
function box() {
  return /** @type {HTMLTextAreaElement|null} */ (document.querySelector("#reply textarea"));
}

/** @returns {HTMLInputElement|null} */
function idField() {
  return document.querySelector('#reply input[name="client_message_id"]');
}

/** @param {Event} event */
function forReply(event) {
  return /** @type {CustomEvent} */ (event).detail?.elt?.id === "reply";
}

function restore() {
  const chat = openChatId();
  const field = box();
  const id = idField();
  uncertain = false;
  if (!chat || !field || !id) return;
  prepareNoteButton();
  const draft = readDraft(chat);
  if (draft?.body && draft.id) {
    field.value = draft.body;
    id.value = draft.id;
    uncertain = true;
  }
  chooseNote(Boolean(draft?.note));
  grow(field);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const field = box();
  if (!field || event.target !== field) return;
  if (event.key === "Escape") {
    choose(false);
    field.blur();
  }
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (field.value.trim() || hasFiles()) field.form?.requestSubmit();
}

/** @param {Event} event */
function onClick(event) {
  const button = event.target instanceof Element && event.target.closest("#note");
  if (!button) return;
  choose(!isChosen());
  box()?.focus();
}

/** What is written next is for the team alone. */
export function beginNote() {
  choose(true);
  box()?.focus();
}

/** @param {boolean} note */
function choose(note) {
  chooseNote(note);
  keep();
}

/** A draft knows for whom it is: a note that was begun yesterday does not go to the visitor today. */
function keep() {
  const [chat, field, id] = [openChatId(), box(), idField()];
  if (chat && field && id) keepDraft(chat, { body: field.value, id: id.value, note: isChosen() });
}

/** @param {Event} event */
function onInput(event) {
  const field = box();
  const id = idField();
  const chat = openChatId();
  if (!field || event.target !== field || !chat || !id) return;
  if (uncertain) id.value = newId();
  uncertain = false;
  showKind();
  keep();
  grow(field);
  tellTyping(chat);
}

/** @param {string} chat */
function tellTyping(chat) {
  if (Date.now() - typedAt < TYPING_EVERY) return;
  typedAt = Date.now();
  document.dispatchEvent(new CustomEvent("tb:send", { detail: { type: "typing", chat } }));
}

/** @param {Event} event */
function onAnswer(event) {
  const { detail } = /** @type {CustomEvent} */ (event);
  const field = box();
  const id = idField();
  if (detail.successful) dropDraft(detail.elt.dataset.chat);
  // the reader may have gone to another chat meanwhile: its box is not touched
  if (!field || !id || !detail.elt.isConnected) return;
  if (!detail.successful) {
    uncertain = true;
    if (detail.xhr?.status !== 422) say("This was not sent. Your words are kept: press Enter to send them again.");
    return;
  }
  field.value = "";
  chooseNote(false);
  id.value = newId();
  typedAt = 0;
  uncertain = false;
  grow(field);
  field.focus();
}

/** A refusal comes as 422 with a sentence for the person. @param {Event} event */
function showRefusal(event) {
  const { detail } = /** @type {CustomEvent} */ (event);
  if (detail.xhr.status === 422) detail.shouldSwap = true;
}

/** @param {string} words */
function say(words) {
  const place = document.getElementById("reply-error");
  if (!place) return;
  place.textContent = "";
  if (!words) return;
  const notice = document.createElement("div");
  notice.className = "notice notice-bad";
  notice.textContent = words;
  place.append(notice);
}

/** Where `field-sizing` is not known yet. @param {HTMLTextAreaElement} field */
function grow(field) {
  if (CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, TALLEST)}px`;
}
