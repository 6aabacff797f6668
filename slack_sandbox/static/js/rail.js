// The rail: workspace, who you are, channels.

import { el, icon } from "./dom.js";
import { act } from "./net.js";

/**
 * @param {HTMLElement} rail
 * @param {object} state see main.js
 * @param {object} context
 * @param {(change: object) => void} go
 */
export function drawRail(rail, state, context, go) {
  const list = rail.querySelector(".rail-list")?.scrollTop ?? 0;
  rail.replaceChildren(switches(state, context, go), channels(state, context, go), foot(state));
  rail.querySelector(".rail-list").scrollTop = list;
}

function switches(state, context, go) {
  const teams = state.teams.map((team) => el("option", { value: team.id, selected: team.id === state.team.id }, team.name));
  const humans = state.team.people.filter((person) => !person.bot);
  const people = humans.map((one) => el("option", { value: one.id, selected: one.id === state.user }, [one.name, one.mark || one.title].filter(Boolean).join(" – ")));
  return el("div", { class: "rail-top" },
    el("label", {}, "Workspace", el("select", { testid: "team-switch", onchange: (event) => go({ team: event.target.value }) }, ...teams)),
    el("label", {}, "You are", el("select", { testid: "person-switch", onchange: (event) => go({ user: event.target.value }) }, ...people)),
    presence(humans.find((one) => one.id === state.user), state, context));
}

/** Slack's green dot; the app has to ask for it. */
function presence(me, state, context) {
  if (!me || me.mark) return "";
  const other = me.presence === "active" ? "away" : "active";
  const change = () => context.attempt(act("presence", { team: state.team.id, user: me.id, presence: other }));
  const dot = el("span", { class: `live ${me.presence === "active" ? "" : "lost"}` });
  return el("button", { class: "presence", testid: "presence", data: { presence: me.presence }, title: `Set yourself ${other}`, onclick: change },
    dot, me.presence === "active" ? "Active" : "Away");
}

function channels(state, context, go) {
  const seen = state.team.channels.filter((one) => !one.im && (!one.private || one.members.includes(state.user)));
  const sorted = seen.sort((a, b) => Number(a.archived) - Number(b.archived) || a.name.localeCompare(b.name));
  const direct = state.team.channels.filter((one) => one.im && one.im_user === state.user);
  const parts = [el("h2", {}, "Channels"), el("ul", {}, ...sorted.map((one) => link(one, one.name, icon(one.private ? "lock" : "hash", 16), state, go)))];
  if (direct.length) {
    const bot = state.team.people.find((one) => one.bot);
    const image = () => (bot ? el("img", { src: bot.image, alt: "" }) : null);
    parts.push(el("h2", {}, "Direct messages"), el("ul", {}, ...direct.map((one) => link(one, state.app, image(), state, go))));
  }
  if (state.team.installed) parts.push(el("h2", {}, "Apps"), el("ul", {}, homeLink(state, go)));
  return el("div", { class: "rail-list" }, ...parts);
}

function homeLink(state, go) {
  const bot = state.team.people.find((one) => one.bot);
  const open = (event) => { event.preventDefault(); go({ channel: "app" }); };
  return el("li", {}, el("a", { class: "channel-link", href: `/client/${state.team.id}/app?user=${state.user}`, testid: "open-home", "aria-current": state.home ? "page" : null, onclick: open },
    bot && el("img", { src: bot.image, alt: "" }), el("span", {}, state.app)));
}

function link(channel, name, symbol, state, go) {
  const current = channel.id === state.channel?.id;
  const names = ["channel-link", channel.archived && "archived", state.unread.has(channel.id) && "unread"].filter(Boolean).join(" ");
  const open = (event) => { event.preventDefault(); go({ channel: channel.id }); };
  const href = `/client/${state.team.id}/${channel.id}?user=${state.user}`;
  return el("li", {}, el("a", { class: names, href, testid: `channel-${name}`, "aria-current": current ? "page" : null, onclick: open },
    symbol, el("span", {}, name)));
}

function foot(state) {
  const text = state.alive ? "A stand-in for Slack, for trying things out." : "Connecting again…";
  return el("div", { class: "rail-foot", testid: "live", data: { alive: String(state.alive) } },
    el("span", { class: `live ${state.alive ? "" : "lost"}` }), text);
}
