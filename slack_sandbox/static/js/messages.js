// One message: face, name, text, reactions, thread, tools.

import { drawBlocks } from "./blocks.js";
import { clock, day, el, icon } from "./dom.js";
import { openMenu } from "./menu.js";
import { act } from "./net.js";

const QUICK = [["white_check_mark", "✅"], ["eyes", "👀"], ["thumbsup", "👍"], ["lock", "🔒"]];
const NOTES = new Set(["channel_join", "channel_leave", "channel_topic", "channel_name", "group_join", "group_leave"]);
const RUN_SECONDS = 300;

/**
 * @param {object[]} messages oldest first
 * @param {object} context see main.js
 * @param {boolean} inThread
 */
export function drawMessages(messages, context, inThread) {
  const nodes = [];
  messages.forEach((message, index) => {
    const before = messages[index - 1];
    const newDay = !inThread && day(message.ts) !== (before && day(before.ts));
    if (newDay) nodes.push(el("div", { class: "day" }, day(message.ts)));
    if (inThread && index === 1) nodes.push(el("div", { class: "count" }, counted(messages.length - 1)));
    nodes.push(drawMessage(message, context, inThread, !newDay && continues(message, before, inThread && index === 1)));
  });
  return nodes;
}

const counted = (n) => `${n} ${n === 1 ? "reply" : "replies"}`;

function continues(message, before, first) {
  return Boolean(before) && !first && !NOTES.has(before.subtype) && !before.reply_count && !before.only_for && !message.only_for
    && before.author.name === message.author.name && Number(message.ts) - Number(before.ts) < RUN_SECONDS;
}

export function drawMessage(message, context, inThread, compact) {
  if (NOTES.has(message.subtype)) return drawNote(message, context);
  const names = ["message", compact && "compact", message.only_for && "whisper"].filter(Boolean).join(" ");
  const data = { ts: message.ts, threadTs: message.thread_ts ?? "" };
  const left = compact ? el("span", { class: "small-time", "aria-hidden": "true" }, clock(message.ts)) : face(message.author);
  const node = el("article", { class: names, testid: "message", data, tabindex: "-1" }, left);
  node.append(el("div", {}, !compact && byline(message), body(message, context), ...below(message, context, inThread)));
  if (message.subtype !== "tombstone" && !message.only_for) node.append(tools(message, context, inThread, node));
  return node;
}

function drawNote(message, context) {
  const text = String(message.text).replace(/<@(\w+)>/g, (_, id) => context.person(id));
  return el("div", { class: "line-note", testid: "system-line" }, message.subtype === "channel_topic" ? `${context.person(message.user)} ${text}` : text);
}

function face(author) {
  if (author.emoji || !author.image) {
    return el("div", { class: "face letter", "aria-hidden": "true" }, author.emoji || author.name.slice(0, 1).toUpperCase());
  }
  const image = el("img", { class: "face", src: author.image, alt: "", loading: "lazy" });
  image.addEventListener("error", () => image.replaceWith(face({ ...author, image: "" })));
  return image;
}

function byline(message) {
  const tag = message.author.app && el("span", { class: "app-tag" }, "APP");
  const whisper = message.only_for && el("span", { class: "whisper-note" }, "Only visible to you");
  const time = el("time", { datetime: new Date(Number(message.ts) * 1000).toISOString() }, clock(message.ts));
  return el("div", { class: "byline" }, el("b", { testid: "message-author" }, message.author.name), tag, time, whisper);
}

function body(message, context) {
  if (message.subtype === "tombstone") return el("div", { class: "text gone", testid: "message-text" }, "This message was deleted.");
  const press = (action, node) => pressed(message, action, node, context);
  const suggest = (element, query) => suggested(message, element, query, context);
  const drawing = { ...context, press, suggest };
  const text = el("div", { class: "text", testid: "message-text" }, drawBlocks(message.drawn, drawing));
  for (const file of message.files ?? []) text.append(drawFile(file));
  for (const preview of message.previews ?? []) text.append(el("div", { class: "unfurl", testid: "unfurl", data: { url: preview.url } }, drawBlocks(preview.blocks, drawing)));
  for (const prompt of message.prompts ?? []) if (prompt.user === context.me().user) text.append(drawPrompt(message, prompt, context));
  if (message.edited) text.append(el("span", { class: "edited", testid: "message-edited" }, "(edited)"));
  return text;
}

/** The app wants the person to sign in first; nobody else sees it. */
function drawPrompt(message, prompt, context) {
  const dismiss = (never) => context.attempt(act("dismiss", { ...context.me(), channel: message.channel, ts: message.ts, never }));
  const words = prompt.blocks.length ? drawBlocks(prompt.blocks, context) : el("p", {}, `Connect your ${context.app()} account to see a preview of this link.`);
  const link = prompt.url && !prompt.message && el("a", { class: "action primary", href: prompt.url, target: "_blank", rel: "noopener noreferrer", testid: "unfurl-connect" }, "Connect account");
  return el("div", { class: "unfurl", testid: "unfurl-auth" }, el("p", { class: "whisper-note" }, "Only visible to you"), words, el("div", { class: "block-actions" }, link,
    el("button", { type: "button", class: "action", testid: "unfurl-not-now", onclick: () => dismiss(false) }, "Not now"),
    el("button", { type: "button", class: "action", testid: "unfurl-never", onclick: () => dismiss(true) }, "Never ask me again")));
}

