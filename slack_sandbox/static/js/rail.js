// The rail: workspace, who you are, channels.

import { el, icon } from "./dom.js";

/**
 * @param {HTMLElement} rail
 * @param {object} state see main.js
 * @param {object} context
 * @param {(change: object) => void} go
 */
export function drawRail(rail, state, context, go) {
  const list = rail.querySelector(".rail-list")?.scrollTop ?? 0;
  rail.replaceChildren(switches(state, go), channels(state, context, go), foot(state));
  rail.querySelector(".rail-list").scrollTop = list;
}

function switches(state, go) {
  const teams = state.teams.map((team) => el("option", { value: team.id, selected: team.id === state.team.id }, team.name));
  const humans = state.team.people.filter((person) => !person.bot);
  const people = humans.map((one) => el("option", { value: one.id, selected: one.id === state.user }, one.title ? `${one.name} – ${one.title}` : one.name));
  return el("div", { class: "rail-top" },
    el("label", {}, "Workspace", el("select", { testid: "team-switch", onchange: (event) => go({ team: event.target.value }) }, ...teams)),
    el("label", {}, "You are", el("select", { testid: "person-switch", onchange: (event) => go({ user: event.target.value }) }, ...people)));
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
  return el("div", { class: "rail-list" }, ...parts);
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
