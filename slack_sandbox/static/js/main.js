// The page: who you are, which channel, which thread; kept in the address, live by server-sent events.

import { channelMenu } from "./channel_menu.js";
import { composer } from "./composer.js";
import { el, icon } from "./dom.js";
import { draftChanged, refreshPreviews } from "./draft_links.js";
import { drawMessages } from "./messages.js";
import { drawHome, refreshModal } from "./modal.js";
import { act, hand, look, watch } from "./net.js";
import { drawRail } from "./rail.js";

const app = document.getElementById("app");
const state = { teams: [], commands: [], shortcuts: [], team: null, user: "", channel: null, home: false, thread: "", messages: [], replies: [], older: false, unread: new Set(), drafts: {}, alive: true };
let stop = () => {};

const context = {
  me: () => ({ team: state.team.id, user: state.user }),
  person: (id) => state.team.people.find((one) => one.id === id)?.name ?? "someone",
  channel: (id) => state.team.channels.find((one) => one.id === id)?.name ?? "private channel",
  openThread: (ts) => go({ thread: ts }),
  redraw: () => drawPanes(),
  attempt: (promise) => promise.catch(tellProblem),
  team: () => state.team,
  app: () => state.app,
  shortcuts: (kind) => (state.team.installed ? state.shortcuts.filter((one) => one.kind === kind) : []),
  shortcut: (one, where) => context.attempt(act("shortcut", { ...context.me(), callback_id: one.callback_id, ...where }).then(answered)),
};

function answered(told) {
  if (told.problem) throw new Error("The app did not answer. Try again.");
}

function tellProblem(error) {
  const pane = document.querySelector(state.thread ? "#thread" : "#channel");
  pane.querySelector(".problem")?.remove();
  pane.querySelector(".scroll")?.after(el("p", { class: "problem", role: "alert", testid: "problem" }, error.message));
}

// --- the address -----------------------------------------------------------------------------------------------------

function readAddress() {
  const [, , team, channel] = location.pathname.split("/");
  const query = new URLSearchParams(location.search);
  state.team = state.teams.find((one) => one.id === team) ?? state.teams.find((one) => one.installed) ?? state.teams[0];
  const humans = state.team.people.filter((one) => !one.bot);
  const wanted = query.get("user") ?? recall(`user-${state.team.id}`);
  state.user = (humans.find((one) => one.id === wanted || one.handle === wanted) ?? humans[1] ?? humans[0])?.id ?? "";
  state.home = channel === "app";
  state.channel = state.home ? null : state.team.channels.find((one) => one.id === channel) ?? firstChannel();
  state.thread = query.get("thread") ?? "";
}

function firstChannel() {
  const mine = state.team.channels.filter((one) => !one.im && !one.archived);
  return mine.find((one) => !["general", "random"].includes(one.name)) ?? mine[0] ?? null;
}

