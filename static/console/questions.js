/** Questions before a chat: one more, one less, another order, by button or by dragging. Without scripts one empty row is always there. */

export function startQuestions() {
  const box = document.querySelector("[data-questions]");
  const more = box?.querySelector("[data-more-questions]");
  if (box instanceof HTMLElement && more instanceof HTMLButtonElement) keepRows(box, more);
}

/** @param {HTMLElement} box @param {HTMLButtonElement} more */
function keepRows(box, more) {
  const list = /** @type {HTMLElement} */ (box.querySelector("ol"));
  const blank = /** @type {HTMLTemplateElement} */ (box.querySelector("template"));
  const said = /** @type {HTMLElement} */ (box.querySelector("[data-moved]"));
  // the empty row that is there without scripts
  list.lastElementChild?.remove();
  let given = list.children.length;
  const settle = () => {
    more.hidden = list.children.length >= Number(box.dataset.most);
    for (const acts of list.querySelectorAll("[data-question-acts]")) /** @type {HTMLElement} */ (acts).hidden = false;
    [...list.children].forEach((row, place) => nameButtons(row, place, list.children.length));
  };
  const changed = (/** @type {string} */ words) => {
    settle();
    said.textContent = words;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  };
  more.addEventListener("click", () => {
    const row = numbered(blank, given++);
    list.append(row);
    changed("");
    row.querySelector("input:not([type=hidden])")?.focus();
  });
  list.addEventListener("click", ({ target }) => {
    const button = /** @type {Element} */ (target).closest("button");
    const row = button?.closest("li");
    if (!button || !row) return;
    if (button.dataset.move) {
      move(list, row, Number(button.dataset.move));
      changed(`${wordsOf(row)} is now number ${[...list.children].indexOf(row) + 1}.`);
      (button.disabled ? row.querySelector("button:not(:disabled)") : button)?.focus();
    } else {
      row.remove();
      changed(`${wordsOf(row)} is removed.`);
      more.focus();
    }
  });
  keepDragging(list, changed);
  settle();
}

/** @param {Element} row */
function wordsOf(row) {
  return row.querySelector("[name$=-label]")?.value || "The question";
}

/** @param {HTMLElement} list @param {Element} row @param {number} by */
function move(list, row, by) {
  if (by < 0) row.previousElementSibling?.before(row);
  else row.nextElementSibling?.after(row);
}

/** @param {Element} row @param {number} place @param {number} count */
function nameButtons(row, place, count) {
  for (const button of row.querySelectorAll("[data-question-acts] button")) {
    button.setAttribute("aria-label", `${button.textContent}: question ${place + 1}`);
    if (button.dataset.move) button.disabled = button.dataset.move === "-1" ? place === 0 : place === count - 1;
  }
}

/** A row is dragged by its grip alone, so that words in it can be marked.
 * @param {HTMLElement} list @param {(words: string) => void} changed */
function keepDragging(list, changed) {
  /** @type {HTMLElement|null} */
  let held = null;
  list.addEventListener("pointerdown", ({ target }) => {
    const row = /** @type {Element} */ (target).closest("li");
    if (row instanceof HTMLElement) row.draggable = Boolean(/** @type {Element} */ (target).closest(".grip"));
  });
  list.addEventListener("dragstart", (event) => {
    held = /** @type {Element} */ (event.target).closest("li");
    held?.classList.add("is-dragged");
    event.dataTransfer?.setData("text/plain", "");
  });
  list.addEventListener("dragover", (event) => {
    const over = /** @type {Element} */ (event.target).closest("li");
    if (!held) return;
    event.preventDefault();
    if (!over || over === held) return;
    const { top, height } = over.getBoundingClientRect();
    if (event.clientY < top + height / 2) over.before(held);
    else over.after(held);
  });
  list.addEventListener("dragend", () => {
    if (!held) return;
    held.classList.remove("is-dragged");
    changed(`${wordsOf(held)} is now number ${[...list.children].indexOf(held) + 1}.`);
    held = null;
  });
}

/** @param {HTMLTemplateElement} blank @param {number} number */
function numbered(blank, number) {
  const row = /** @type {HTMLElement} */ (blank.content.firstElementChild?.cloneNode(true));
  for (const node of row.querySelectorAll("[name], [for]")) {
    for (const name of ["name", "id", "for", "value"]) {
      const said = node.getAttribute(name);
      if (said?.includes("#")) node.setAttribute(name, said.replace("#", String(number)));
    }
  }
  return row;
}

/** The form as the widget takes it, for the preview. @param {FormData} data */
export function askedOf(data) {
  const said = (/** @type {string} */ name) => String(data.get(name) ?? "").trim();
  const asked = data.getAll("question").map((number) => ({
    key: said(`q${number}-kind`) === "email" ? "email" : `preview-${number}`,
    kind: said(`q${number}-kind`) === "name" ? "text" : said(`q${number}-kind`),
    label: said(`q${number}-label`),
    help: said(`q${number}-help`),
    required: data.has(`q${number}-required`),
    options: said(`q${number}-options`).split("\n").filter(Boolean),
  }));
  const questions = asked.filter(({ label }) => label);
  const form = {
    intro: said("intro"),
    only_away: data.has("only_away"),
    questions,
    consent: said("consent"),
    consent_url: said("consent_url"),
  };
  return {
    form: questions.length || form.consent ? form : null,
    away: { email: data.has("ask_email") },
    rates: data.has("asks_rating"),
  };
}
