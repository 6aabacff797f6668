// Builds nodes; text is always a text node, never markup.

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  hash: "M9.500 4 7 20M17 4l-2.500 16M4.500 9h16M3.500 15h16",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
  thread: "M4 5h16v11H10l-4 4v-4H4zM8 9h8M8 12.500h5",
  pencil: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
  bin: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.500 11v5M13.500 11v5",
  close: "M6 6l12 12M18 6 6 18",
  send: "M4 12 20 4l-5 16-3.500-6.500zM11.500 13.500 20 4",
  menu: "M4 7h16M4 12h16M4 17h16",
  clip: "M16.500 7v9a4.500 4.500 0 0 1-9 0V6.500a3 3 0 0 1 6 0V16a1.500 1.500 0 0 1-3 0V8",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  back: "M14 5l-7 7 7 7",
  bolt: "M13 3 5 14h6l-1 7 8-11h-6z",
  more: "M6 12h.01M12 12h.01M18 12h.01",
};

/**
 * @param {string} tag
 * @param {Record<string, unknown>} [props] attributes; `on…` keys are listeners, `class` and `testid` are short for the usual
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {HTMLElement}
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) set(node, name, value);
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return node;
}

function set(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "testid") node.dataset.testid = value;
  else if (name === "data") Object.assign(node.dataset, value);
  else if (name === "value") node.value = value;
  else node.setAttribute(name, value === true ? "" : String(value));
}

/** @param {keyof typeof SHAPES} name */
export function icon(name, size = 18) {
  const svg = document.createElementNS(SVG, "svg");
  const drawn = { viewBox: "0 0 24 24", width: size, height: size, fill: "none", stroke: "currentColor",
    "stroke-width": 1.75, "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true", class: "icon" };
  for (const [key, value] of Object.entries(drawn)) svg.setAttribute(key, String(value));
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

/** @param {string} ts */
export function clock(ts) {
  return new Date(Number(ts) * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

/** @param {string} ts */
export function day(ts) {
  const date = new Date(Number(ts) * 1000);
  const today = new Date().toDateString() === date.toDateString();
  return today ? "Today" : date.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
}
