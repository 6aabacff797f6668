/**
 * Nothing jumps: the log stays at its end only if the reader is there; otherwise a pill says what is new.
 */
import { plural } from "./texts.js";

const NEAR = 48;

/** @param {HTMLElement} log @param {HTMLButtonElement} pill @param {() => void} reached */
export function keepScroll(log, pill, reached) {
  let atEnd = true;
  let fresh = 0;
  const draw = () => {
    pill.hidden = fresh === 0;
    if (fresh) pill.textContent = plural(fresh, "newOne", "newMany");
  };
  const toEnd = () => {
    log.scrollTop = log.scrollHeight;
    atEnd = true;
    fresh = 0;
    draw();
    reached();
  };
  log.addEventListener(
    "scroll",
    () => {
      atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
      if (atEnd && fresh) toEnd();
    },
    { passive: true },
  );
  pill.addEventListener("click", toEnd);
  new ResizeObserver(() => atEnd && (log.scrollTop = log.scrollHeight)).observe(log);
  return {
    isAtEnd: () => atEnd,
    toEnd,
    /** @param {number} arrived messages of others since the last drawing */
    drawn: (arrived) => {
      if (atEnd) return toEnd();
      fresh += arrived;
      draw();
    },
  };
}
