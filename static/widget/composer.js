/**
 * The field one writes in: grows to six lines, Enter sends, Shift+Enter breaks the line.
 *
 * A sent message that is changed comes back into the same field; the draft steps aside and returns afterwards.
 */
import { plural, text } from "./texts.js";

const LIMIT = 8000;
const WARN_FROM = LIMIT - 500;

/** @param {ComposerParts} parts @param {ComposerOptions} options */
export function keepComposer(parts, options) {
  const { field, form, cancel } = parts;
  const { draft } = options;
  const redraw = () => drawComposer(parts, draft.editing(), options.hasFiles());
  const show = () => {
    field.value = draft.editing()?.body ?? draft.read();
    redraw();
  };
  const submit = () => submitFrom(parts, options) && show();
  const edit = (/** @type {Editing|null} */ editing) => {
    draft.edit(editing);
    show();
    field.focus();
  };
  form.addEventListener("submit", (event) => (event.preventDefault(), submit()));
  cancel.addEventListener("click", () => edit(null));
  field.addEventListener("keydown", (event) => {
    if (isSend(event)) submit();
    else if (event.key === "Escape" && draft.editing()) edit(null);
    else if (event.key === "ArrowUp" && !field.value) options.editLast();
    else return;
    event.preventDefault();
  });
  field.addEventListener("input", () => {
    keep(draft, field.value);
    redraw();
    if (field.value.trim()) options.typing();
  });
  show();
  return {
    /** @param {FocusOptions} [how] */
    focus: (how) => field.focus(how),
    redraw,
    /** @param {{id: string, body: string}} message */
    edit: ({ id, body }) => edit({ id, was: body, body }),
    /** Another tab wrote on: follow it, unless somebody is writing here. */
    follow: () => void (!(document.hasFocus() && document.activeElement === field) && show()),
    /** @param {string} body */
    prefill: (body) => void (draft.write(body), show()),
  };
}

/** Enter that ends the input of an Asian character is not a wish to send.
 * @param {KeyboardEvent} event */
function isSend(event) {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
}

/** @param {Draft} draft @param {string} body */
function keep(draft, body) {
  const editing = draft.editing();
  if (editing) draft.edit({ ...editing, body });
  else draft.write(body);
}

/** @param {ComposerParts} parts @param {ComposerOptions} options @returns {boolean} whether it was taken */
function submitFrom({ field }, { draft, change, submit, hasFiles }) {
  const body = tidy(field.value);
  const editing = draft.editing();
  if ((!body && (editing || !hasFiles())) || length(body) > LIMIT) return false;
  if (!editing) draft.write("");
  draft.edit(null);
  if (!editing) submit(body);
  else if (body !== editing.was) change(editing.id, body);
  return true;
}

/** @param {ComposerParts} parts @param {Editing|null} editing @param {boolean} files */
function drawComposer({ field, send, counter, banner }, editing, files) {
  const used = field.value.length > WARN_FROM ? length(tidy(field.value)) : field.value.length;
  const left = LIMIT - used;
  const words = left < 0 ? plural(-left, "overOne", "over") : plural(left, "leftOne", "left");
  counter.textContent = used > WARN_FROM ? words : "";
  counter.classList.toggle("over", left < 0);
  field.setAttribute("aria-invalid", String(left < 0));
  send.disabled = left < 0 || (!field.value.trim() && (Boolean(editing) || !files));
  banner.hidden = !editing;
  send.setAttribute("aria-label", text(editing ? "save" : "send"));
  send.querySelector("use")?.setAttribute("href", editing ? "#i-check" : "#i-send");
  grow(field);
}

/** @param {HTMLTextAreaElement} field its largest height is the style sheet's */
function grow(field) {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

/** The text being written, and the message being changed: kept at every change and shared by the tabs.
 * @param {Notes} notes @param {() => void} tell says to the other tabs that the draft changed @returns {Draft} */
export function keepDraft(notes, tell) {
  return {
    read: () => notes.get("draft") ?? "",
    /** @param {string} body */
    write: (body) => {
      notes.set("draft", body || null);
      tell();
    },
    editing: () => JSON.parse(notes.get("editing") ?? "null"),
    /** @param {Editing|null} editing */
    edit: (editing) => {
      notes.set("editing", editing && JSON.stringify(editing));
      tell();
    },
  };
}

/** What may travel: no control characters, no half of a character, no blank edges.
 * @param {string} body @returns {string} */
export function tidy(body) {
  const whole = body.replace(
    /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g,
    "\uFFFD",
  );
  return whole
    .replace(/\r\n?/g, "\n")
    .replace(/[\u0000-\u0008\u000B-\u001F\u007F]/g, "")
    .trim();
}

/** @param {string} body @returns {number} code points, as the server counts */
export function length(body) {
  return [...body].length;
}
