// The modal on top: filled in, submitted, closed; and the Home tab, which is drawn of the same blocks.

import { drawBlocks } from "./blocks.js";
import { el, icon } from "./dom.js";
import { drawControl, filledIn } from "./fields.js";
import { act, look } from "./net.js";

let dialog = null, shown = null, form = null;

/** Draws what the person's modal is now, or takes it away. @param {object} context see main.js */
export async function refreshModal(context) {
  const { view } = await look("view", context.me());
  if (!view) return remove();
  const kept = form && shown?.id === view.id ? form.values() : {};
  shown = view;
  form = formOf(view, context, kept, {});
  if (!dialog) {
    dialog = el("dialog", { class: "modal", testid: "modal", oncancel: (event) => { event.preventDefault(); close(context, false); } });
    document.body.append(dialog);
  }
  dialog.setAttribute("aria-label", view.title.text);
  dialog.replaceChildren(frame(view, context));
  if (dialog.open) return;
  dialog.showModal();
  dialog.querySelector(".modal-body :is(input, select, textarea)")?.focus();
}

function remove() {
  dialog?.close();
  dialog?.remove();
  dialog = shown = form = null;
}

function frame(view, context) {
  const x = el("button", { type: "button", class: "round", "aria-label": "Close all", testid: "modal-x", onclick: () => close(context, true) }, icon("close"));
  const submit = view.submit && el("button", { class: "action primary", testid: "modal-submit" }, view.submit.text);
  const cancel = el("button", { type: "button", class: "action", testid: "modal-close", onclick: () => close(context, false) }, view.close?.text ?? (view.submit ? "Cancel" : "Close"));
  return el("form", { novalidate: true, onsubmit: (event) => { event.preventDefault(); send(context, submit); } },
    el("header", { class: "modal-head" }, el("h2", { testid: "modal-title" }, view.title.text), x),
    el("div", { class: "modal-body" }, form.node), el("p", { class: "modal-problem", role: "alert", testid: "modal-problem", hidden: true }),
    el("footer", { class: "modal-foot" }, cancel, submit));
}

async function send(context, submit) {
  if (submit?.disabled) return;
  if (submit) submit.disabled = true;
  form.mark({});
  tell("");
  try {
    const told = await act("submit", { ...context.me(), values: form.values() });
    if (told.problem) tell(told.sentence);
    form?.mark(told.errors);
    if (!told.view) remove();
  } catch (error) {
    tell(error.message);
  }
  if (submit) submit.disabled = false;
}

function tell(text) {
  const line = dialog?.querySelector(".modal-problem");
  if (!line) return;
  line.textContent = text;
  line.hidden = !text;
}

async function close(context, all) {
  try {
    await act("close_modal", { ...context.me(), all });
  } finally {
    await refreshModal(context);
  }
}

/**
 * @param {object} view
 * @param {object} context
 * @param {Record<string, unknown>} kept what was typed, by action_id
 * @param {object} where more for a press, such as `home`
 */
export function formOf(view, context, kept, where) {
  const controls = new Map();
  const errors = new Map();
  const values = () => Object.fromEntries([...controls].map(([name, control]) => [name, control.value()]));
  const press = async (action, node) => {
    node.parentElement?.querySelector(".action-problem")?.remove();
    let problem = "";
    try {
      const told = await act("modal_action", { ...context.me(), values: values(), ...where, ...action });
      if (told.problem) problem = "The app did not answer. Try again.";
    } catch (error) {
      problem = error.message;
    }
    if (problem) node.after(el("span", { class: "action-problem", role: "alert", testid: "action-problem" }, problem));
  };
  const suggest = async (element, query) => {
    const told = await act("suggest", { ...context.me(), ...where, action_id: element.action_id, query });
    if (told.problem) throw new Error(told.sentence);
    return told.options;
  };
  const held = (block, element) => kept[element.action_id] ?? filledIn(view.state.values[block.block_id]?.[element.action_id]);
  const input = (block) => {
    const label = block.label.text;
    const changed = (value) => block.dispatch_action && press({ action_id: block.element.action_id, value }, control.node);
    const control = drawControl(block.element, { ...context, suggest, changed, label, testid: `modal-field-${block.block_id}` }, held(block, block.element));
    controls.set(block.element.action_id, control);
    const error = el("p", { class: "field-error", role: "alert", testid: "modal-error", data: { block: block.block_id }, hidden: true });
    errors.set(block.block_id, { error, node: control.node });
    return el("div", { class: "field-row" }, el("span", { class: "field-label" }, label, block.optional && el("small", {}, " (optional)")), control.node, error,
      block.hint && el("p", { class: "field-hint" }, block.hint.text));
  };
  const mark = (sentences) => {
    for (const [block, { error, node }] of errors) {
      error.textContent = sentences?.[block] ?? "";
      error.hidden = !error.textContent;
      (node.querySelector("input") ?? node).setAttribute("aria-invalid", String(!error.hidden));
    }
    const [first] = [...errors.values()].filter(({ error }) => !error.hidden);
    if (first) (first.node.querySelector("input") ?? first.node).focus();
  };
  const keep = (element, control) => controls.set(element.action_id, control);
  return { node: drawBlocks(view.blocks, { ...context, press, input, suggest, keep }), values, mark };
}

/** The Home tab. @param {object} context */
export async function drawHome(context, app) {
  const { view } = await look("view", { ...context.me(), kind: "home" });
  if (!view) {
    return el("div", { class: "empty", testid: "home-empty" }, el("h2", {}, "Nothing here yet"), el("p", {}, `${app} has not filled this page for you.`));
  }
  return el("div", { class: "home", testid: "home" }, formOf(view, context, {}, { home: true }).node);
}
