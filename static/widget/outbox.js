/**
 * What the visitor wrote and the server has not confirmed yet.
 *
 * Entries live on a shelf that survives reload and is shared by the tabs. Whoever drains it holds a lock
 * and sends the next entry only when the last one is settled: two tabs can never overtake one another.
 * The id given at writing goes with every attempt, so sending again is harmless.
 */

const ACK_TIME = 15_000;
const PAUSE = 2_000;
const TOO_OLD = 24 * 3600 * 1000;
const ONLY_MESSAGES = new Set(["too_long", "bad_frame"]);
const PASSING = new Set(["rate_limited", "unavailable"]);

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
  }

  /** Reads the shelf. What is older than a day is not sent behind the person's back: it asks first. */
  async load() {
    await this.refresh();
    for (const entry of this.entries) {
      if (entry.state === "pending" && this.now() - entry.order > TOO_OLD)
        await this.#fail(entry, "stale", "");
    }
  }

  async refresh() {
    this.entries = (await this.options.shelf.all()).sort(byOrder);
    this.options.changed();
  }

  /** @param {string} body @returns {Promise<void>} */
  async add(body) {
    const id = (this.options.id ?? uuid)();
    await this.#place({ id, site: this.options.site, body, order: this.#nextOrder(), state: "pending" });
  }

  /** @param {string} id */
  async retry(id) {
    const entry = this.entries.find((one) => one.id === id && one.state === "failed");
    if (entry)
      await this.#place({ ...entry, state: "pending", order: this.#nextOrder(), code: "", detail: "" });
  }

  /** @param {string} id */
  async discard(id) {
    await this.options.shelf.remove(id);
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
    if (this.underWay(id)) this.#settle({ kind: "acked" });
  }

  /** @param {Frame} frame an `error`; without an id it counts only if nothing else can cause it */
  refused(frame) {
    const id = frame.client_message_id ?? (ONLY_MESSAGES.has(frame.code) ? this.waiting?.entry.id : null);
    if (!id || !this.underWay(id)) return;
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
      const noted = this.options.shelf.put(tried);
      const outcome = await this.#attempt(tried);
      await noted;
      await this.#conclude(tried, outcome);
      await this.refresh();
    }
  }

  /** @param {Entry} entry @returns {Promise<Outcome>} */
  #attempt(entry) {
    return new Promise((resolve) => {
      this.waiting = { entry, settle: resolve };
      const frame = { type: "message", client_message_id: entry.id, body: entry.body, attachments: [] };
      if (!this.options.transmit(frame)) return this.disconnected();
      this.after(() => this.#overdue(entry, resolve), ACK_TIME);
    });
  }

  /** @param {Entry} entry @param {(outcome: Outcome) => void} resolve */
  #overdue(entry, resolve) {
    if (this.waiting?.entry !== entry || this.waiting.settle !== resolve) return;
    this.options.suspect();
  }

  /** @param {Entry} entry @param {Outcome} outcome */
  async #conclude(entry, outcome) {
    if (outcome.kind === "acked") await this.options.shelf.remove(entry.id);
    if (outcome.kind === "failed") await this.#fail(entry, outcome.code, outcome.detail);
    if (outcome.kind === "later") await new Promise((resolve) => this.after(() => resolve(null), outcome.ms));
  }

  /** @param {Outcome} outcome */
  #settle(outcome) {
    const waiting = this.waiting;
    this.waiting = null;
    waiting?.settle(outcome);
  }

  /** @param {Entry} entry */
  async #place(entry) {
    this.entries = [...this.entries.filter((one) => one.id !== entry.id), entry];
    this.options.changed();
    await this.options.shelf.put(entry);
    await this.refresh();
    void this.drain();
  }

  /** @param {Entry} entry @param {string} code @param {string} detail */
  async #fail(entry, code, detail) {
    this.#replace({ ...entry, state: "failed", code, detail });
    await this.options.shelf.put({ ...entry, state: "failed", code, detail });
  }

  /** @param {Entry} entry */
  #replace(entry) {
    this.entries = this.entries.map((one) => (one.id === entry.id ? entry : one));
    this.options.changed();
  }

  #next() {
    return this.entries.find((entry) => entry.state === "pending");
  }

  #nextOrder() {
    return Math.max(this.now(), ...this.entries.map((entry) => entry.order + 1));
  }
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
