/**
 * What stands around the messages: who is there, what is wrong with the connection, who is typing, what is new below, and
 * how far one has read.
 */
import { face } from "./render.js";
import { inOrder, isIncoming, lastSeq, unread } from "./store.js";
import { dayAndTime, plural, text, textOr } from "./texts.js";

const FACES = 3;

/** @param {{faces: HTMLElement, line: HTMLElement, locale: string}} parts */
export function keepHeader({ faces, line, locale }) {
  let drawn = "";
  /** @param {{agents: Author[], online: boolean|null, backAt: string|null}} state @param {boolean} live */
  return (state, live) => {
    const known = live && state.online !== null;
    const away = state.backAt
      ? text("awayUntil", { when: dayAndTime(state.backAt, locale) })
      : text("away");
    line.textContent = known ? (state.online ? text("online") : away) : "";
    line.dataset.online = String(known && state.online);
    const agents = state.agents.slice(0, FACES);
    if (JSON.stringify(agents) === drawn) return;
    drawn = JSON.stringify(agents);
    faces.replaceChildren(...agents.map(face));
  };
}

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
  if (state === "stopped") return reason === "refused" ? text("closed") : textOr(reason, "not_accepted");
  return state === "connecting" ? text("connecting") : "";
}

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

const NEAR = 48;

/** @param {HTMLElement} log @param {HTMLButtonElement} pill @param {() => void} reached */
export function keepScroll(log, pill, reached) {
  let atEnd = true;
  let top = 0;
  let fresh = 0;
  /** @type {HTMLElement|null} what has to be answered before anything is written */
  let asked = null;
  const draw = () => {
    pill.hidden = fresh === 0;
    if (fresh) pill.textContent = plural(fresh, "newOne", "newMany");
  };
  const toEnd = () => {
    log.scrollTop = log.scrollHeight;
    top = log.scrollTop;
    atEnd = true;
    fresh = 0;
    draw();
    reached();
  };
  /** Questions that are longer than the panel are read from the first one. */
  const begin = () => {
    if (!asked || asked.offsetHeight <= log.clientHeight) return toEnd();
    log.scrollTop += asked.getBoundingClientRect().top - log.getBoundingClientRect().top;
    top = log.scrollTop;
    atEnd = false;
  };
  log.addEventListener(
    "scroll",
    () => {
      // What grew below meanwhile is no reader who left: that one goes up.
      if (log.scrollHeight - log.scrollTop - log.clientHeight < NEAR) atEnd = true;
      else if (log.scrollTop < top) atEnd = false;
      top = log.scrollTop;
      if (atEnd && fresh) toEnd();
    },
    { passive: true },
  );
  pill.addEventListener("click", toEnd);
  // What is in it grows later too: a picture arrives, somebody types.
  const keep = new ResizeObserver(() => atEnd && (log.scrollTop = log.scrollHeight));
  for (const box of [log, ...log.children]) keep.observe(box);
  return {
    isAtEnd: () => atEnd,
    toEnd,
    /** A closed panel may have had no heights. */
    opened: begin,
    /** @param {number} arrived messages of others since the last drawing @param {HTMLElement|null} card */
    drawn: (arrived, card) => {
      const isNew = card !== asked;
      asked = card;
      if (atEnd) return isNew ? begin() : toEnd();
      fresh += arrived;
      draw();
    },
  };
}

/** How far this visitor has read, in any tab: told to the server, and to the launcher as a number.
 * @param {ReadingOptions} options */
export function keepReading({ notes, state, isReading, send, tell, badge }) {
  let told = -1;
  /** @returns {number} the last message that was before this visitor's eyes */
  const readSeq = () => {
    const read = JSON.parse(notes.get("read") ?? "{}");
    const { chat } = state();
    return Math.max(read.chat === chat?.id ? (read.seq ?? 0) : 0, chat?.visitor_seen_seq ?? 0);
  };
  const count = () => {
    const number = unread(state(), readSeq());
    if (number === told) return;
    told = number;
    badge(number, number ? plural(number, "launcherUnreadOne", "launcherUnread") : "");
  };
  return {
    count,
    unread: () => unread(state(), readSeq()),
    /** The launcher is there only now. */
    countAnew: () => {
      told = -1;
      count();
    },
    mark: () => {
      const last = lastSeq(state());
      if (!isReading() || last <= readSeq()) return;
      if (!inOrder(state()).some(({ message }) => isIncoming(message) && message.seq > readSeq())) return;
      if (!send({ type: "seen", seq: last })) return;
      notes.set("read", JSON.stringify({ chat: state().chat?.id, seq: last }));
      tell();
      count();
    },
  };
}
