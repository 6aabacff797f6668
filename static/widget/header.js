/**
 * Who is there: the team's faces and one line about it.
 * @typedef {import("./types.js").Author} Author
 */
import { face } from "./face.js";
import { text } from "./texts.js";

const FACES = 3;

/** @param {{faces: HTMLElement, line: HTMLElement}} parts */
export function keepHeader({ faces, line }) {
  let drawn = "";
  /** @param {{agents: Author[], online: boolean|null}} state */
  return (state) => {
    line.textContent = state.online === null ? "" : state.online ? text("online") : text("away");
    line.dataset.online = String(state.online);
    const agents = state.agents.slice(0, FACES);
    if (JSON.stringify(agents) === drawn) return;
    drawn = JSON.stringify(agents);
    faces.replaceChildren(...agents.map(face));
  };
}
