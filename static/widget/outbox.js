/**
 * What the visitor wrote, changed or took back and the server has not confirmed yet.
 *
 * Entries live on a shelf that survives reload and is shared by the tabs. Whoever drains it holds a lock
 * and sends the next entry only when the last one is settled: two tabs can never overtake one another.
 * The id given at writing goes with every attempt, so sending again is harmless.
 */

import { text } from "./texts.js";

const ACK_TIME = 15_000;
const PAUSE = 2_000;
const TOO_OLD = 24 * 3600 * 1000;
const ONLY_MESSAGES = new Set(["too_long", "bad_frame"]);
const PASSING = new Set(["rate_limited", "unavailable"]);
/** @type {Outcome} */
const DONE = { kind: "acked" };

export class Outbox {
  /** @param {OutboxOptions} options */
  constructor(options) {
    this.options = options;
    this.now = options.now ?? Date.now;
    this.after = options.after ?? ((task, ms) => setTimeout(task, ms));
    /** @type {Entry[]} */
    this.entries = [];
    /** @type {{entry: Entry, settle: (outcome: Outcome) => void}|null} */
    this.waiting = null;
    this.live = false;
    this.draining = false;
    this.writes = 0;
  }

  /** @param {Entry} entry */
  #put(entry) {
    this.writes++;
    return this.options.shelf.put(entry);
  }

  /** @param {string} id */
  #remove(id) {
    this.writes++;
    return this.options.shelf.remove(id);
  }

  /** Reads the shelf. What is older than a day is not sent behind the person's back: it asks first. */
  async load() {
    await this.refresh();
    for (const entry of this.entries) {
      const lost = (entry.files ?? []).filter((file) => !file.blob && !file.ref && !file.problem);
      for (const { id } of lost) await this.changeFile(id, { problem: text("lostFile"), final: true });
      if (lost.length || this.now() - entry.order < TOO_OLD) continue;
      if (entry.state === "pending") await this.#fail(entry, "stale", "");
      else if (entry.target) await this.discard(entry.id);
    }
  }

  /** What is written while the shelf is being read must not be overlooked: then it is read again. */
  async refresh() {
    let before = -1;
    /** @type {Entry[]} */
    let entries = [];
    while (before !== this.writes) {
      before = this.writes;
      entries = await this.options.shelf.all();
    }
    this.entries = entries.sort(byOrder);
    this.options.changed();
  }

  /** The files that wait for the next message, as an entry that is not sent. @returns {Entry|undefined} */
  get draft() {
    return this.entries.find((entry) => entry.state === "draft");
  }

  /** Something is on its way. */
  get isBusy() {
    return this.entries.some((entry) => entry.state === "pending");
  }

  /** @param {string} body @param {boolean} [withFiles] those of the draft go with it, except the refused ones */
  async add(body, withFiles = false) {
    const draft = withFiles ? this.draft : undefined;
    if (!draft?.files) return this.#place(this.#fresh({ kind: "message", body }));
    const files = draft.files.filter((file) => !file.problem);
    const rest = { ...draft, files: draft.files.filter((file) => file.problem) };
    const entry = this.#fresh({ kind: "message", body, files });
    this.entries = [...this.entries.filter(({ id }) => id !== draft.id), rest, entry];
    await this.#put(entry);
    await this.#place(rest);
  }

  /** @param {Upload[]} files */
  async attach(files) {
    const draft = this.draft ?? {
      ...this.#fresh({ body: "" }),
      id: `draft:${this.options.site}`,
      state: "draft",
    };
    await this.#place({ ...draft, files: [...(draft.files ?? []), ...files] });
  }

  /** @param {string} id @param {Partial<Upload>|null} change null: it does not go after all */
  async changeFile(id, change) {
    const entry = this.entries.find(({ files }) => files?.some((file) => file.id === id));
    if (!entry) return;
    const all = (entry.files ?? []).map((file) => (file.id === id ? change && { ...file, ...change } : file));
    const files = all.filter((file) => file !== null);
    const failed = entry.state === "pending" && change?.problem;
    await this.#place({ ...entry, files, ...(failed && { state: "failed", code: "file" }) });
  }

  /** An edit or a withdrawal. What never left is changed where it lies; an older wish about the same message is
   * overtaken by this one, unless it is under way.
   * @param {"edit"|"withdraw"} kind @param {string} target the message's or its entry's id @param {string} [body] */
  async change(kind, target, body = "") {
    const unsent = this.entries.find((entry) => entry.id === target && entry.tried === undefined);
    if (unsent) return kind === "edit" ? this.#place({ ...unsent, body }) : this.discard(target);
    const older = this.entries.filter((entry) => entry.target === target && !this.underWay(entry.id));
    for (const { id } of older) await this.#remove(id);
    this.entries = this.entries.filter((entry) => !older.includes(entry));
    await this.#place(this.#fresh({ kind, target, body }));
  }

  /** @param {Partial<Entry> & {body: string}} words @returns {Entry} */
  #fresh(words) {
    const { site, id = uuid } = this.options;
    return { ...words, id: id(), site, order: this.#nextOrder(), state: "pending" };
  }

  /** @param {string} id */
  async retry(id) {
    const entry = this.entries.find((one) => one.id === id && one.state === "failed");
    if (!entry) return;
    const files = entry.files?.map((file) => anew(file, entry.code === "refused"));
    const order = this.#nextOrder();
    await this.#place({ ...entry, ...(files && { files }), state: "pending", order, code: "", detail: "" });
  }

  /** @param {string} id */
  async discard(id) {
    await this.#remove(id);
    await this.refresh();
  }

  /** Nothing of whoever was here stays. */
  async clear() {
    for (const { id } of await this.options.shelf.all()) await this.#remove(id);
    await this.refresh();
  }

  connected() {
    this.live = true;
    void this.drain();
  }

  disconnected() {
    this.live = false;
    this.#settle({ kind: "lost" });
  }

  /** @param {string} id @returns {Entry|null} the entry under way, if it is this one */
  underWay(id) {
    return this.waiting?.entry.id === id ? this.waiting.entry : null;
  }

  /** @param {string} id */
  acked(id) {
    if (this.underWay(id)) this.#settle(DONE);
  }

  /** @param {Frame} frame a `message`: the answer to a change of it */
  changed(frame) {
    if (this.waiting && this.#targetOf(this.waiting.entry) === frame.message.id) this.#settle(DONE);
  }

  /** @param {Frame} frame an `error`; without an id it counts only if nothing else can cause it */
  refused(frame) {
    const entry = this.waiting?.entry;
    const named = frame.client_message_id ?? frame.id;
    if (!entry || !(named ? named === (this.#targetOf(entry) ?? entry.id) : ONLY_MESSAGES.has(frame.code)))
      return;
    this.#settle(
      PASSING.has(frame.code)
        ? { kind: "later", ms: frame.retry_ms ?? PAUSE }
        : { kind: "failed", code: frame.code, detail: frame.detail ?? "" },
    );
  }

  async drain() {
    if (this.draining || !this.live) return;
    this.draining = true;
    try {
      await this.options.exclusively(() => this.#drainAlone());
    } finally {
      this.draining = false;
    }
    if (this.live && this.#next()) void this.drain();
  }

  async #drainAlone() {
    await this.refresh();
    for (let entry = this.#next(); entry && this.live; entry = this.#next()) {
      const tried = { ...entry, tried: entry.tried ?? this.options.seq() };
      this.#replace(tried);
      const noted = this.#put(tried);
      const outcome = this.options.isDone(tried) ? DONE : await this.#attempt(tried);
      await noted;
      await this.#conclude(tried, outcome);
      await this.refresh();
    }
  }

  /** @param {Entry} entry @returns {Promise<Outcome>} */
  #attempt(entry) {
    return new Promise((resolve) => {
      this.waiting = { entry, settle: resolve };
      if (!this.options.transmit(this.#frameOf(entry))) return this.disconnected();
      this.after(() => this.#overdue(entry, resolve), ACK_TIME);
    });
  }

  /** @param {Entry} entry @returns {Frame} */
  #frameOf(entry) {
    const { kind, id, body, files = [] } = entry;
    const target = this.#targetOf(entry);
    if (target)
      return kind === "edit" ? { type: "edit", id: target, body } : { type: "withdraw", id: target };
    return { type: "message", client_message_id: id, body, attachments: files.map((file) => file.ref?.id) };
  }

  /** What was meant while it was not confirmed has an id of the server's by now.
   * @param {Entry} entry @returns {string|undefined} */
  #targetOf({ target }) {
    return target && (this.options.idOf(target) ?? target);
  }

  /** @param {Entry} entry @param {(outcome: Outcome) => void} resolve */
  #overdue(entry, resolve) {
    if (this.waiting?.entry !== entry || this.waiting.settle !== resolve) return;
    this.options.suspect();
  }

  /** @param {Entry} entry @param {Outcome} outcome */
  async #conclude(entry, outcome) {
    if (outcome.kind === "acked") await this.#remove(entry.id);
    if (outcome.kind === "failed") await this.#fail(entry, outcome.code, outcome.detail);
    if (outcome.kind === "later") await new Promise((resolve) => this.after(() => resolve(null), outcome.ms));
  }

  /** @param {Outcome} outcome */
  #settle(outcome) {
    const waiting = this.waiting;
    this.waiting = null;
    waiting?.settle(outcome);
  }

  /** Keeps an entry and goes on; one that holds nothing any more goes away. @param {Entry} entry */
  async #place(entry) {
    const isSomething = entry.body || entry.target || entry.files?.length;
    this.entries = [...this.entries.filter((one) => one.id !== entry.id), entry].sort(byOrder);
    this.options.changed();
    await (isSomething ? this.#put(entry) : this.#remove(entry.id));
    await this.refresh();
    void this.drain();
  }

  /** @param {Entry} entry @param {string} code @param {string} detail */
  async #fail(entry, code, detail) {
    this.#replace({ ...entry, state: "failed", code, detail });
    await this.#put({ ...entry, state: "failed", code, detail });
  }

  /** @param {Entry} entry */
  #replace(entry) {
    this.entries = this.entries.map((one) => (one.id === entry.id ? entry : one));
    this.options.changed();
  }

  /** Order is kept: behind a message whose files are still being uploaded the others wait. */
  #next() {
    const entry = this.entries.find(({ state }) => state === "pending");
    return entry?.files?.some((file) => !file.ref) ? undefined : entry;
  }

  #nextOrder() {
    return Math.max(this.now(), ...this.entries.map((entry) => entry.order + 1));
  }
}

/** A file for another try. What the server does not keep any more is uploaded again.
 * @param {Upload} file @param {boolean} forgotten @returns {Upload} */
function anew(file, forgotten) {
  const { problem: _, ref, ...kept } = file;
  return ref && !(forgotten && file.blob) ? { ...kept, ref } : kept;
}

/** @param {Entry} a @param {Entry} b */
function byOrder(a, b) {
  return a.order - b.order || (a.id < b.id ? -1 : 1);
}

/** `crypto.randomUUID` exists only on https; a page served over http may chat too. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
