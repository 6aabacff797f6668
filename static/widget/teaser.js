/**
 * What the team says first, as a bubble beside the launcher while the panel is closed (C7). The frame itself is the
 * bubble: no word of a chat reaches the page around. Whoever has dismissed or opened it sees it no more, in any tab.
 */
import { config, fits, part } from "./look.js";
import { face } from "./render.js";
import { firstWord } from "./store.js";
import { text } from "./texts.js";

// what is in a frame that was not shown a moment ago is not read out
const READ_OUT_AFTER = 500;

/** @param {TeaserOptions} options */
export function keepTeaser({ notes, host, tabs, reading, state, isOpen }) {
  const box = part("teaser");
  const [press, cross, icon, who] = ["press", "cross", "face", "who"].map((name) => part(`teaser-${name}`));
  const [words, does, said] = ["words", "does", "said"].map((name) => part(`teaser-${name}`));
  let drawn = "";
  const forget = () => notes.set("teased", state().chat?.id ?? null);
  const wanted = () =>
    fits && !isOpen() && reading.unread() > 0 && notes.get("teased") !== state().chat?.id
      ? firstWord(state())
      : undefined;
  const tellHeight = () => host.tell("teaser", { height: box.offsetHeight });
  const draw = () => {
    const message = wanted();
    const now = message ? message.id + message.body : "";
    if (now === drawn) return;
    drawn = now;
    document.documentElement.toggleAttribute("data-teased", Boolean(message));
    box.hidden = !message;
    said.textContent = "";
    if (message) fill(message);
  };
  /** @param {Message} message */
  const fill = ({ author, body }) => {
    icon.replaceChildren(face(author));
    who.textContent = author.name || config.company;
    words.textContent = body;
    does.textContent = text("launcherOpen");
    const line = `${text("said", { who: who.textContent })} ${body}`;
    setTimeout(() => box.hidden || (said.textContent = line), READ_OUT_AFTER);
  };
  const dismiss = () => {
    forget();
    tabs.tell("read");
    draw();
  };
  press.addEventListener("click", () => host.tell("open"));
  cross.addEventListener("click", dismiss);
  box.addEventListener("keydown", (event) => event.key === "Escape" && dismiss());
  new ResizeObserver(tellHeight).observe(box);
  return {
    draw,
    /** The launcher is there only now. */
    tellHeight,
    /** The panel is open. */
    opened: () => {
      forget();
      draw();
    },
  };
}
