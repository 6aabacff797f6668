/** Lines of working hours and of single days: one more, one less. Without scripts one empty line is always there. */

export function startHours() {
  for (const box of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-hours]")))
    keepLines(box);
  const zones = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("[data-own-zone]"));
  for (const zone of zones) zone.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}

/** @param {HTMLElement} box */
function keepLines(box) {
  const lines = /** @type {HTMLElement} */ (box.querySelector(".hours-lines"));
  const more = /** @type {HTMLButtonElement} */ (box.querySelector("[data-more-hours]"));
  const blank = /** @type {HTMLTemplateElement} */ (box.querySelector("template"));
  let given = lines.children.length;
  // the empty line that is there without scripts
  if (given > 1) lines.lastElementChild?.remove();

  const settle = () => {
    more.hidden = given >= Number(box.dataset.most);
    const buttons = /** @type {NodeListOf<HTMLElement>} */ (lines.querySelectorAll("[data-less-hours]"));
    for (const less of buttons) less.hidden = lines.children.length < 2;
  };

  more.addEventListener("click", () => {
    const line = numbered(blank, given, box.dataset.hours);
    given += 1;
    lines.append(line);
    settle();
    line.querySelector("input")?.focus();
  });

  lines.addEventListener("click", (event) => {
    const less = /** @type {Element} */ (event.target).closest("[data-less-hours]");
    if (!less) return;
    less.closest(".hours-line")?.remove();
    settle();
    (more.hidden ? lines.querySelector("input") : more)?.focus();
  });
  settle();
}

/** @param {HTMLTemplateElement} blank @param {number} place @param {string} [word] what a line is, if not hours */
function numbered(blank, place, word) {
  const line = /** @type {HTMLElement} */ (blank.content.firstElementChild?.cloneNode(true));
  for (const field of line.querySelectorAll("input")) field.name = field.name.replace("#", String(place));
  const legend = line.querySelector("legend");
  if (legend) legend.textContent = `${word || "Hours"} ${place + 1}`;
  const remove = `Remove ${(word || "Hours").toLowerCase()} ${place + 1}`;
  line.querySelector("[data-less-hours]")?.setAttribute("aria-label", remove);
  return line;
}
