/** The panel: puts the parts together. What a visitor sees is drawn from the store and the outbox alone. */
import { keepHeader, keepNotice, keepReading, keepScroll, showTyping, tellTyping } from "./around.js";
import { keepAsking, lacksConsent } from "./asking.js";
import { keepComposer, keepDraft, tidy } from "./composer.js";
import { keepTray } from "./files.js";
import { linkHost, pageOf } from "./host.js";
import { Identity } from "./identity.js";
import { config, dress, fits, launcher, part } from "./look.js";
import { keepLooking } from "./looking.js";
import { Outbox } from "./outbox.js";
import { keepPerson } from "./person.js";
import { rows } from "./rows.js";
import { Socket } from "./socket.js";
import { openNotes, openShelf } from "./storage.js";
import { apply, byKey, fresh, inOrder, isIncoming, lastSeq, missing } from "./store.js";
import { exclusively, joinTabs, keepAlive } from "./tabs.js";
import { keepTeaser } from "./teaser.js";
import { text } from "./texts.js";
import { Thread } from "./thread.js";
import { Uploads, asker, sender } from "./uploads.js";

const site = config.site;
const language = config.locale || "en";
// Hours and days as in the reader's own region, if it speaks the panel's language.
const locale = navigator.language.startsWith(language) ? navigator.language : language;
const notes = openNotes(site);
const tabs = joinTabs(site, hearTab);
const identity = new Identity(notes, (task) => exclusively(`hello:${site}`, task));
let state = fresh();
let page = { url: "", title: document.title, referrer: "", department: "" };
let pageTold = "";
let open = false;
let asking = false;
let rest = () => {};
let drawing = false;
/** @type {Row[]} */
let drawn = [];
let incoming = 0;

const isHurried = () => outbox.isBusy;
const socket = new Socket({ url: config.ws_url, greet, question, onFrame, onState, forgive, isHurried });
const outbox = new Outbox({
  site,
  shelf: openShelf(site),
  transmit: (frame) => !lacksConsent(config, state) && socket.send(frame),
  suspect: () => socket.restart(),
  exclusively: (task) => exclusively(`outbox:${site}`, task),
  changed: redraw,
  seq: () => lastSeq(state),
  idOf: (entry) => byKey(state, entry)?.message.id,
  isDone,
});
const filesUrl = `/widget/files?site=${encodeURIComponent(site)}`;
const uploads = new Uploads({
  outbox,
  exclusively: (task) => exclusively(`upload:${site}`, task),
  live: () => socket.state === "live" && !lacksConsent(config, state),
  send: sender(filesUrl, () => notes.get("token")),
  settle: (id, change) => share(outbox.changeFile(id, change)),
  progress: (id, value) => {
    for (const bar of document.querySelectorAll("progress")) {
      if (bar.dataset.upload === id) bar.value = value;
    }
  },
  after: setTimeout,
});
const card = {
  locale,
  cancel: (/** @type {string} */ id) => {
    uploads.cancel(id);
    void share(outbox.changeFile(id, null));
  },
  retry: (/** @type {string} */ id) => void share(outbox.changeFile(id, { problem: "" })),
  fresh: asker(filesUrl, () => notes.get("token")),
};
const thread = new Thread(part("rows"), {
  locale,
  company: config.company,
  card,
  retry: (id) => void share(outbox.retry(id)),
  discard: (id) => void share(outbox.discard(id)),
  edit: ({ id, body }) => composer.edit({ id: byKey(state, id)?.message.id ?? id, body }),
  withdraw: (row) => (change("withdraw", row.id), focusIn()),
});
const log = part("log");
const scroll = keepScroll(log, /** @type {HTMLButtonElement} */ (part("pill")), () => reading.mark());
const header = keepHeader({ faces: part("faces"), line: part("state"), locale });
const notice = keepNotice(part("notice"));
const typing = showTyping(part("typing"), part("typing-words"), config.company);
const composer = keepComposer(
  {
    form: /** @type {HTMLFormElement} */ (part("form")),
    field: /** @type {HTMLTextAreaElement} */ (part("field")),
    send: /** @type {HTMLButtonElement} */ (part("send")),
    counter: part("counter"),
    banner: part("editing"),
    cancel: part("cancel"),
  },
  {
    draft: keepDraft(notes, () => tabs.tell("draft")),
    submit: (body) => write(body, true),
    change: (id, body) => change("edit", id, body),
    editLast,
    hasFiles: () => Boolean(outbox.draft?.files?.some((file) => !file.problem)),
    typing: tellTyping(() => Boolean(state.chat) && (socket.send({ type: "typing" }), true)),
  },
);
const asks = keepAsking(part("asks"), {
  config,
  state: () => state,
  notes,
  send: (frame) => (connect(), socket.send(frame)),
  changed: redraw,
  composer: part("form"),
  moveFocus: focusIn,
});
const drawTray = config.files && keepFiles(config.files);
const reading = keepReading({
  notes,
  state: () => state,
  isReading: () => open && document.visibilityState === "visible" && scroll.isAtEnd(),
  send: (frame) => socket.send(frame),
  tell: () => tabs.tell("read"),
  badge: (count, label) => host.tell("unread", { count, label }),
});
const host = linkHost({
  host: meetHost,
  open: openPanel,
  close: closePanel,
  page: (word) => ((page = pageOf(word)), tellPage()),
  prefill: (word) => composer.prefill(String(word.text ?? "")),
  send: sendFor,
  identify: ({ token }) => person.identify(token),
  reset: () => person.reset(),
});
const teaser = keepTeaser({ notes, host, tabs, reading, state: () => state, isOpen: () => open });
const empty = () => ((state = fresh()), composer.prefill(""), redraw());
const person = keepPerson({ identity, notes, outbox, tabs, socket, host, empty });

