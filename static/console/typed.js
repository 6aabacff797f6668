/**
 * What somebody had typed before they were asked who they are stands in its form again; they press the button anew.
 * Only on a page that has something to give back, and after everything else there has begun.
 */

const kept = document.getElementById("typed-before");
if (kept) giveBack(JSON.parse(kept.textContent ?? "{}"));

/** @param {{action: string, values: Record<string, string[]>}} typed */
function giveBack({ action, values }) {
  const fillForms = (/** @type {Element} */ inside) => {
    for (const form of document.querySelectorAll("form")) {
      if (leadsTo(form, action) && isAbout(form, values)) fill(form, inside, values);
    }
  };
  fillForms(document.body);
  // parts of a form that come later
  document.addEventListener("htmx:load", ({ target }) => target instanceof Element && fillForms(target));
}

/** @param {HTMLFormElement} form @param {string} action */
function leadsTo(form, action) {
  return [form.getAttribute("action"), form.getAttribute("hx-post")].some((path) => path === action);
}

/** Of several forms with one address, the one that carries the same ids.
 * @param {HTMLFormElement} form @param {Record<string, string[]>} values */
function isAbout(form, values) {
  const hidden = [...form.querySelectorAll("input[type=hidden][name]")].map(
    (one) => /** @type {HTMLInputElement} */ (one),
  );
  return hidden.every(({ name, value }) => !(name in values) || values[name].includes(value));
}

/** @param {HTMLFormElement} form @param {Element} inside @param {Record<string, string[]>} values */
function fill(form, inside, values) {
  for (const details of form.querySelectorAll("details")) details.open = true;
  const around = form.closest("details");
  if (around) around.open = true;
  /** @type {Record<string, number>} */
  const places = {};
  for (const field of form.elements) {
    const { name, type } = /** @type {HTMLInputElement} */ (field);
    if (!name || ["hidden", "submit", "file", "password"].includes(type) || !inside.contains(field)) continue;
    const place = (places[name] = (places[name] ?? -1) + 1);
    put(/** @type {HTMLInputElement} */ (field), values[name] ?? [], place);
  }
}

/** @param {HTMLInputElement|HTMLSelectElement} field @param {string[]} said @param {number} place */
function put(field, said, place) {
  if (field.type === "radio" || field.type === "checkbox") {
    /** @type {HTMLInputElement} */ (field).checked = said.includes(field.value);
  } else if (field instanceof HTMLSelectElement && field.multiple) {
    for (const option of field.options) option.selected = said.includes(option.value);
  } else if (said[place] !== undefined) field.value = said[place];
  for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
}
