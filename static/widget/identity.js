/**
 * Who this visitor is to the server: the token of the first welcome, kept for this site.
 *
 * Two tabs that are opened together must not become two visitors: the tab that has no token greets
 * under a lock, which it holds until it is welcomed or turned away.
 */

// what one tab stores another may read a moment later, and the lock would be quicker
const SPREADS_WITHIN = 300;

export class Identity {
  /**
   * @param {Notes} notes @param {(task: () => Promise<void>) => Promise<void>} exclusively
   * @param {(task: () => void, ms: number) => unknown} [after]
   */
  constructor(notes, exclusively, after = setTimeout) {
    this.after = (/** @type {() => void} */ task) => after(task, SPREADS_WITHIN);
    this.notes = notes;
    this.exclusively = exclusively;
    this.release = () => {};
    /** What the website's server signed about whoever is logged in there. @type {string|null} */
    this.jwt = null;
    /** The token that the last hello brought. @type {string|null} */
    this.sent = null;
  }

  /** @param {string|null} jwt @returns {boolean} whether it names somebody else than the one who was here before */
  names(jwt) {
    this.jwt = jwt;
    const before = this.notes.get("person");
    const now = subjectOf(jwt);
    if (now) this.notes.set("person", now);
    return Boolean(now && before && before !== now);
  }

  get chat() {
    return this.notes.get("chat");
  }

  /** @returns {Promise<string|null>} */
  async token() {
    if (!this.notes.get("token")) {
      await this.#takeTurn();
      if (this.notes.get("token")) this.settled();
    }
    return (this.sent = this.notes.get("token"));
  }

  /** @param {string} token @returns {boolean} false when another tab has become somebody meanwhile: then that holds */
  welcomed(token) {
    const now = this.notes.get("token");
    const mine = now === null || now === this.sent;
    if (mine) this.notes.set("token", token);
    this.after(this.release);
    this.release = () => {};
    return mine;
  }

  settled() {
    this.release();
    this.release = () => {};
  }

  /** @param {string|null} chat */
  inChat(chat) {
    if (chat !== this.chat) this.notes.set("chat", chat);
  }

  /** @returns {boolean} whether there was anything to forget */
  forget() {
    const known = this.notes.get("token") !== null;
    this.notes.set("token", null);
    this.notes.set("chat", null);
    return known;
  }

  /** @returns {Promise<void>} */
  #takeTurn() {
    this.settled();
    return new Promise((granted) => {
      const held = new Promise((resolve) => (this.release = () => resolve(null)));
      void this.exclusively(async () => {
        granted();
        await held;
      });
    });
  }
}

/** Read, not believed: the server alone checks it. @param {string|null} jwt @returns {string} */
function subjectOf(jwt) {
  try {
    const claims = String(jwt).split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    return String(JSON.parse(atob(claims)).sub);
  } catch {
    return "";
  }
}