begin();

function begin() {
  dress();
  keepAlive(socket);
  part("close").addEventListener("click", askToClose);
  document.addEventListener(
    "keydown",
    (event) => event.key === "Escape" && !event.isComposing && !event.defaultPrevented && askToClose(),
  );
  document.addEventListener("visibilitychange", reading.mark);
  // messages grow too old to be changed
  setInterval(redraw, 20_000);
  void outbox.load().then(() => outbox.entries.length && connect());
  if (identity.chat) connect();
  if (host.alone) openPanel({ type: "open" });
}

/** @param {Frame} word */
function meetHost(word) {
  page = pageOf(word);
  if (word.identity) person.identify(word.identity);
  person.meet();
  host.tell("ready", launcher(Boolean(identity.chat || outbox.entries.length)));
  reading.countAnew();
  teaser.tellHeight();
  if (config.shown && fits)
    rest = keepLooking({ socket, isNeeded, connect, tell: () => tabs.tell("looking") });
}

function isNeeded() {
  return open || Boolean(identity.chat || outbox.entries.length);
}

/** @param {Frame} word */
function openPanel(word) {
  open = true;
  document.documentElement.dataset.open = "";
  teaser.opened();
  connect();
  composer.redraw();
  scroll.opened();
  if (!word.quiet) focusIn();
}

/** On a touch screen the keyboard would cover what one came to read. */
function focusIn() {
  window.focus();
  if (matchMedia("(pointer: fine)").matches) (asks.focus() ?? composer).focus({ preventScroll: true });
  else log.focus();
}

function closePanel() {
  open = false;
  delete document.documentElement.dataset.open;
}

function askToClose() {
  host.tell("close");
}

