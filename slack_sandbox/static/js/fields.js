// The elements that hold a value: boxes to type in, lists to choose from, dates. Each tells its value as a text, a list, or null.

import { el } from "./dom.js";

/**
 * @typedef {{node: HTMLElement, value: () => (string|string[]|null)}} Control
 * @typedef {{team: () => object, suggest: (element: object, query: string) => Promise<object[]>, changed: (value: string|string[]|null) => void,
 *            label?: string, testid?: string}} FieldContext
 */

/**
 * @param {object} element
 * @param {FieldContext} context
 * @param {string|string[]|null} [filled] what it holds already
 * @returns {Control}
 */
export function drawControl(element, context, filled = initial(element)) {
  const props = { "aria-label": context.label ?? element.placeholder?.text ?? "Choose", testid: context.testid ?? "block-field", data: { actionId: element.action_id } };
  return make(element, context, filled, props);
}

function make(element, context, filled, props) {
  const kind = element.type;
  if (kind === "datetimepicker") return moment(element, context, filled, props);
  if (kind in TYPED) return typed(element, context, filled, props);
  if (kind === "external_select") return external(element, context, filled, props);
  if (kind === "multi_external_select") return several(element.initial_options ?? [], kind, context, filled, props);
  if (kind === "radio_buttons") return several(element.options, kind, context, filled, props);
  if (kind === "checkboxes" || kind.startsWith("multi_")) return several(choices(element, context), kind, context, filled, props);
  return one(element, context, filled, props);
}

const TYPED = { plain_text_input: "text", email_text_input: "email", url_text_input: "url", number_input: "text", datepicker: "date", timepicker: "time" };

function typed(element, context, filled, props) {
  const more = { ...props, placeholder: element.placeholder?.text, maxlength: element.max_length, class: "field", value: filled ?? "", autocomplete: "off" };
  const node = element.multiline ? el("textarea", { ...more, rows: "4" }) : el("input", { ...more, type: TYPED[element.type] });
  if (element.focus_on_load) node.setAttribute("autofocus", "");
  const value = () => node.value || null;
  node.addEventListener("change", () => context.changed(value()));
  return { node, value };
}

/** A moment on the clock of whoever looks; Slack tells it in seconds. */
function moment(element, context, filled, props) {
  const shown = (seconds) => {
    const at = new Date(Number(seconds) * 1000);
    return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  };
  const node = el("input", { ...props, type: "datetime-local", class: "field", value: filled ? shown(filled) : "" });
  const value = () => (node.value ? String(Math.floor(new Date(node.value).getTime() / 1000)) : null);
  node.addEventListener("change", () => context.changed(value()));
  return { node, value };
}

const named = (text) => text.text ?? (text.elements ?? []).flatMap((part) => part.elements).map((leaf) => leaf.text ?? leaf.url ?? "").join("");

function choices(element, context) {
  const kind = element.type.replace("multi_", "");
  if (kind === "users_select") return context.team().people.filter((one) => !one.bot).map((one) => ({ value: one.id, text: { text: one.name } }));
  if (kind === "channels_select" || kind === "conversations_select") {
    return context.team().channels.filter((one) => !one.im && !one.archived).map((one) => ({ value: one.id, text: { text: `#${one.name}` } }));
  }
  return [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((group) => group.options)];
}

function one(element, context, filled, props) {
  const drawn = (option) => el("option", { value: option.value, selected: option.value === filled }, named(option.text));
  const groups = element.option_groups?.map((group) => el("optgroup", { label: named(group.label) }, ...group.options.map(drawn)));
  const node = el("select", { ...props, class: "field" }, el("option", { value: "", selected: !filled }, element.placeholder?.text ?? "Choose"),
    ...(groups ?? choices(element, context).map(drawn)));
  const value = () => node.value || null;
  node.addEventListener("change", () => context.changed(value()));
  return { node, value };
}

function several(options, kind, context, filled, props) {
  const single = kind === "radio_buttons";
  const chosen = new Set(Array.isArray(filled) ? filled : [filled]);
  const name = `${props.data.actionId}-${Math.random()}`;
  const boxes = options.map((option) => el("input", { type: single ? "radio" : "checkbox", name, value: option.value, checked: chosen.has(option.value) }));
  const row = (option, index) => el("label", {}, boxes[index], el("span", {}, named(option.text), option.description && el("small", {}, named(option.description))));
  const node = el("div", { ...props, class: "field-group", role: single ? "radiogroup" : "group" }, ...options.map(row));
  const ticked = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const value = () => (single ? ticked()[0] ?? null : ticked());
  node.addEventListener("change", () => context.changed(value()));
  return { node, value };
}

/** A box to type in; what the app suggests stands below it. */
function external(element, context, filled, props) {
  let chosen = filled ?? null, timer = 0, asked = 0;
  const label = element.initial_option?.value === filled ? element.initial_option?.text.text : filled;
  const box = el("input", { ...props, class: "field", role: "combobox", "aria-expanded": "false", autocomplete: "off", placeholder: element.placeholder?.text ?? "Type to search", value: label ?? "" });
  const list = el("div", { class: "suggestions", role: "listbox", testid: "suggestions", hidden: true });
  const pick = (option) => {
    chosen = option.value;
    box.value = named(option.text);
    show([]);
    context.changed(chosen);
  };
  const show = (options, note) => {
    list.replaceChildren(...options.map((option) => el("button", { type: "button", role: "option", testid: "suggestion", data: { value: option.value }, onclick: () => pick(option) },
      named(option.text), option.description && el("small", {}, named(option.description)))), note ? el("p", {}, note) : "");
    list.hidden = !options.length && !note;
    box.setAttribute("aria-expanded", String(!list.hidden));
  };
  const ask = async () => {
    if (box.value.length < (element.min_query_length ?? 3)) return show([], `Type at least ${element.min_query_length ?? 3} characters.`);
    const mine = ++asked;
    try {
      const options = await context.suggest(element, box.value);
      if (mine === asked) show(options, options.length ? "" : "Nothing found.");
    } catch (error) {
      if (mine === asked) show([], error.message);
    }
  };
  box.addEventListener("focus", () => { if (!chosen) ask(); });
  box.addEventListener("input", () => { chosen = null; clearTimeout(timer); timer = setTimeout(ask, 200); });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") list.querySelector("button")?.focus();
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); event.stopPropagation(); show([]); }
  });
  return { node: el("div", { class: "search" }, box, list), value: () => chosen };
}

function initial(element) {
  return element.initial_value ?? element.initial_option?.value ?? element.initial_options?.map((option) => option.value)
    ?? element.initial_date ?? element.initial_time ?? element.initial_date_time ?? element.initial_user ?? element.initial_users
    ?? element.initial_channel ?? element.initial_channels ?? element.initial_conversation ?? element.initial_conversations ?? null;
}

/** What a view's `state.values` says of an element, as controls take it. @param {object|undefined} state */
export function filledIn(state) {
  if (!state) return undefined;
  const { type: _, ...rest } = state;
  const [value] = Object.values(rest);
  if (Array.isArray(value)) return value.map((item) => item.value ?? item);
  return value?.value ?? value ?? null;
}
