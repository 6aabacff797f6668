// What people and admins do with a channel, and with the app in it.
import { el } from "./dom.js";
import { act } from "./net.js";

/**
 * @param {{team: object, channel: object, user: string, app: string}} state
 * @param {(problem: Error) => void} tellProblem
 */
export function channelMenu(state, tellProblem) {
  const options = Object.entries(choices(state)).map(([value, label]) => el("option", { value }, label));
  const first = el("option", { value: "" }, "⋯");
  return el("select", { class: "channel-menu", "aria-label": "Channel", testid: "channel-menu", onchange: chosen }, first, ...options);

  async function chosen(event) {
    const { value } = event.target;
    event.target.value = "";
    const asked = { team: state.team.id, channel: state.channel.id };
    if (value === "rename") {
      const name = window.prompt("New name of this channel", state.channel.name);
      if (!name) return;
      asked.name = name;
    }
    if (value === "invite") asked.by = state.user;
    await act(value, asked).catch(tellProblem);
  }
}

function choices({ team, channel, app }) {
  const bot = team.people.find((one) => one.bot && one.name === app);
  const found = {};
  if (team.installed && bot && !channel.archived) {
    if (channel.members.includes(bot.id)) found.kick = `Remove ${app} from this channel`;
    else found.invite = `Invite ${app} to this channel`;
  }
  if (channel.archived) return { ...found, unarchive: "Unarchive", delete_channel: "Delete for everyone" };
  found.rename = "Rename…";
  if (!channel.private) found.make_private = "Make private";
  return { ...found, archive: "Archive", delete_channel: "Delete for everyone" };
}
