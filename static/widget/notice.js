/** One line above the composer that says what is wrong with the connection, in plain words, once it lasts. */
import { text, textOr } from "./texts.js";

const PATIENCE = 1_500;

/** @param {HTMLElement} box */
export function keepNotice(box) {
  /** @type {any} */
  let timer = null;
  const show = (/** @type {string} */ words) => {
    clearTimeout(timer);
    timer = null;
    if (box.textContent !== words) box.textContent = words;
  };
  /** @param {LinkState} state @param {string} reason */
  return (state, reason) => {
    box.dataset.state = state;
    const words = wordsFor(state, reason);
    // A connection that is back at once was not worth a word.
    if (state === "waiting" || state === "connecting")
      timer ??= setTimeout(() => show(wordsNow(box, words)), PATIENCE);
    else show(words);
  };
}

/** @param {HTMLElement} box @param {string} words */
function wordsNow(box, words) {
  return box.dataset.state === "waiting" ? text("waiting") : box.textContent || words;
}

/** @param {LinkState} state @param {string} reason */
function wordsFor(state, reason) {
  if (state === "offline" || state === "waiting") return text(state);
  if (state === "stopped") return textOr(reason, "not_accepted");
  return state === "connecting" ? text("connecting") : "";
}
