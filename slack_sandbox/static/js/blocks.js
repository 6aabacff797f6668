// Draws Block Kit and rich text. Every text arrives already taken apart into leaves.

import { el } from "./dom.js";

const MARKS = [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"], ["underline", "u"]];

/**
 * @param {object[]} blocks
 * @param {{person: (id: string) => string, channel: (id: string) => string, press: (action: object, node: HTMLElement) => void}} context
 */
export function drawBlocks(blocks, context) {
  return el("div", { class: "card" }, ...blocks.map((block) => drawBlock(block, context)));
}

function drawBlock(block, context) {
  const draw = BLOCKS[block.type];
  return draw ? draw(block, context) : el("div", { class: "gone" }, `A ${block.type} block`);
}

const BLOCKS = {
  rich_text: (block, context) => el("div", {}, ...block.elements.map((one) => drawElement(one, context))),
  header: (block) => el("div", { class: "block-header", role: "heading", "aria-level": "3" }, block.text.text),
  divider: () => el("hr", { class: "block-divider" }),
  image: (block) => el("img", { class: "block-image", src: block.image_url, alt: block.alt_text }),
  markdown: (block) => el("div", { class: "para" }, block.text),
  context: (block, context) => el("div", { class: "block-context" }, ...block.elements.map((one) => drawText(one, context))),
  actions: (block, context) => el("div", { class: "block-actions" }, ...block.elements.map((one) => drawAction(one, context))),
  section: drawSection,
  video: (block) => el("a", { href: block.title_url ?? block.video_url, target: "_blank", rel: "noopener noreferrer" }, block.title.text),
};

function drawSection(block, context) {
  const fields = block.fields && el("div", { class: "fields" }, ...block.fields.map((one) => drawText(one, context)));
  const body = el("div", { class: "body" }, block.text && drawText(block.text, context), fields);
  return el("div", { class: "block-section" }, body, block.accessory && drawAction(block.accessory, context));
}

function drawText(text, context) {
  if (text.type === "image") return el("img", { src: text.image_url, alt: text.alt_text });
  if (text.type === "plain_text") return el("div", { class: "para" }, text.text);
  return el("div", {}, ...text.elements.map((one) => drawElement(one, context)));
}

function drawElement(element, context) {
  const inner = () => element.elements.map((leaf) => drawLeaf(leaf, context));
  if (element.type === "rich_text_preformatted") return el("pre", {}, ...inner());
  if (element.type === "rich_text_quote") return el("blockquote", {}, ...inner());
  if (element.type !== "rich_text_list") return el("div", { class: "para" }, ...inner());
  const items = element.elements.map((item) => el("li", {}, ...item.elements.map((leaf) => drawLeaf(leaf, context))));
  const list = el(element.style === "ordered" ? "ol" : "ul", { start: element.offset ? element.offset + 1 : null }, ...items);
  list.style.marginInlineStart = `${(element.indent ?? 0) * 22}px`;
  return list;
}

function drawLeaf(leaf, context) {
  let node = drawPlain(leaf, context);
  for (const [name, tag] of MARKS) if (leaf.style?.[name]) node = el(tag, {}, node);
  return node;
}

function drawPlain(leaf, context) {
  if (leaf.type === "link") {
    return el("a", { href: leaf.url, target: "_blank", rel: "noopener noreferrer" }, leaf.text || leaf.url);
  }
  if (leaf.type === "user") return mention(`@${context.person(leaf.user_id)}`);
  if (leaf.type === "channel") return mention(`#${context.channel(leaf.channel_id)}`);
  if (leaf.type === "broadcast") return mention(`@${leaf.range}`);
  if (leaf.type === "emoji") return document.createTextNode(glyph(leaf));
  return document.createTextNode(leaf.text ?? leaf.fallback ?? "");
}

const mention = (text) => el("span", { class: "mention" }, text);

function glyph(leaf) {
  if (!leaf.unicode) return `:${leaf.name}:`;
  const tone = leaf.skin_tone ? String.fromCodePoint(0x1f3fb + leaf.skin_tone - 2) : "";
  return String.fromCodePoint(...leaf.unicode.split("-").map((point) => parseInt(point, 16))) + tone;
}

function drawAction(element, context) {
  if (element.type === "button") return drawButton(element, context);
  if (element.type === "image") return el("img", { class: "face", src: element.image_url, alt: element.alt_text });
  if (element.options) return drawMenu(element, context);
  return el("button", { class: "action", disabled: true, title: "This sandbox draws it, but it cannot be used" }, element.placeholder?.text ?? element.type);
}

function drawButton(element, context) {
  const press = (event) => {
    if (element.confirm && !window.confirm(plain(element.confirm.title) + "\n\n" + plain(element.confirm.text))) return;
    if (element.url) window.open(element.url, "_blank", "noopener");
    context.press({ action_id: element.action_id }, event.currentTarget);
  };
  const data = { actionId: element.action_id };
  return el("button", { class: `action ${element.style ?? ""}`, testid: "block-action", data, onclick: press }, element.text.text);
}

const plain = (text) => text.text ?? text.elements.flatMap((one) => one.elements).map((leaf) => leaf.text ?? leaf.url ?? "").join("");

function drawMenu(element, context) {
  const first = element.type === "overflow" ? "⋯" : element.placeholder?.text ?? "Choose";
  const options = element.options.map((option) => el("option", { value: option.value }, plain(option.text)));
  const picked = (event) => {
    const value = event.target.value;
    event.target.selectedIndex = 0;
    context.press({ action_id: element.action_id, value }, event.target);
  };
  const props = { class: `action ${element.type}`, "aria-label": first === "⋯" ? "More" : first, testid: "block-menu", data: { actionId: element.action_id }, onchange: picked };
  return el("select", props, el("option", { value: "", disabled: true, selected: true, hidden: true }, first), ...options);
}
