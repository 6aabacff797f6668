/*
 * What the panel on the landing page plays. The page around us plays Slack: it is told each line, and tells us what is
 * answered there.
 */
import { pretend } from "./socket.js";

const CHAT = "tryout";
const BOB = { kind: "agent", id: "bob", name: "Bob", title: "", avatar_url: null };
const POST_TIME = 350;
/** @type {Map<string, any>} */
const messages = new Map();
let rev = 0;
let seq = 0;
let delivered = 0;

const now = () => new Date().toISOString();
/** @param {object} word */
const tellPage = (word) => window.parent.postMessage(word, location.origin);
const chat = () =>
  seq ? { id: CHAT, status: "open", agent: null, delivered_seq: delivered, seen_seq: delivered } : null;
/** @param {number} since */
const changed = (since) =>
  [...messages.values()].filter((one) => one.rev > since).sort((a, b) => a.message.seq - b.message.seq);

/** @param {object} message */
const show = (message) => hear({ type: "message", chat: CHAT, rev, message });

/** @param {any} author @param {string} body @param {string} id */
function add(author, body, id) {
  const message = { id, seq: ++seq, author, body, segments: null, attachments: [], created_at: now() };
  messages.set(id, { message: { ...message, edited_at: null, deleted: false }, rev: ++rev });
  return message;
}

/** @param {string} id @param {object} changes */
function change(id, changes) {
  const known = messages.get(id);
  if (!known) return;
  known.message = { ...known.message, ...changes };
  known.rev = ++rev;
  show(known.message);
  tellPage({ tryout: "line", id, text: known.message.body, edited: true });
}

/** @type {Record<string, (frame: any) => void>} */
const ANSWERS = {
  hello: () =>
    hear({
      type: "welcome",
      protocol: 1,
      visitor_token: "vt_tryout",
      chat: chat(),
      rev,
      messages: changed(0).map((one) => one.message),
      more: false,
      online: true,
      agents: [BOB],
    }),
  sync: (frame) => {
    const found = changed(frame.last_rev).map((one) => one.message);
    hear({ type: "synced", chat: CHAT, rev, messages: found, more: false });
  },
  message: (frame) => {
    const id = frame.client_message_id;
    const known = messages.get(id);
    const message = known ? known.message : add({ kind: "visitor" }, frame.body, id);
    const place = { id, seq: message.seq, rev: messages.get(id).rev, created_at: message.created_at };
    hear({ type: "ack", chat: CHAT, client_message_id: id, ...place });
    if (!known) setTimeout(() => post(message), POST_TIME);
  },
  edit: (frame) => change(frame.id, { body: frame.body, edited_at: now() }),
  withdraw: (frame) => change(frame.id, { body: "", deleted: true }),
};

/** @param {any} message */
function post(message) {
  delivered = Math.max(delivered, message.seq);
  tellPage({ tryout: "line", id: message.id, text: message.body });
  hear({ type: "delivered", chat: CHAT, seq: delivered });
}

window.addEventListener("message", ({ source, origin, data }) => {
  if (source !== window.parent || origin !== location.origin || !data) return;
  if (data.tryout === "typing") hear({ type: "typing", author: BOB });
  if (data.tryout === "read") hear({ type: "seen", seq });
  if (data.tryout === "answer") show(add(BOB, String(data.text), crypto.randomUUID()));
});
const hear = pretend(ANSWERS);
