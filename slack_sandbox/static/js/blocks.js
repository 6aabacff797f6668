// Draws Block Kit and rich text. Every text arrives already taken apart into leaves.

import { confirmed } from "./confirm.js";
import { el } from "./dom.js";
import { drawControl } from "./fields.js";

const MARKS = [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"], ["underline", "u"]];

/**
 * @param {object[]} blocks
 * @param {{person: (id: string) => string, channel: (id: string) => string, press: (action: object, node: HTMLElement) => void,
 *          input?: (block: object) => HTMLElement}} context `input` draws input blocks, which only modals and Home tabs have
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
  header: (block) => el("div", { class: "block-header", role: "heading", "aria-level": "2" }, block.text.text),
  divider: () => el("hr", { class: "block-divider" }),
  image: (block) => el("img", { class: "block-image", src: block.image_url, alt: block.alt_text }),
  markdown: (block) => el("div", { class: "para" }, block.text),
  context: (block, context) => el("div", { class: "block-context" }, ...block.elements.map((one) => drawText(one, context))),
  actions: (block, context) => el("div", { class: "block-actions" }, ...block.elements.map((one) => drawAction(one, within(block, context)))),
  input: (block, context) => context.input?.(block) ?? el("div", { class: "gone" }, "An input block"),
  section: drawSection,
  video: (block) => el("a", { href: block.title_url ?? block.video_url, target: "_blank", rel: "noopener noreferrer" }, block.title.text),
};

/** Several blocks may have an element of the same name. */
const within = (block, context) => ({ ...context, press: (action, node) => context.press({ block_id: block.block_id, ...action }, node) });

function drawSection(block, context) {
  const fields = block.fields && el("div", { class: "fields" }, ...block.fields.map((one) => drawText(one, context)));
  const body = el("div", { class: "body" }, block.text && drawText(block.text, context), fields);
  return el("div", { class: "block-section" }, body, block.accessory && drawAction(block.accessory, within(block, context)));
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
  if (leaf.type === "emoji") return leaf.url ? el("img", { class: "emoji", src: leaf.url, alt: `:${leaf.name}:`, title: `:${leaf.name}:` }) : document.createTextNode(glyph(leaf));
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
  if (element.type === "overflow" || (element.type === "static_select" && !context.input)) return drawMenu(element, context);
  const control = drawControl(element, { ...context, changed: (value) => asked(element, () => context.press({ action_id: element.action_id, value }, control.node)) });
  context.keep?.(element, control);
  return control.node;
}

function drawButton(element, context) {
  const press = (event) => {
    const node = event.currentTarget;
    if (element.url) window.open(element.url, "_blank", "noopener");
    asked(element, () => context.press({ action_id: element.action_id }, node));
  };
  const data = { actionId: element.action_id };
  return el("button", { type: "button", class: `action ${element.style ?? ""}`, testid: "block-action", data, onclick: press }, element.text.text);
}

/** Acts at once, or after the element's own question was answered with yes. */
async function asked(element, then) {
  const { confirm } = element;
  if (!confirm) return then();
  const texts = { title: plain(confirm.title), text: plain(confirm.text), confirm: plain(confirm.confirm), deny: plain(confirm.deny) };
  if (await confirmed({ ...texts, style: confirm.style })) then();
}

export const plain = (text) => text.text ?? text.elements.flatMap((one) => one.elements).map((leaf) => leaf.text ?? leaf.url ?? "").join("");

function drawMenu(element, context) {
  const first = element.type === "overflow" ? "⋯" : element.placeholder?.text ?? "Choose";
  const drawn = (option) => el("option", { value: option.value, selected: element.initial_option?.value === option.value }, plain(option.text));
  const groups = (element.option_groups ?? []).map((group) => el("optgroup", { label: plain(group.label) }, ...group.options.map(drawn)));
  const options = [...(element.options ?? []).map(drawn), ...groups];
  const picked = (event) => {
    const value = event.target.value;
    const node = event.target;
    if (element.type === "overflow") node.selectedIndex = 0;
    asked(element, () => context.press({ action_id: element.action_id, value }, node));
  };
  const props = { class: `action ${element.type}`, "aria-label": first === "⋯" ? "More" : first, testid: "block-menu", data: { actionId: element.action_id }, onchange: picked };
  return el("select", props, el("option", { value: "", disabled: true, selected: !element.initial_option, hidden: true }, first), ...options);
}
