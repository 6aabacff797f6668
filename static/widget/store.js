/**
 * What the visitor may see of the chat, as a pure function of the frames received.
 *
 * Each message remembers the `rev` it was last told with, so frames may repeat, overtake one another or
 * get lost: the newest word about a message wins and the cursor says whether something is missing.
 */

/** @returns {State} */
export function fresh() {
  return {
    chat: null,
    rev: 0,
    ahead: 0,
    held: new Map(),
    earlier: [],
    left: [],
    delivered: 0,
    seen: 0,
    online: null,
    backAt: null,
    visitor: null,
    agents: [],
  };
}

/** @type {Record<string, (state: State, frame: Frame) => State>} */
const APPLY = {
  welcome: applyWelcome,
  synced: applySynced,
  ack: applyAck,
  message: applyMessage,
  delivered: (state, frame) =>
    isCurrent(state, frame.chat) ? { ...state, delivered: Math.max(state.delivered, frame.seq) } : state,
  seen: (state, frame) => ({ ...state, seen: Math.max(state.seen, frame.seq) }),
  chat: applyChat,
  presence: (state, frame) => ({ ...state, online: Boolean(frame.online), backAt: frame.back_at ?? null }),
  asked: (state, { email }) =>
    state.visitor
      ? { ...state, visitor: { answered: true, consented: true, email: email || state.visitor.email } }
      : state,
};

/**
 * @param {State} state
 * @param {Frame} frame an `ack` is given the `body` and `attachments` that were sent, since the server does not repeat them
 * @returns {State}
 */
export function apply(state, frame) {
  return Object.hasOwn(APPLY, frame.type) ? APPLY[frame.type](state, frame) : state;
}

/**
 * The question to ask when something is missing, or null.
 * @param {State} state
 * @returns {Frame|null}
 */
export function missing(state) {
  if (!state.chat || state.ahead <= state.rev) return null;
  return { type: "sync", chat: state.chat.id, last_rev: state.rev };
}

/** @param {State} state @returns {Held[]} */
export function inOrder(state) {
  return [...state.held.values()].sort((a, b) => a.message.seq - b.message.seq);
}

/** @param {State} state @param {string} key a message's id, or that of the entry it was @returns {Held|undefined} */
export function byKey(state, key) {
  return state.held.get(key) ?? [...state.held.values()].find((held) => held.key === key);
}

/** @param {State} state @param {number} readSeq @returns {number} */
export function unread(state, readSeq) {
  return inOrder(state).filter(({ message }) => isIncoming(message) && message.seq > readSeq).length;
}

/** @param {Message} message */
export function isIncoming(message) {
  return message.author.kind !== "visitor" && !message.deleted;
}

/** The newest line of a chat that the team began and the visitor has not answered.
 * @param {State} state @returns {Message|undefined} */
export function firstWord(state) {
  const lines = inOrder(state).map(({ message }) => message);
  if (lines[0]?.seq !== 1 || lines.some(({ author }) => author.kind === "visitor")) return undefined;
  return lines.filter(isIncoming).at(-1);
}

/** @param {State} state @returns {number} */
export function lastSeq(state) {
  return Math.max(0, ...[...state.held.values()].map(({ message }) => message.seq));
}

/** @param {State} state @param {Frame} frame @returns {State} */
function applyWelcome(state, frame) {
  // Without a chat the server has nothing of this visitor: what was shown was erased.
  const known = {
    ...(frame.chat ? state : fresh()),
    online: Boolean(frame.online),
    backAt: frame.back_at ?? null,
    visitor: frame.visitor ?? null,
    agents: frame.agents ?? [],
  };
  return frame.chat ? applyPage(enter(known, frame.chat), frame) : known;
}

/** @param {State} state @param {Frame} frame @returns {State} */
function applySynced(state, frame) {
  if (!isCurrent(state, frame.chat)) return state;
  return applyPage(enter(state, frame.state ?? state.chat), frame);
}

/**
 * A page is complete up to its `rev`. One that brings nothing new ends the asking: a question
 * that the server cannot answer must not be repeated for ever.
 * @param {State} state @param {Frame} frame @returns {State}
 */
