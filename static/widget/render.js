/** Segments of a message, faces and buttons as DOM nodes. Text only ever becomes text: no markup is parsed anywhere. */
import { text } from "./texts.js";

const SAFE = new Set(["http:", "https:", "mailto:", "tel:"]);
const DEEPEST = 12;
const ADDRESS = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/gi;

/** @param {Segment[]} segments @param {number} [depth] @returns {DocumentFragment} */
export function render(segments, depth = 0) {
  const fragment = document.createDocumentFragment();
  for (const segment of segments) fragment.append(nodeOf(segment, depth));
  return fragment;
}

/** The visitor's own words: plain, with addresses made clickable.
 * @param {string} body @returns {Segment[]} */
export function segmentsOf(body) {
  /** @type {Segment[]} */
  const segments = [];
  let end = 0;
  for (const match of body.matchAll(ADDRESS)) {
    segments.push(
      { type: "text", text: body.slice(end, match.index) },
      { type: "link", text: match[0], url: match[0] },
    );
    end = match.index + match[0].length;
  }
  segments.push({ type: "text", text: body.slice(end) });
  return segments.filter((segment) => segment.text);
}

/** @param {unknown} url @returns {string|null} the address if it may be followed */
export function safeUrl(url) {
  const parsed = typeof url === "string" ? parsedUrl(url) : null;
  return parsed && SAFE.has(parsed.protocol) ? parsed.href : null;
}

/** @param {string} url @returns {URL|null} */
function parsedUrl(url) {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}

/** @type {Record<string, (segment: Segment, depth: number) => Node>} */
const NODES = {
  link,
  emoji,
  mention: (segment) => element("span", "mention", segment.text),
  code: (segment) => element("code", "", segment.text),
  codeblock,
  quote: (segment, depth) => nest("blockquote", segment, depth),
  list,
  break: () => document.createElement("br"),
};

/** A kind that is not known yet shows its text.
 * @param {Segment} segment @param {number} depth @returns {Node} */
function nodeOf(segment, depth) {
  if (depth > DEEPEST) return document.createTextNode(segment.text ?? "");
  const make = Object.hasOwn(NODES, segment.type) ? NODES[segment.type] : plain;
  return styled(make(segment, depth), segment.style);
}

/** @param {Segment} segment @returns {Node} */
function plain(segment) {
  return document.createTextNode(segment.text ?? "");
}

/** @param {Segment} segment @returns {Node} */
function link(segment) {
  const url = safeUrl(segment.url);
  if (!url) return plain({ ...segment, text: segment.text || segment.url });
  const anchor = /** @type {HTMLAnchorElement} */ (element("a", "", segment.text || segment.url));
  anchor.href = url;
  anchor.target = "_blank";
  anchor.rel = "noopener noreferrer nofollow";
  return anchor;
}

/** @param {Segment} segment @returns {Node} */
function emoji(segment) {
  const url = safeUrl(segment.url);
  if (!url) return plain(segment);
  const image = /** @type {HTMLImageElement} */ (element("img", "emoji"));
  image.src = url;
  image.alt = image.title = segment.text ?? "";
  return image;
}

/** @param {Segment} segment @returns {Node} */
function codeblock(segment) {
  const block = element("pre");
  block.append(element("code", "", segment.text));
  return block;
}

/** @param {Segment} segment @param {number} depth @returns {Node} */
function list(segment, depth) {
  const node = element(segment.ordered ? "ol" : "ul");
  if (segment.ordered && segment.offset) /** @type {HTMLOListElement} */ (node).start = segment.offset + 1;
  for (const item of segment.items ?? []) {
    const line = element("li");
    line.append(render(segmentsIn(item), depth + 1));
    node.append(line);
  }
  return node;
}

/** @param {string} tag @param {Segment} segment @param {number} depth @returns {Node} */
function nest(tag, segment, depth) {
  const node = element(tag);
  node.append(segment.items?.length ? render(segmentsIn(segment.items), depth + 1) : plain(segment));
  return node;
}

/** An item may be a text, a segment, or several segments.
 * @param {unknown} item @returns {Segment[]} */
function segmentsIn(item) {
  if (Array.isArray(item)) return item.flatMap(segmentsIn);
  if (typeof item === "string") return [{ type: "text", text: item }];
  return item && typeof item === "object" ? [/** @type {Segment} */ (item)] : [];
}

/** @param {Node} node @param {TextStyle} [style] @returns {Node} */
function styled(node, style = {}) {
  let outer = node;
  if (style.code && node.nodeType === 3) outer = wrap("code", outer);
  if (style.strike) outer = wrap("s", outer);
  if (style.underline) outer = wrap("u", outer);
  if (style.italic) outer = wrap("em", outer);
  if (style.bold) outer = wrap("strong", outer);
  return outer;
}

/** @param {string} tag @param {Node} node */
function wrap(tag, node) {
  const outer = document.createElement(tag);
  outer.append(node);
  return outer;
}

/** @param {string} tag @param {string} [className] @param {string} [text] @returns {HTMLElement} */
export function element(tag, className = "", text = "") {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

/** @param {import("./texts.js").TextKey|""} label @param {string} testid @param {() => void} act */
export function button(label, testid, act) {
  const node = /** @type {HTMLButtonElement} */ (element("button", "link", label && text(label)));
  node.type = "button";
  node.dataset.testid = testid;
  node.addEventListener("click", act);
  return node;
}

/** @param {string} name one of the symbols of the frame's page @returns {SVGElement} */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = /** @type {SVGElement} */ (document.createElementNS(space, "svg"));
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** A person's photo, or their initials where there is none or it does not load.
 * @param {Author} author */
export function face(author) {
  const node = element("span", "face", initials(author.name ?? ""));
  node.setAttribute("aria-hidden", "true");
  const url = author.avatar_url ? safeUrl(new URL(author.avatar_url, location.href).href) : null;
  if (url) node.append(photo(url));
  return node;
}

/** @param {string} url */
function photo(url) {
  const image = /** @type {HTMLImageElement} */ (element("img"));
  image.alt = "";
  image.addEventListener("error", () => image.remove());
  image.src = url;
  return image;
}

/** @param {string} name */
export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words[words.length - 1] : ""]
    .map((word) => [...(word ?? "")][0] ?? "")
    .join("")
    .toUpperCase();
}
