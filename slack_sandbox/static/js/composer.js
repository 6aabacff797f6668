// A box to write in: Enter sends, Shift+Enter makes a new line, it grows with its text; files are chosen, pasted or dropped.

import { el, icon } from "./dom.js";
import { openMenu } from "./menu.js";

/**
 * @param {{label: string, testid: string, sendTestid: string, draft: string, onDraft: (text: string) => void,
 *          send: (text: string, files: File[]) => Promise<void>, commands: object[],
 *          shortcuts: {label: string, testid: string, run: () => void}[]}} options
 */
export function composer(options) {
  const area = el("textarea", { rows: "1", placeholder: options.label, "aria-label": options.label, testid: options.testid });
  const button = el("button", { class: "send", "aria-label": "Send", testid: options.sendTestid, disabled: true }, icon("send"));
  const picker = el("input", { type: "file", multiple: true, hidden: true, testid: `${options.testid}-files` });
  const clip = el("button", { type: "button", class: "clip", "aria-label": "Attach files", title: "Attach files", onclick: () => picker.click() }, icon("clip"));
  const bolt = options.shortcuts.length > 0 && el("button", { type: "button", class: "clip", "aria-label": "Shortcuts", title: "Shortcuts", testid: "shortcuts",
    onclick: (event) => openMenu(event.currentTarget, options.shortcuts) }, icon("bolt"));
  const hints = el("div", { class: "command-hints", testid: "command-hints", hidden: true });
  const chips = el("div", { class: "chips" });
  /** @type {File[]} */
  let files = [];
  area.value = options.draft;

  const changed = () => {
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, 160)}px`;
    button.disabled = !area.value.trim() && !files.length;
    options.onDraft(area.value);
    hint();
  };

  const hint = () => {
    const [word] = area.value.split(" ");
    const fits = word.startsWith("/") ? options.commands.filter((one) => one.name.startsWith(word)) : [];
    hints.hidden = !fits.length;
    hints.replaceChildren(...fits.map((one) => el("button", { type: "button", testid: "command-hint", onclick: () => { area.value = `${one.name} `; changed(); area.focus(); } },
      el("b", {}, one.name), el("span", {}, one.hint && `[${one.hint}]`), el("small", {}, one.description))));
  };

  const attach = (more) => {
    files = [...files, ...more];
    chips.replaceChildren(...files.map((file) => el("button", { type: "button", class: "chip", title: `Remove ${file.name}`,
      testid: "chip", onclick: () => { files = files.filter((one) => one !== file); attach([]); } }, icon("file", 16), file.name, icon("close", 14))));
    changed();
  };

  const send = async () => {
    const text = area.value, chosen = files;
    if (!text.trim() && !chosen.length) return;
    area.value = "";
    files = [];
    attach([]);
    try {
      await options.send(text, chosen);
    } catch (error) {
      area.value = text + area.value;
      attach(chosen);
      throw error;
    }
  };

  area.addEventListener("input", changed);
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  area.addEventListener("paste", (event) => attach(event.clipboardData?.files ?? []));
  picker.addEventListener("change", () => { attach(picker.files ?? []); picker.value = ""; });
  const form = el("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); send(); } }, hints, chips, clip, bolt || "", picker, area, button);
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => { event.preventDefault(); attach(event.dataTransfer?.files ?? []); });
  queueMicrotask(changed);
  return form;
}
