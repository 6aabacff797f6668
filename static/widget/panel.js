/** The panel: puts the parts together. What a visitor sees is drawn from the store and the outbox alone. */
import { palette } from "./colour.js";
import { keepComposer } from "./composer.js";
import { keepDraft, tidy } from "./draft.js";
import { keepHeader } from "./header.js";
import { linkHost } from "./host.js";
import { Identity } from "./identity.js";
import { keepAlive } from "./life.js";
import { keepNotice } from "./notice.js";
import { Outbox } from "./outbox.js";
import { rows } from "./rows.js";
import { keepScroll } from "./scroll.js";
import { Socket } from "./socket.js";
import { openNotes, openShelf } from "./storage.js";
import { apply, fresh, inOrder, isIncoming, lastSeq, missing, unread } from "./store.js";
import { exclusively, joinTabs } from "./tabs.js";
import { plural, text } from "./texts.js";
import { Thread } from "./thread.js";
import { showTyping, tellTyping } from "./typing.js";

const LONGEST_URL = 2000;
const LONGEST_TITLE = 300;

/** @type {Config} */
const config = JSON.parse(part("config").textContent || "{}");
const site = config.site;
const language = config.locale || "en";
// Hours and days as in the reader's own region, if it speaks the panel's language.
const locale = navigator.language.startsWith(language) ? navigator.language : language;
const notes = openNotes(site);
const tabs = joinTabs(site, hearTab);
const identity = new Identity(notes, (task) => exclusively(`hello:${site}`, task));
let state = fresh();
let page = { url: "", title: document.title, referrer: "" };
let pageTold = "";
let open = false;
let asking = false;
let drawing = false;
let incoming = 0;
let unreadTold = -1;

const socket = new Socket({ url: config.ws_url, greet, question, onFrame, onState, forgive });
const outbox = new Outbox({
  site,
  shelf: openShelf(site),
  transmit: (frame) => socket.send(frame),
  suspect: () => socket.restart(),
  exclusively: (task) => exclusively(`outbox:${site}`, task),
  changed: redraw,
  seq: () => lastSeq(state),
});
const thread = new Thread(part("rows"), {
  locale,
  company: config.company,
  retry: (id) => void outbox.retry(id).then(() => tabs.tell("outbox")),
  discard: (id) => void outbox.discard(id).then(() => tabs.tell("outbox")),
});
const log = part("log");
const scroll = keepScroll(log, /** @type {HTMLButtonElement} */ (part("pill")), markRead);
const header = keepHeader({ faces: part("faces"), line: part("state") });
const notice = keepNotice(part("notice"));
const typing = showTyping(part("typing"), part("typing-words"), config.company);
const composer = keepComposer(
  {
    form: /** @type {HTMLFormElement} */ (part("form")),
    field: /** @type {HTMLTextAreaElement} */ (part("field")),
    send: /** @type {HTMLButtonElement} */ (part("send")),
    counter: part("counter"),
  },
  {
    draft: keepDraft(notes, () => tabs.tell("draft")),
    submit: write,
    typing: tellTyping(() => Boolean(state.chat) && (socket.send({ type: "typing" }), true)),
  },
);
const host = linkHost({
  host: meetHost,
  open: openPanel,
  close: closePanel,
  page: turnPage,
  prefill,
  send: sendFor,
});

begin();

function begin() {
  paint();
  keepAlive(socket);
  part("close").addEventListener("click", askToClose);
  document.addEventListener(
    "keydown",
    (event) => event.key === "Escape" && !event.isComposing && askToClose(),
  );
  document.addEventListener("visibilitychange", markRead);
  void outbox.load().then(() => outbox.entries.length && connect());
  if (identity.chat) connect();
  if (host.alone) openPanel({ type: "open" });
}

function paint() {
  const { accent, ink, onLight, onDark } = palette(config.colour);
  const style = document.documentElement.style;
  for (const [name, value] of Object.entries({ accent, ink, "on-light": onLight, "on-dark": onDark })) {
    style.setProperty(`--${name}`, value);
  }
}

/** @param {Frame} word */
function meetHost(word) {
  takePage(word);
  const { accent, ink } = palette(config.colour);
  host.tell("ready", {
    colour: accent,
    ink,
    position: config.position,
    title: config.title,
    texts: { open: text("launcherOpen"), close: text("launcherClose") },
  });
  unreadTold = -1;
  redraw();
}

/** @param {Frame} word */
function openPanel(word) {
  open = true;
  document.documentElement.dataset.open = "";
  connect();
  composer.redraw();
  scroll.toEnd();
  if (!word.quiet) focusIn();
}

/** On a touch screen the keyboard would cover what one came to read. */
function focusIn() {
  window.focus();
  if (matchMedia("(pointer: fine)").matches) composer.focus();
  else log.focus();
}

function closePanel() {
  open = false;
  delete document.documentElement.dataset.open;
}

function askToClose() {
  host.tell("close");
}

/** @param {Frame} word */
function turnPage(word) {
  takePage(word);
  tellPage();
}

/** @param {Frame} word */
function takePage({ url, title, referrer }) {
  page = {
    url: String(url ?? "").slice(0, LONGEST_URL),
    title: String(title ?? "").slice(0, LONGEST_TITLE),
    referrer: String(referrer ?? "").slice(0, LONGEST_URL),
  };
}

