/** Older lines come in while somebody scrolls up, and stay where they are while the newest are read again. */

const NEAR = 200;
let loading = false;
let lastTop = 0;

export function startEarlier() {
  document.addEventListener("scroll", onScroll, true);
  document.addEventListener("click", onClick);
  document.body.addEventListener("htmx:configRequest", fromWhere);
  document.body.addEventListener("htmx:beforeSwap", putAside);
  document.body.addEventListener("htmx:afterSwap", putBack);
}

/** @returns {HTMLElement|null} */
function lines() {
  return document.getElementById("lines");
}

/** @returns {HTMLElement|null} the lines that are read again; what is older stands in blocks before them */
function newest() {
  return document.querySelector("#lines > ol");
}

/** The one that leads further up: of the first block, or of the lines themselves. @returns {HTMLAnchorElement|null} */
function link() {
  return document.querySelector("#lines a[data-earlier]");
}

/** @param {Event} event */
function onScroll(event) {
  const box = lines();
  if (!box || event.target !== box) return;
  const up = box.scrollTop < lastTop;
  lastTop = box.scrollTop;
  if (up && box.scrollTop < NEAR) void load();
}

/** @param {MouseEvent} event */
function onClick(event) {
  if (!(event.target instanceof Element) || !event.target.closest("a[data-earlier]")) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  void load();
}

async function load() {
  const box = lines();
  const way = link();
  const htmx = /** @type {any} */ (window).htmx;
  if (loading || !box || !way || !htmx) return;
  loading = true;
  const stays = /** @type {HTMLElement} */ (box.querySelector("ol"));
  const before = stays.getBoundingClientRect().top;
  try {
    await htmx.ajax("GET", way.dataset.earlier, { target: older(box), swap: "afterbegin" });
  } finally {
    loading = false;
  }
  box.scrollTop += stays.getBoundingClientRect().top - before;
  lastTop = box.scrollTop;
}

/** @param {HTMLElement} box @returns {HTMLElement} */
function older(box) {
  const found = document.getElementById("older");
  if (found) return found;
  const made = document.createElement("div");
  made.id = "older";
  box.prepend(made);
  return made;
}

/** Once there are older blocks, the newest lines begin where they began. @param {Event} event */
function fromWhere(event) {
  const { detail } = /** @type {CustomEvent} */ (event);
  if (detail.target?.id === "lines" && document.getElementById("older")) detail.parameters.from = newest()?.dataset.from;
}

/** @type {{node: HTMLElement, from: string|undefined, top: number}|null} */
let aside = null;

/** @param {Event} event */
function putAside(event) {
  const { detail } = /** @type {CustomEvent} */ (event);
  const node = document.getElementById("older");
  const box = lines();
  aside = null;
  if (!detail.shouldSwap || detail.target !== box || !node || !box) return;
  aside = { node, from: newest()?.dataset.from, top: box.scrollTop };
  node.remove();
}

/** Where the lines begin elsewhere now there would be a gap: then what is older is asked for again. */
function putBack() {
  const box = lines();
  if (aside && box && newest()?.dataset.from === aside.from) {
    box.prepend(aside.node);
    box.scrollTop = aside.top;
  }
  aside = null;
}