function tellPage() {
  const { url, title, department } = page;
  const now = JSON.stringify(page);
  if (now !== pageTold && socket.send({ type: "page", url, title, department })) pageTold = now;
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

/** @param {string} body @param {boolean} [withFiles] */
function write(body, withFiles) {
  connect();
  void share(outbox.add(body, withFiles));
  setTimeout(scroll.toEnd);
}

/** The other tabs are to look at the outbox again. @param {Promise<void>} done */
async function share(done) {
  await done;
  tabs.tell("outbox");
}

/** @param {FileLimits} limits */
function keepFiles(limits) {
  const names = /** @type {const} */ (["tray", "said", "attach", "camera", "field", "drop"]);
  const parts = Object.fromEntries(names.map((name) => [name, part(name)]));
  return keepTray(/** @type {TrayParts} */ (parts), {
    outbox,
    limits,
    card,
    attach: (files) => (connect(), void share(outbox.attach(files))),
    focus: focusIn,
  });
}

/** @param {"edit"|"withdraw"} kind @param {string} id @param {string} [body] */
function change(kind, id, body) {
  connect();
  void share(outbox.change(kind, id, body));
}

function editLast() {
  const last = drawn.filter((row) => row.kind === "message" && row.mayChange).at(-1);
  if (last?.kind === "message") composer.edit(last);
}

/** Whether an edit or withdrawal was heard although its answer got lost. @param {Entry} entry */
function isDone({ kind, target = "", body }) {
  const message = byKey(state, target)?.message;
  if (!message || !kind) return false;
  return kind === "edit" ? message.body === body : Boolean(message.deleted);
}

/** @returns {Promise<Frame>} */
async function greet() {
  await person.ready();
  const token = await identity.token();
  pageTold = JSON.stringify(page);
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
    identity: identity.jwt,
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
  if (now === "live") {
    // what the host page said while the hello was under way
    tellPage();
    return outbox.connected();
  }
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
  if (frame.type === "done") return answered(asks.done(frame.of));
  if (frame.type === "welcome" && !identity.welcomed(frame.visitor_token)) return socket.restart();
  if (frame.type === "synced") asking = false;
  take(frame);
  if (frame.type === "welcome" && !lacksConsent(config, state)) outbox.connected();
  if (frame.type === "message") outbox.changed(frame);
}

/** What was asked need not be asked again, here and in the other tabs. @param {{email: boolean}|null} what */
function answered(what) {
  if (!what) return;
  take({ type: "asked", ...what });
  tabs.tell("asked");
  outbox.connected();
  setTimeout(focusIn);
}

/** @param {Frame} frame */
function refused(frame) {
  if (frame.code === "identity_rejected") person.ask(frame.detail);
  outbox.refused(frame);
  if (!frame.client_message_id && !frame.id) asks.refused(frame);
  if (!asking || frame.client_message_id || frame.id) return;
  asking = false;
  setTimeout(ask, frame.retry_ms ?? 2000);
}

/** The acknowledgement does not repeat what was sent; an unexpected one leaves a gap that `sync` fills.
 * @param {Frame} frame */
function confirm(frame) {
  const entry = outbox.underWay(frame.client_message_id);
  if (!entry) return;
  take({ ...frame, body: entry.body, attachments: (entry.files ?? []).map((file) => file.ref) });
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
  drawn = rows(state, outbox.entries, locale);
  thread.draw(drawn);
  header(state, socket.state === "live");
  scroll.drawn(incoming, asks.draw());
  incoming = 0;
  // Only what comes after the first filling is news to a screen reader.
  if (socket.state === "live") setTimeout(() => log.setAttribute("aria-live", "polite"), 200);
  drawTray?.();
  composer.redraw();
  void uploads.kick();
  reading.mark();
  reading.count();
  teaser.draw();
}

/** @param {TabWord} word */
function hearTab(word) {
  if (word.type === "outbox") void outbox.refresh();
  if (word.type === "draft") composer.follow();
  if (word.type === "read") redraw();
  if (word.type === "asked") socket.restart();
  if (word.type === "looking") rest();
  if (word.type === "left") person.left();
}
