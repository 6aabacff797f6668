/** Who is there: the team's faces and one line about it. */
import { face } from "./face.js";
import { text } from "./texts.js";

const FACES = 3;

/** @param {{faces: HTMLElement, line: HTMLElement}} parts */
export function keepHeader({ faces, line }) {
  let drawn = "";
  /** @param {{agents: Author[], online: boolean|null}} state @param {boolean} live */
  return (state, live) => {
    const known = live && state.online !== null;
    line.textContent = known ? text(state.online ? "online" : "away") : "";
    line.dataset.online = String(known && state.online);
    const agents = state.agents.slice(0, FACES);
    if (JSON.stringify(agents) === drawn) return;
    drawn = JSON.stringify(agents);
    faces.replaceChildren(...agents.map(face));
  };
}
