/**
 * Saved replies in the reply box: `//` offers them, typing narrows them down, Enter puts one where `//` stood. What is
 * offered has its names filled in by the server, so that people read what the visitor will read.
 */

/** @typedef {{name: string, title: string, body: string}} Saved */

const BEGUN = /(?:^|\s)\/\/([\p{L}\p{N}\p{M}_-]*)$/u;
const MOST = 50;

/** @type {Saved[]|null} null while they are not read */
let known = null;
/** @type {Saved[]} */
let offered = [];
let chosen = 0;

export function startSaved() {
  document.addEventListener("input", (event) => event.target === box() && follow());
  // before the reply box hears of the key, which would send on Enter
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("mousedown", onPress);
  document.addEventListener("click", (event) => event.target instanceof Element && event.target.closest("#saved-button") && begin());
  document.addEventListener("focusout", (event) => event.target === box() && close());
}

const box = () => /** @type {HTMLTextAreaElement|null} */ (document.querySelector("#reply textarea"));
const list = () => document.getElementById("saved");
const isOpen = () => list()?.hidden === false;

/** What stands after `//` before the caret; null where nobody asks for a saved reply. */
function asked() {
  const field = box();
  if (!field || field.selectionStart !== field.selectionEnd) return null;
  return BEGUN.exec(field.value.slice(0, field.selectionStart))?.[1] ?? null;
}

async function follow() {
  if (asked() === null) return close();
  if (isOpen()) return offer();
  show([line("Reading your saved replies")]);
  known = null;
  const field = box();
  try {
    const answer = await fetch(field?.dataset.saved ?? "", { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    known = (await answer.json()).replies;
  } catch {
    if (isOpen()) show([line("The saved replies could not be read. What you wrote is kept; type // again in a moment.")]);
    return;
  }
  if (isOpen() && field === box()) offer();
}

function offer() {
  const words = asked();
  if (words === null || known === null) return;
  offered = fitting(known, words.normalize("NFKC").toLowerCase()).slice(0, MOST);
  chosen = 0;
  if (!offered.length) return show([nothing(known.length)]);
  show(offered.map(row));
  choose(0);
}

/** Shortcuts that begin so come first. @param {Saved[]} all @param {string} words @returns {Saved[]} */
function fitting(all, words) {
  const begins = all.filter((one) => one.name.startsWith(words));
  const has = (/** @type {Saved} */ one) => `${one.name}\n${one.title}\n${one.body}`.toLowerCase().includes(words);
  return [...begins, ...all.filter((one) => !begins.includes(one) && has(one))];
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.target !== box() || !isOpen() || event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") close();
  else if (step && offered.length) choose((chosen + step + offered.length) % offered.length);
  else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && offered.length) use(offered[chosen]);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** A press on a row leaves the focus in the reply box. @param {MouseEvent} event */
function onPress(event) {
  const node = event.target instanceof Element ? event.target.closest("#saved") : null;
  if (!node || (event.target instanceof Element && event.target.closest("a"))) return;
  event.preventDefault();
  const item = event.target instanceof Element ? event.target.closest("[role=option]") : null;
  if (item instanceof HTMLElement) use(offered[Number(item.dataset.place)]);
}

function begin() {
  const field = box();
  if (!field) return;
  field.focus();
  const before = field.value.slice(0, field.selectionStart);
  put(field.selectionStart, `${before === "" || /\s$/.test(before) ? "" : " "}//`);
}

/** @param {Saved} one */
function use(one) {
  const words = asked();
  const field = box();
  close();
  if (words === null || !field) return;
  put(field.selectionStart - words.length - 2, one.body);
}

/** Writes over what stands between there and the caret, as if it was typed. @param {number} from @param {string} text */
function put(from, text) {
  const field = box();
  if (!field) return;
  field.setRangeText(text, from, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** @param {number} place */
function choose(place) {
  chosen = place;
  for (const item of list()?.querySelectorAll("[role=option]") ?? []) {
    const on = item instanceof HTMLElement && Number(item.dataset.place) === place;
    item.setAttribute("aria-selected", String(on));
    if (on) item.scrollIntoView({ block: "nearest" });
  }
  box()?.setAttribute("aria-activedescendant", `saved-${place}`);
}

function close() {
  const place = list();
  if (!place || place.hidden) return;
  place.hidden = true;
  place.replaceChildren();
  offered = [];
  box()?.removeAttribute("aria-activedescendant");
}

/** @param {HTMLElement[]} nodes */
function show(nodes) {
  const place = list();
  if (!place) return;
  place.replaceChildren(...nodes);
  place.hidden = false;
  const told = document.getElementById("saved-told");
  if (told) told.textContent = offered.length ? `${offered.length} saved ${offered.length === 1 ? "reply" : "replies"}` : "";
}

/** @param {Saved} one @param {number} place */
function row(one, place) {
  const item = document.createElement("div");
  item.id = `saved-${place}`;
  item.dataset.place = String(place);
  item.setAttribute("role", "option");
  const title = document.createElement("strong");
  title.textContent = one.title;
  const name = document.createElement("code");
  name.textContent = `//${one.name}`;
  const words = document.createElement("span");
  words.textContent = one.body;
  item.append(title, name, words);
  return item;
}

/** @param {string} words */
function line(words) {
  const item = document.createElement("p");
  item.textContent = words;
  return item;
}

/** @param {number} count how many there are at all */
function nothing(count) {
  offered = [];
  const item = line(count ? "No saved reply has these words. " : "There is no saved reply yet. ");
  const link = document.createElement("a");
  link.href = list()?.dataset.write ?? "";
  link.textContent = count ? "Write one" : "Write the first one";
  item.append(link);
  return item;
}
