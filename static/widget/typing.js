/** Who is typing, on both sides. A word about it counts for some seconds: the end of typing is never told. */
import { text } from "./texts.js";

const SHOWN = 6_000;
const TOLD_EVERY = 3_000;

/** @param {HTMLElement} box @param {HTMLElement} words @param {string} company */
export function showTyping(box, words, company) {
  /** @type {any} */
  let timer = null;
  const hide = () => {
    clearTimeout(timer);
    box.hidden = true;
    words.textContent = "";
  };
  return {
    hide,
    /** @param {Author} author */
    show: (author) => {
      clearTimeout(timer);
      words.textContent = text("typing", { who: author?.name || company });
      box.hidden = false;
      timer = setTimeout(hide, SHOWN);
    },
  };
}

/** @param {() => boolean} tell says whether anybody could be told yet @param {() => number} [now] */
export function tellTyping(tell, now = Date.now) {
  let told = -Infinity;
  return () => {
    if (now() - told < TOLD_EVERY) return;
    if (tell()) told = now();
  };
}
