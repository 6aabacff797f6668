// A box to write in: Enter sends, Shift+Enter makes a new line, it grows with its text.

import { el, icon } from "./dom.js";

/**
 * @param {{label: string, testid: string, sendTestid: string, draft: string, onDraft: (text: string) => void,
 *          send: (text: string) => Promise<void>}} options
 */
export function composer(options) {
  const area = el("textarea", { rows: "1", placeholder: options.label, "aria-label": options.label, testid: options.testid });
  const button = el("button", { class: "send", "aria-label": "Send", testid: options.sendTestid, disabled: true }, icon("send"));
  area.value = options.draft;

  const changed = () => {
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, 160)}px`;
    button.disabled = !area.value.trim();
    options.onDraft(area.value);
  };

  const send = async () => {
    const text = area.value;
    if (!text.trim()) return;
    area.value = "";
    changed();
    try {
      await options.send(text);
    } catch (error) {
      area.value = text + area.value;
      changed();
      throw error;
    }
  };

  area.addEventListener("input", changed);
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  const form = el("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); send(); } }, area, button);
  queueMicrotask(changed);
  return form;
}
