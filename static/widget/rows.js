/** What stands in the thread, top to bottom, as plain data: messages, unsent entries, times, remarks. */
import { fileRow } from "./files.js";
import { inOrder } from "./store.js";
import { dayAndTime, text } from "./texts.js";

const GAP = 10 * 60_000;
/** How long the server takes a change of one's own words. */
const CHANGEABLE = 10 * 60_000;
/** @type {Author} */
const VISITOR = { kind: "visitor" };

/** @param {State} state @param {Entry[]} entries @param {string} locale @param {number} [now] @returns {Row[]} */
export function rows(state, entries, locale, now = Date.now()) {
  const earlier = spaced(
    state.earlier.map((held) => told(held, "sent", false)),
    locale,
  );
  const messages = inOrder(state).map((held) => {
    const row = told(held, progress(held.message.seq, state), isYoung(held.message, now));
    const change = entries.filter(({ target }) => target === held.message.id || target === held.key).at(-1);
    return change ? changed(row, change) : row;
  });
  const current = spaced([...messages, ...unsent(state, entries)], locale);
  /** @type {Row[]} */
  const all = [...earlier];
  if (earlier.length && current.length) all.push({ key: "new-chat", kind: "remark", text: text("newChat") });
  all.push(...current);
  if (state.chat?.status === "closed") all.push({ key: "ended", kind: "remark", text: text("ended") });
  return all;
}

/** @param {Message} message @param {number} now */
function isYoung(message, now) {
  return now - Date.parse(message.created_at) < CHANGEABLE;
}

/** @param {Held} held @param {Progress} state of an own message @param {boolean} young @returns {MessageRow} */
function told({ message, key }, state, young) {
  const mine = message.author.kind === "visitor";
  const deleted = Boolean(message.deleted);
  return {
    key,
    kind: "message",
    id: message.id,
    entry: key,
    wish: "message",
    mayChange: mine && young && !deleted,
    deleted,
    author: message.author,
    first: true,
    body: message.body,
    segments: mine ? null : (message.segments ?? null),
    attachments: (message.attachments ?? []).map((file) => ({ ...file, state: file.state ?? "ready" })),
    seq: message.seq,
    state: mine ? state : "received",
    at: message.created_at,
    edited: Boolean(message.edited_at),
    code: "",
    detail: "",
  };
}

/** As the visitor wants it, before the server has said so. A withdrawal that failed shows what still stands.
 * @param {MessageRow} row @param {Entry} entry @returns {MessageRow} */
function changed(row, { id, kind, state, body, code = "", detail = "" }) {
  const wanted = {
    ...row,
    entry: id,
    wish: kind ?? "edit",
    state: stepOf(state),
    code,
    detail,
    mayChange: false,
  };
  if (kind === "edit") return { ...wanted, body, edited: true };
  return { ...wanted, deleted: state === "pending" };
}

/** @param {Entry["state"]} state @returns {Progress} */
function stepOf(state) {
  return state === "failed" ? state : "pending";
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
  return entries
    .filter(
      (entry) =>
        entry.state !== "draft" && !entry.target && !keys.has(entry.id) && !alreadyThere(state, entry),
    )
    .map((entry) => {
      const message = { id: entry.id, seq: 0, author: VISITOR, body: entry.body, created_at: "" };
      const { tried, code = "", detail = "", files = [] } = entry;
      return {
        ...told({ message, key: entry.id, rev: 0 }, stepOf(entry.state), false),
        attachments: files.map(fileRow),
        seq: null,
        at: new Date(entry.order).toISOString(),
        mayChange: entry.state === "pending" && tried === undefined,
        code,
        detail,
      };
    });
}

/** @param {State} state @param {Entry} entry */
function alreadyThere(state, entry) {
  if (entry.state !== "pending" || typeof entry.tried !== "number") return false;
  const after = entry.tried;
  const count = entry.files?.length ?? 0;
  return [...state.held.values()].some(
    ({ message }) =>
      message.author.kind === "visitor" &&
      message.seq > after &&
      message.body === entry.body &&
      (message.attachments?.length ?? 0) === count &&
      !message.deleted,
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
