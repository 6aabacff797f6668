/**
 * Whether what stands in the reply box is for the visitor or a note for the team. The form itself says it, in a field
 * that is sent with the words, so that no way of sending can mistake one for the other.
 */

/** @returns {HTMLFormElement|null} */
function form() {
  return document.querySelector("#reply");
}

/** @returns {HTMLInputElement|null} */
function kind() {
  return document.querySelector('#reply input[name="kind"]');
}

// as livechat/inside.py has it, which decides
const INSIDE = /^(?:[\s>•\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|\d+\.)*(?:;;|note:)/i;
let chosen = false;

/** Whether the person chose it; what begins like a note is one while it does. */
export function isChosen() {
  return chosen;
}

/** @param {boolean} on */
export function chooseNote(on) {
  chosen = on;
  showKind();
}

/** After every change of the words: before they are sent, the box says where they go. */
export function showKind() {
  const field = kind();
  const box = form()?.querySelector("textarea");
  if (!field || !box) return;
  const begins = INSIDE.test(box.value.trimStart().slice(0, 200).normalize("NFKC"));
  show(field, box, chosen || begins);
  document.getElementById("note-hint")?.toggleAttribute("hidden", chosen || !begins);
}

/** @param {HTMLInputElement} field @param {HTMLTextAreaElement} box @param {boolean} on */
function show(field, box, on) {
  field.value = on ? "note" : "reply";
  form()?.classList.toggle("is-note", on);
  noteButton()?.setAttribute("aria-pressed", String(on));
  box.placeholder = (on ? box.dataset.note : box.dataset.reply) ?? "";
  name(box, on ? "Note for your team" : "Reply");
  const send = form()?.querySelector(".button-primary");
  send?.setAttribute("aria-label", on ? "Keep the note" : "Send");
  const words = send?.querySelector("span");
  if (words) words.textContent = on ? "Keep" : "Send";
}

/** @param {HTMLTextAreaElement} box @param {string} words */
function name(box, words) {
  for (const label of box.labels) label.textContent = words;
}

/** @returns {HTMLButtonElement|null} */
function noteButton() {
  return document.querySelector("#note");
}

/** Without a script the button sends the note; with one it says what Enter and *Send* will do. */
export function prepareNoteButton() {
  const button = noteButton();
  if (!button) return;
  button.type = "button";
  button.removeAttribute("name");
}
