/** What stands in the thread, top to bottom, as plain data: messages, unsent entries, times, remarks. */
import { inOrder } from "./store.js";
import { text } from "./texts.js";
import { dayAndTime } from "./times.js";

const GAP = 10 * 60_000;
/** @type {Author} */
const VISITOR = { kind: "visitor" };

/** @param {State} state @param {Entry[]} entries @param {string} locale @returns {Row[]} */
export function rows(state, entries, locale) {
  const earlier = spaced(
    state.earlier.filter(shown).map((held) => told(held, state, true)),
    locale,
  );
  const messages = inOrder(state)
    .filter(shown)
    .map((held) => told(held, state, false));
  const current = spaced([...messages, ...unsent(state, entries)], locale);
  /** @type {Row[]} */
  const all = [...earlier];
  if (earlier.length && current.length) all.push({ key: "new-chat", kind: "remark", text: text("newChat") });
  all.push(...current);
  if (state.chat?.status === "closed") all.push({ key: "ended", kind: "remark", text: text("ended") });
  return all;
}

/** @param {Held} held */
function shown({ message }) {
  return !message.deleted;
}

/** @param {Held} held @param {State} state @param {boolean} past @returns {MessageRow} */
function told({ message, key }, state, past) {
  const mine = message.author.kind === "visitor";
  return {
    key,
    kind: "message",
    author: message.author,
    first: true,
    body: message.body,
    segments: mine ? null : (message.segments ?? null),
    attachments: message.attachments ?? [],
    seq: message.seq,
    state: mine && !past ? progress(message.seq, state) : mine ? "sent" : "received",
    at: message.created_at,
    edited: Boolean(message.edited_at),
    code: "",
  };
}

/** @param {number} seq @param {State} state @returns {Progress} */
function progress(seq, state) {
  if (seq <= state.seen) return "seen";
  return seq <= state.delivered ? "delivered" : "sent";
}

/** An entry whose acknowledgement got lost is in the chat already: not shown twice until it is repeated.
 * @param {State} state @param {Entry[]} entries @returns {MessageRow[]} */
function unsent(state, entries) {
  const keys = new Set([...state.held.values()].map((held) => held.key));
  const waiting = entries.filter((entry) => !keys.has(entry.id) && !alreadyThere(state, entry));
  return waiting.map((entry) => ({
    key: entry.id,
    kind: "message",
    author: VISITOR,
    first: true,
    body: entry.body,
    segments: null,
    attachments: [],
    seq: null,
    state: entry.state,
    at: new Date(entry.order).toISOString(),
    edited: false,
    code: entry.code ?? "",
  }));
}

/** @param {State} state @param {Entry} entry */
function alreadyThere(state, entry) {
  if (entry.state !== "pending" || typeof entry.tried !== "number") return false;
  const after = entry.tried;
  return [...state.held.values()].some(
    ({ message }) => message.author.kind === "visitor" && message.seq > after && message.body === entry.body,
  );
}

/** Puts a time above each pause and marks where an author begins.
 * @param {MessageRow[]} messages @param {string} locale @returns {Row[]} */
function spaced(messages, locale) {
  /** @type {Row[]} */
  const all = [];
  messages.forEach((row, i) => {
    const before = messages[i - 1];
    const paused = !before || Date.parse(row.at) - Date.parse(before.at) > GAP;
    if (paused) all.push({ key: `time-${row.key}`, kind: "time", text: dayAndTime(row.at, locale) });
    all.push({ ...row, first: paused || !sameAuthor(before.author, row.author) });
  });
  return all;
}

/** @param {Author} a @param {Author} b */
function sameAuthor(a, b) {
  return a.kind === b.kind && (a.kind === "visitor" || (a.id ?? a.name) === (b.id ?? b.name));
}