async function suggested(message, element, query, context) {
  const told = await act("suggest", { ...context.me(), channel: message.channel, ts: message.ts, action_id: element.action_id, query });
  if (told.problem) throw new Error(told.sentence);
  return told.options;
}

function drawFile(file) {
  if (file.mode === "tombstone") return el("div", { class: "file gone", testid: "file" }, "This file was deleted.");
  if (!file.name) return el("div", { class: "file gone", testid: "file" }, "This file cannot be shown here.");
  const link = file.is_external ? file.url_private : `/_page/files/${file.id}`;
  const picture = /^image\/(png|jpeg|gif|webp)$/.test(file.mimetype) && !file.is_external;
  const label = el("span", {}, el("b", {}, file.title), el("small", {}, `${file.pretty_type} · ${Math.ceil(file.size / 1024)} kB`));
  return el("a", { class: picture ? "file picture" : "file", href: link, target: "_blank", rel: "noreferrer", testid: "file", data: { file: file.id } },
    picture ? el("img", { src: link, alt: file.title, loading: "lazy" }) : icon("file", 28), label);
}

async function pressed(message, action, node, context) {
  node.disabled = true;
  node.parentElement.querySelector(".action-problem")?.remove();
  let problem = "";
  try {
    const told = await act("click", { ...context.me(), channel: message.channel, ts: message.ts, ...action });
    if (told.problem) problem = "The app did not answer. Try again.";
  } catch (error) {
    problem = error.message;
  }
  node.disabled = false;
  if (problem) node.after(el("span", { class: "action-problem", role: "alert", testid: "action-problem" }, problem));
}

function below(message, context, inThread) {
  const replies = !inThread && message.reply_count;
  return [
    message.reactions.length > 0 && el("div", { class: "reactions" }, ...message.reactions.map((one) => drawReaction(one, message, context))),
    replies && el("button", { class: "thread-open", testid: "thread-open", onclick: () => context.openThread(message.ts) },
      icon("thread", 16), counted(replies), el("small", {}, `last at ${clock(message.latest_reply)}`)),
  ].filter(Boolean);
}

function drawReaction(one, message, context) {
  const mine = one.users.includes(context.me().user);
  const names = one.users.map(context.person).join(", ");
  const data = { name: one.name };
  return el("button", { class: `reaction ${mine ? "mine" : ""}`, title: `${names} – :${one.name}:`, testid: "reaction", data,
    onclick: () => react(message, one.name, context) }, one.glyph || `:${one.name}:`, ` ${one.count}`);
}

const react = (message, name, context) => context.attempt(act("react", { ...context.me(), channel: message.channel, ts: message.ts, name }));

function tools(message, context, inThread, node) {
  const tool = (label, testid, content, onclick) => el("button", { "aria-label": label, title: label, testid, onclick }, content);
  const quick = QUICK.map(([name, glyph]) => tool(`React with ${name}`, `react-${name}`, glyph, () => react(message, name, context)));
  const thread = !inThread && tool("Reply in thread", "thread-reply", icon("thread"), () => context.openThread(message.thread_ts || message.ts));
  const mine = message.user === context.me().user;
  const edit = mine && tool("Edit message", "edit", icon("pencil"), () => startEdit(message, context, node));
  const remove = mine && tool("Delete message", "delete", icon("bin"), () =>
    context.attempt(act("delete", { ...context.me(), channel: message.channel, ts: message.ts })));
  const more = tool("More actions", "more-actions", icon("more"), (event) => openMenu(event.currentTarget, context.shortcuts("message").map((one) => ({
    label: `${one.name} – ${context.app()}`, testid: `shortcut-${one.callback_id}`, run: () => context.shortcut(one, { channel: message.channel, ts: message.ts }) }))));
  return el("div", { class: "tools" }, ...quick, thread, edit, remove, context.shortcuts("message").length > 0 && more);
}

function startEdit(message, context, node) {
  const text = node.querySelector(".text");
  const area = el("textarea", { "aria-label": "Edit message", testid: "edit-box" });
  area.value = message.text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  const cancel = () => { box.replaceWith(text); context.redraw(); };
  const save = () => {
    const asked = { ...context.me(), channel: message.channel, ts: message.ts, text: area.value };
    cancel();
    context.attempt(act("edit", asked));
  };
  const box = el("form", { class: "edit-box", onsubmit: (event) => { event.preventDefault(); save(); } }, area, el("div", {},
    el("button", { type: "button", class: "action", onclick: cancel }, "Cancel"),
    el("button", { class: "action primary", testid: "edit-save" }, "Save")));
  area.addEventListener("keydown", (event) => { if (event.key === "Escape") cancel(); });
  text.replaceWith(box);
  area.focus();
}
