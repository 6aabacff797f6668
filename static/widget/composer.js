/** The field one writes in: grows to six lines, Enter sends, Shift+Enter breaks the line. */
import { LIMIT, length, tidy } from "./draft.js";
import { plural } from "./texts.js";

const WARN_FROM = LIMIT - 500;

/** @param {ComposerParts} parts @param {ComposerOptions} options */
export function keepComposer(parts, options) {
  const { field, form } = parts;
  const redraw = () => drawComposer(parts);
  const submit = () => submitFrom(parts, options);
  form.addEventListener("submit", (event) => (event.preventDefault(), submit()));
  field.addEventListener("keydown", (event) => isSend(event) && (event.preventDefault(), submit()));
  field.addEventListener("input", () => {
    redraw();
    options.draft.write(field.value);
    if (field.value.trim()) options.typing();
  });
  fill(parts, options.draft.read());
  return {
    focus: () => field.focus(),
    redraw,
    /** Another tab wrote on: follow it, unless somebody is writing here. */
    follow: () =>
      void (!(document.hasFocus() && document.activeElement === field) && fill(parts, options.draft.read())),
    /** @param {string} body */
    prefill: (body) => void (fill(parts, body), options.draft.write(body)),
  };
}

/** Enter that ends the input of an Asian character is not a wish to send.
 * @param {KeyboardEvent} event */
function isSend(event) {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
}

/** @param {ComposerParts} parts @param {ComposerOptions} options */
function submitFrom(parts, options) {
  const body = tidy(parts.field.value);
  if (!body || length(body) > LIMIT) return;
  fill(parts, "");
  options.draft.write("");
  options.submit(body);
}

/** @param {ComposerParts} parts @param {string} body */
function fill(parts, body) {
  parts.field.value = body;
  drawComposer(parts);
}

/** @param {ComposerParts} parts */
function drawComposer({ field, send, counter }) {
  const used = field.value.length > WARN_FROM ? length(tidy(field.value)) : field.value.length;
  const left = LIMIT - used;
  const words = left < 0 ? plural(-left, "overOne", "over") : plural(left, "leftOne", "left");
  counter.textContent = used > WARN_FROM ? words : "";
  counter.classList.toggle("over", left < 0);
  field.setAttribute("aria-invalid", String(left < 0));
  send.disabled = left < 0 || !field.value.trim();
  grow(field);
}

/** @param {HTMLTextAreaElement} field its largest height is the style sheet's */
function grow(field) {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
