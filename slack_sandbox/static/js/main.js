// The page: who you are, which channel, which thread; kept in the address, live by server-sent events.

import { composer } from "./composer.js";
import { el, icon } from "./dom.js";
import { drawMessages } from "./messages.js";
import { act, look, watch } from "./net.js";
import { drawRail } from "./rail.js";

const app = document.getElementById("app");
const state = { teams: [], team: null, user: "", channel: null, thread: "", messages: [], replies: [], older: false, unread: new Set(), drafts: {}, alive: true };
let stop = () => {};

const context = {
  me: () => ({ team: state.team.id, user: state.user }),
  person: (id) => state.team.people.find((one) => one.id === id)?.name ?? "someone",
  channel: (id) => state.team.channels.find((one) => one.id === id)?.name ?? "private channel",
  openThread: (ts) => go({ thread: ts }),
  redraw: () => drawPanes(),
  attempt: (promise) => promise.catch(tellProblem),
};

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
  state.channel = state.team.channels.find((one) => one.id === channel) ?? firstChannel();
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
  const next = { team: state.team.id, channel: state.channel?.id ?? "", thread: state.thread, user: state.user, ...change };
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
  document.title = `${state.channel ? title() : "Channels"} – ${state.team.name} – Slack sandbox`;
}

function title() {
  return state.channel.im ? state.app : state.channel.name;
}

function channelHead() {
  const menu = el("button", { class: "round back", "aria-label": "Channels", testid: "open-rail", onclick: () => { app.dataset.view = "rail"; } }, icon("menu"));
  if (!state.channel) return el("header", { class: "pane-head" }, menu);
  const symbol = !state.channel.im && icon(state.channel.private ? "lock" : "hash");
  const members = `${state.channel.members.length} ${state.channel.members.length === 1 ? "member" : "members"}`;
  return el("header", { class: "pane-head" }, menu,
    el("div", {}, el("h1", { testid: "channel-title" }, symbol, title()), state.channel.topic && el("p", {}, state.channel.topic)),
    el("span", { class: "faces" }, el("span", {}, members)));
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
    onDraft: (text) => { state.drafts[key] = text; },
    send: (text) => act("say", { ...context.me(), ...asked, text }).catch((error) => { tellProblem(error); throw error; }),
  });
}

function drawPanes() {
  fill(document.querySelector("#channel .scroll"), state.messages, false);
  if (state.thread) fill(document.querySelector("#thread .scroll"), state.replies, true);
}

function fill(pane, messages, inThread) {
  if (!pane || pane.querySelector(".edit-box")) return; // nothing moves under a person who edits
  const atEnd = pane.scrollHeight - pane.scrollTop - pane.clientHeight < 60;
  const older = !inThread && state.older && el("p", { class: "older" }, "Older messages are not shown here.");
  pane.replaceChildren(...(messages.length ? [older, ...drawMessages(messages, context, inThread)].filter(Boolean) : [emptyState()]));
  if (atEnd) pane.scrollTop = pane.scrollHeight;
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