function recall(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

function remember(key, value) {
  try { localStorage.setItem(key, value); } catch { /* the address remembers as well */ }
}

async function go(change) {
  if (change.team && change.team !== state.team.id) change = { ...change, channel: "", thread: "", user: recall(`user-${change.team}`) ?? "" };
  if ("channel" in change && !("thread" in change)) change.thread = "";
  const next = { team: state.team.id, channel: state.home ? "app" : state.channel?.id ?? "", thread: state.thread, user: state.user, ...change };
  const query = new URLSearchParams(Object.entries({ user: next.user, thread: next.thread }).filter(([, value]) => value));
  const path = ["/client", next.team, next.channel].filter(Boolean).join("/");
  history.pushState(null, "", `${path}?${query}`);
  app.dataset.view = change.team || change.user ? "rail" : "channel";
  if (change.user) remember(`user-${next.team}`, change.user);
  await show();
}

async function show() {
  const before = state.team?.id;
  readAddress();
  if (state.team.id !== before) listen();
  await Promise.all([loadChannel(), loadThread()]);
  state.unread.delete(state.channel?.id);
  draw();
  if (state.home) await context.attempt(act("open_home", context.me()));
  await refreshModal(context);
}

// --- loading -----------------------------------------------------------------------------------------------------------

async function loadTeams() {
  Object.assign(state, await look("teams"));
}

async function loadChannel() {
  if (!state.channel) return;
  const asked = { ...context.me(), channel: state.channel.id };
  const told = await look("messages", asked);
  if (asked.channel === state.channel?.id) Object.assign(state, { messages: told.messages, older: told.older });
}

async function loadThread() {
  state.replies = [];
  if (!state.thread || !state.channel) return;
  state.replies = (await look("messages", { ...context.me(), channel: state.channel.id, thread_ts: state.thread })).messages;
}

function listen() {
  stop();
  stop = watch(state.team.id, changed, async (alive, again) => {
    state.alive = alive;
    if (alive && again) {
      await loadTeams();
      await show();
    } else drawTheRail();
  });
}

async function changed(change) {
  if (change.type === "message") upsert(change.message);
  if (change.type === "deleted") remove(change);
  if (change.type === "previews" && change.user === state.user) await refreshPreviews(context);
  if (change.type === "modal" && change.user === state.user) await refreshModal(context);
  if (change.type === "home" && change.user === state.user && state.home) fillHome();
  if (change.type !== "channels") return;
  await loadTeams();
  const here = state.channel?.id;
  readAddress();
  if (state.channel?.id !== here) await show();
  else draw();
}

function upsert(message) {
  if (message.only_for && message.only_for !== state.user) return;
  if (message.channel !== state.channel?.id) {
    if (message.user !== state.user) state.unread.add(message.channel);
    return drawTheRail();
  }
  const reply = message.thread_ts && message.thread_ts !== message.ts;
  if (!reply || message.subtype === "thread_broadcast") put(state.messages, message);
  if (state.thread && (message.thread_ts === state.thread || message.ts === state.thread)) put(state.replies, message);
  drawPanes();
}

function put(list, message) {
  const at = list.findIndex((one) => one.ts === message.ts);
  if (at >= 0) list[at] = message;
  else list.splice(list.findLastIndex((one) => Number(one.ts) < Number(message.ts)) + 1, 0, message);
}

function remove(change) {
  state.messages = state.messages.filter((one) => one.ts !== change.ts || change.channel !== state.channel?.id);
  state.replies = state.replies.filter((one) => one.ts !== change.ts);
  drawPanes();
}

// --- drawing -----------------------------------------------------------------------------------------------------------

function draw() {
  drawTheRail();
  app.classList.toggle("with-thread", Boolean(state.thread));
  drawHeads();
  drawPanes();
}

const drawTheRail = () => drawRail(document.getElementById("rail"), state, context, go);

function drawHeads() {
  const pane = document.getElementById("channel");
  const thread = document.getElementById("thread");
  pane.replaceChildren(channelHead(), el("div", { class: "scroll", testid: "messages" }), channelFoot());
  thread.hidden = !state.thread;
  thread.replaceChildren();
  if (state.thread) thread.replaceChildren(threadHead(), el("div", { class: "scroll", testid: "thread-messages" }), threadFoot());
  document.title = `${state.channel || state.home ? title() : "Channels"} – ${state.team.name} – Slack sandbox`;
}

function title() {
  if (state.home) return state.app;
  return state.channel.im ? state.app : state.channel.name;
}

function channelHead() {
  const menu = el("button", { class: "round back", "aria-label": "Channels", testid: "open-rail", onclick: () => { app.dataset.view = "rail"; } }, icon("menu"));
  if (state.home) return el("header", { class: "pane-head" }, menu, el("div", {}, el("h1", { testid: "channel-title" }, state.app), el("p", {}, "Home")));
  if (!state.channel) return el("header", { class: "pane-head" }, menu);
  const symbol = !state.channel.im && icon(state.channel.private ? "lock" : "hash");
  const members = `${state.channel.members.length} ${state.channel.members.length === 1 ? "member" : "members"}`;
  return el("header", { class: "pane-head" }, menu,
    el("div", {}, el("h1", { testid: "channel-title" }, symbol, title()), state.channel.topic && el("p", {}, state.channel.topic)),
    el("span", { class: "faces" }, el("span", {}, members)), !state.channel.im && channelMenu(state, tellProblem));
}

function channelFoot() {
  if (!state.channel) return "";
  if (state.channel.archived) return el("p", { class: "notice" }, "This channel is archived. Nobody can write here any more.");
  return box(`Message ${state.channel.im ? "" : "#"}${title()}`, "composer", "send", `c${state.channel.id}`, {});
}

function threadHead() {
  const close = el("button", { class: "round", "aria-label": "Close thread", testid: "thread-close", onclick: () => go({ thread: "" }) }, icon("close"));
  return el("header", { class: "pane-head" }, el("div", {}, el("h1", {}, "Thread"), el("p", {}, `in ${title()}`)), close);
}

function threadFoot() {
  if (state.channel.archived) return el("p", { class: "notice" }, "This channel is archived.");
  return box("Reply…", "thread-composer", "thread-send", `t${state.thread}`, { thread_ts: state.thread });
}

function box(label, testid, sendTestid, key, more) {
  const asked = { channel: state.channel.id, ...more };
  return composer({
    label, testid, sendTestid, draft: state.drafts[key] ?? "",
    commands: state.team.installed ? state.commands : [],
    shortcuts: more.thread_ts ? [] : context.shortcuts("global").map((one) => ({ label: `${one.name} – ${state.app}`, testid: `shortcut-${one.callback_id}`, run: () => context.shortcut(one, {}) })),
    onDraft: (text) => { state.drafts[key] = text; draftChanged(text, context); },
    send: (text, files) => say({ ...context.me(), ...asked, text }, files).catch((error) => { tellProblem(error); throw error; }),
  });
}

async function say(asked, chosen) {
  if (/^\/[a-z]/.test(asked.text)) {
    await act("command", asked);
    return;
  }
  const files = await Promise.all(chosen.map((file) => hand(file, { team: asked.team, user: asked.user, channel: asked.channel })));
  await act("say", { ...asked, files });
}

async function fillHome() {
  const home = await drawHome(context, state.app);
  if (state.home) document.querySelector("#channel .scroll")?.replaceChildren(home);
}

function drawPanes() {
  if (state.home) return void fillHome();
  fill(document.querySelector("#channel .scroll"), state.messages, false);
  if (state.thread) fill(document.querySelector("#thread .scroll"), state.replies, true);
}

function fill(pane, messages, inThread) {
  if (!pane || pane.querySelector(".edit-box")) return; // nothing moves under a person who edits
  const atEnd = pane.scrollHeight - pane.scrollTop - pane.clientHeight < 60;
  const older = !inThread && state.older && el("p", { class: "older" }, "Older messages are not shown here.");
  pane.replaceChildren(...(messages.length ? [older, ...drawMessages(messages, context, inThread)].filter(Boolean) : [emptyState()]));
  if (!atEnd) return;
  toEnd(pane);
  const end = pane.scrollTop;
  // A picture has its height only when it is there; whoever went up meanwhile stays where they are.
  for (const image of pane.querySelectorAll("img")) image.addEventListener("load", () => pane.scrollTop >= end && toEnd(pane));
}

function toEnd(pane) {
  pane.scrollTop = pane.scrollHeight;
}

function emptyState() {
  const [head, text] = state.channel
    ? ["Nothing here yet", state.team.installed ? "Messages show up the moment they are written." : "Install the app to see its messages here."]
    : ["No channels", "This workspace has no channels yet."];
  return el("div", { class: "empty", testid: "empty-state" }, el("h2", {}, head), el("p", {}, text));
}

window.addEventListener("popstate", show);
await loadTeams();
await show();
document.body.dataset.ready = "true";
