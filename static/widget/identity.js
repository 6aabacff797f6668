/**
 * Who this visitor is to the server: the token of the first welcome, kept for this site.
 *
 * Two tabs that are opened together must not become two visitors: the tab that has no token greets
 * under a lock, which it holds until it is welcomed or turned away.
 */

export class Identity {
  /** @param {Notes} notes @param {(task: () => Promise<void>) => Promise<void>} exclusively */
  constructor(notes, exclusively) {
    this.notes = notes;
    this.exclusively = exclusively;
    this.release = () => {};
  }

  get chat() {
    return this.notes.get("chat");
  }

  /** @returns {Promise<string|null>} */
  async token() {
    if (this.notes.get("token")) return this.notes.get("token");
    await this.#takeTurn();
    if (this.notes.get("token")) this.settled();
    return this.notes.get("token");
  }

  /** @param {string} token */
  welcomed(token) {
    this.notes.set("token", token);
    this.settled();
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