function tellPage() {
  const now = page.url + "\n" + page.title;
  if (now !== pageTold && socket.send({ type: "page", url: page.url, title: page.title })) pageTold = now;
}

/** @param {Frame} word */
function prefill(word) {
  composer.prefill(String(word.text ?? ""));
}

/** @param {Frame} word */
function sendFor(word) {
  const body = tidy(String(word.text ?? ""));
  if (body) write(body);
}

/** Opens the socket if it was not needed before; a pause that the server asked for is sat out. */
function connect() {
  if (socket.state === "idle" || socket.state === "stopped") socket.start();
  else if (socket.state !== "live") socket.wake();
}

/** @param {string} body */
function write(body) {
  connect();
  void outbox.add(body).then(() => tabs.tell("outbox"));
  setTimeout(scroll.toEnd);
}

/** @returns {Promise<Frame>} */
async function greet() {
  const token = await identity.token();
  pageTold = page.url + "\n" + page.title;
  return {
    type: "hello",
    protocol: 1,
    site,
    visitor_token: token,
    chat: state.chat?.id ?? identity.chat,
    last_rev: state.rev,
    page,
    locale: navigator.language || locale,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? "",
    identity: null,
  };
}

function question() {
  return { type: "sync", chat: state.chat?.id ?? null, last_rev: state.rev };
}

/** A token that is not accepted any more is given up once; the server then makes a new one.
 * @param {string} reason */
function forgive(reason) {
  return reason === "not_accepted" && identity.forget();
}

/** @param {LinkState} now @param {string} reason */
function onState(now, reason) {
  notice(now, reason);
  redraw();
  if (now === "live") return outbox.connected();
  asking = false;
  typing.hide();
  if (now !== "connecting") identity.settled();
  outbox.disconnected();
}

/** @param {Frame} frame */
function onFrame(frame) {
  if (frame.type === "error") return refused(frame);
  if (frame.type === "typing") return typing.show(frame.author);
  if (frame.type === "ack") return confirm(frame);
  if (frame.type === "welcome") identity.welcomed(frame.visitor_token);
  if (frame.type === "synced") asking = false;
  take(frame);
}

/** @param {Frame} frame */
function refused(frame) {
  outbox.refused(frame);
  if (!asking || frame.client_message_id) return;
  asking = false;
  setTimeout(ask, frame.retry_ms ?? 2000);
}

/** The acknowledgement does not repeat the text; an unexpected one leaves a gap that `sync` fills.
 * @param {Frame} frame */
function confirm(frame) {
  const entry = outbox.underWay(frame.client_message_id);
  if (!entry) return;
  take({ ...frame, body: entry.body });
  outbox.acked(entry.id);
  tabs.tell("outbox");
}

/** @param {Frame} frame */
function take(frame) {
  const before = lastSeq(state);
  const sameChat = state.chat?.id;
  state = apply(state, frame);
  if (state.chat?.id !== sameChat) identity.inChat(state.chat?.id ?? null);
  const arrived = inOrder(state).filter(({ message }) => message.seq > before && isIncoming(message));
  incoming += before ? arrived.length : 0;
  if (arrived.length) typing.hide();
  ask();
  redraw();
}

function ask() {
  const frame = missing(state);
  if (frame && !asking) asking = socket.send(frame);
}

function redraw() {
  if (drawing) return;
  drawing = true;
  setTimeout(draw);
}

function draw() {
  drawing = false;
  thread.draw(rows(state, outbox.entries, locale));
  header(state, socket.state === "live");
  scroll.drawn(incoming);
  incoming = 0;
  // Only what comes after the first filling is news to a screen reader.
  if (socket.state === "live") setTimeout(() => log.setAttribute("aria-live", "polite"), 200);
  markRead();
  tellUnread();
}

function markRead() {
  const last = lastSeq(state);
  if (!open || document.visibilityState !== "visible" || !scroll.isAtEnd() || last <= readSeq()) return;
  if (!inOrder(state).some(({ message }) => isIncoming(message) && message.seq > readSeq())) return;
  if (!socket.send({ type: "seen", seq: last })) return;
  notes.set("read", JSON.stringify({ chat: state.chat?.id, seq: last }));
  tabs.tell("read");
  tellUnread();
}

/** @returns {number} the last message that was before this visitor's eyes, in any tab */
function readSeq() {
  const read = JSON.parse(notes.get("read") ?? "{}");
  const here = read.chat === state.chat?.id ? (read.seq ?? 0) : 0;
  return Math.max(here, state.chat?.visitor_seen_seq ?? 0);
}

function tellUnread() {
  const count = unread(state, readSeq());
  if (count === unreadTold) return;
  unreadTold = count;
  host.tell("unread", { count, label: count ? plural(count, "launcherUnreadOne", "launcherUnread") : "" });
}

/** @param {TabWord} word */
function hearTab(word) {
  if (word.type === "outbox") void outbox.refresh();
  if (word.type === "draft") composer.follow();
  if (word.type === "read") tellUnread();
}

/** @param {string} id @returns {HTMLElement} */
function part(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}