function applyPage(state, frame) {
  const held = new Map(state.held);
  for (const message of frame.messages ?? []) hold(held, message, frame.rev);
  const rev = Math.max(state.rev, frame.rev);
  const moved = rev > state.rev;
  const wanted = Math.max(state.ahead, frame.more ? rev + 1 : rev);
  return { ...state, held, rev, ahead: moved ? wanted : rev };
}

/** @param {State} state @param {Frame} frame @returns {State} */
function applyAck(state, frame) {
  const message = {
    id: frame.id,
    seq: frame.seq,
    author: { kind: /** @type {const} */ ("visitor") },
    body: frame.body ?? "",
    attachments: frame.attachments ?? [],
    created_at: frame.created_at,
  };
  const open = { id: frame.chat, status: /** @type {const} */ ("open") };
  const entered = isCurrent(state, frame.chat) ? state : enter(state, open);
  return applyOne(entered, message, frame.rev, frame.client_message_id);
}

/** @param {State} state @param {Frame} frame @returns {State} */
function applyMessage(state, frame) {
  if (isCurrent(state, frame.chat)) return applyOne(state, frame.message, frame.rev);
  if (isBehind(state, frame.chat)) return state;
  return applyOne(enter(state, { id: frame.chat, status: "open" }), frame.message, frame.rev);
}

/** @param {State} state @param {Frame} frame @returns {State} */
function applyChat(state, frame) {
  if (isCurrent(state, frame.chat.id)) return enter(state, frame.chat);
  if (isBehind(state, frame.chat.id)) return state;
  const entered = enter(state, frame.chat);
  return { ...entered, ahead: Math.max(entered.ahead, 1) };
}

/** @param {State} state @param {Message} message @param {number} rev @param {string} [key] */
function applyOne(state, message, rev, key) {
  const held = new Map(state.held);
  hold(held, message, rev, key);
  const next = rev === state.rev + 1 ? rev : state.rev;
  const agents = rev > state.rev ? faced(state.agents, message.author) : state.agents;
  return { ...state, agents, held, rev: next, ahead: Math.max(state.ahead, rev) };
}

/** The team as it was told at first, with the face that one of them has by now.
 * @param {Author[]} agents @param {Author} author @returns {Author[]} */
function faced(agents, { kind, id, name, avatar_url }) {
  if (kind !== "agent" || !avatar_url) return agents;
  // whoever writes from Slack for the first time may be known by name alone
  const isSame = (/** @type {Author} */ agent) => agent.id === id || agent.name === name;
  return agents.map((agent) => (isSame(agent) ? { ...agent, avatar_url } : agent));
}

/** @param {Map<string, Held>} held @param {Message} message @param {number} rev @param {string} [key] */
function hold(held, message, rev, key) {
  const before = held.get(message.id);
  const newest = before && before.rev >= rev ? before : { message, rev };
  held.set(message.id, { ...newest, key: key ?? before?.key ?? message.id });
}

/** @param {State} state @param {Chat} chat @returns {State} */
function enter(state, chat) {
  const base = state.chat?.id === chat.id ? state : { ...state, ...emptied(state) };
  return {
    ...base,
    chat: { ...base.chat, ...chat },
    left: base.left.filter((id) => id !== chat.id),
    delivered: Math.max(base.delivered, chat.delivered_seq ?? 0),
    seen: Math.max(base.seen, chat.seen_seq ?? 0),
  };
}

/** What leaving the present chat does; its messages stay readable above the new one until the page goes.
 * @param {State} state */
function emptied(state) {
  return {
    chat: null,
    rev: 0,
    ahead: 0,
    held: new Map(),
    delivered: 0,
    seen: 0,
    earlier: [...state.earlier, ...inOrder(state)],
    left: state.chat ? [...state.left, state.chat.id] : state.left,
  };
}

/** @param {State} state @param {string} id */
function isCurrent(state, id) {
  return state.chat?.id === id;
}

/** A chat we have left says something while a newer one is open: history, not the conversation.
 * @param {State} state @param {string} id */
function isBehind(state, id) {
  return state.chat?.status === "open" && state.left.includes(id);
}
