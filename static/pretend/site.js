/* What the panel in the site's preview plays: a chat that was, or one that begins, as the page around it asks. */
import { pretend } from "./socket.js";

const CHAT = "preview";
const STATE = new URLSearchParams(location.search).get("state");
const BOB = { kind: "agent", id: "bob", name: "Bob", title: "", avatar_url: null };
const VISITOR = { kind: "visitor" };
const LINES = ["Is the blue one in stock?", "Yes, two are left."];
const SAID = LINES.slice(0, { chat: 2, ended: 2, waiting: 1 }[STATE ?? ""] ?? 0);
const TYPING_EVERY = 4_000;
/** @type {Map<string, any>} */
const messages = new Map();
let rev = 0;
let seq = 0;

/** @param {object} author @param {string} body @param {string} id */
function add(author, body, id) {
  const kept = { id, seq: ++seq, author, body, segments: null, attachments: [], edited_at: null, deleted: false };
  const message = { ...kept, created_at: new Date().toISOString() };
  messages.set(id, message);
  rev += 1;
  return message;
}

SAID.forEach((body, place) => add(place % 2 ? BOB : VISITOR, body, `line-${place}`));

function chat() {
  const status = STATE === "ended" ? "closed" : "open";
  return seq ? { id: CHAT, status, agent: null, delivered_seq: seq, seen_seq: seq } : null;
}

const known = () => seq > 0 || STATE === "sent";

/** @param {any} frame @param {object} changes */
function change(frame, changes) {
  const message = { ...messages.get(frame.id), ...changes };
  messages.set(frame.id, message);
  rev += 1;
  hear({ type: "message", chat: CHAT, rev, message });
}

/** @type {Record<string, (frame: any) => void>} */
const ANSWERS = {
  hello: () =>
    hear({
      type: "welcome",
      protocol: 1,
      visitor_token: "vt_preview",
      chat: chat(),
      rev,
      messages: [...messages.values()],
      more: false,
      online: STATE !== "away",
      agents: [BOB],
      visitor: { answered: known(), consented: known(), email: false },
    }),
  form: () => hear({ type: "done", of: "form" }),
  rate: () => hear({ type: "done", of: "rate" }),
  message: (frame) => {
    const id = frame.client_message_id;
    const message = messages.get(id) ?? add(VISITOR, frame.body, id);
    const place = { id, seq: message.seq, rev, created_at: message.created_at };
    hear({ type: "ack", chat: CHAT, client_message_id: id, ...place });
    hear({ type: "delivered", chat: CHAT, seq });
  },
  edit: (frame) => change(frame, { body: frame.body, edited_at: new Date().toISOString() }),
  withdraw: (frame) => change(frame, { body: "", deleted: true }),
};

const hear = pretend(ANSWERS);
window.addEventListener("message", ({ source, origin, data }) => {
  if (source !== window.parent || origin !== location.origin || !data?.draft) return;
  window.dispatchEvent(new CustomEvent("dress", { detail: data.draft }));
  // other words: a frame that changes nothing makes the panel draw itself anew
  hear({ type: "presence", online: STATE !== "away" });
});

const type = () => seq === 1 && hear({ type: "typing", author: BOB });
if (STATE === "waiting") setInterval(type, TYPING_EVERY);

// there is nothing here that a file could go to
/** @param {Event} event */
const stop = (event) => {
  const files = event instanceof DragEvent ? event.dataTransfer : /** @type {ClipboardEvent} */ (event).clipboardData;
  const attaches = event.target instanceof Element && event.target.closest("#attach, #camera");
  if (!attaches && !files?.files.length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
};
for (const type of ["click", "drop", "paste"]) window.addEventListener(type, stop, true);

// nobody is taken out of the form in which they type
const { focus } = HTMLElement.prototype;
const give = () => (HTMLElement.prototype.focus = focus);
HTMLElement.prototype.focus = window.focus = () => {};
for (const type of ["pointerdown", "keydown"]) window.addEventListener(type, give, { capture: true, once: true });
