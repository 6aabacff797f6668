/** What was begun and not sent, for each chat. It carries its id, so that sending it again after a reload is one message. */

/** @typedef {{body: string, id: string, note?: boolean}} Draft */

/** @param {string} chat */
const key = (chat) => `tb-draft-${chat}`;

/** @param {string} chat @returns {Draft|null} */
export function readDraft(chat) {
  try {
    return JSON.parse(localStorage.getItem(key(chat)) ?? "null");
  } catch {
    return null; // storage is closed, or holds something that is not ours
  }
}

/** @param {string} chat @param {Draft} draft */
export function keepDraft(chat, draft) {
  try {
    if (draft.body.trim()) localStorage.setItem(key(chat), JSON.stringify(draft));
    else localStorage.removeItem(key(chat));
  } catch {
    // storage is closed or full: the words stay in the box while the page is open
  }
}

/** @param {string} chat */
export function dropDraft(chat) {
  keepDraft(chat, { body: "", id: "" });
}

/** A version 4 UUID, also on plain http where crypto.randomUUID does not exist. @returns {string} */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
