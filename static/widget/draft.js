/** The text being written: kept at every change and shared by the tabs. */

export const LIMIT = 8000;

/** @param {Notes} notes @param {() => void} tell says to the other tabs that the draft changed */
export function keepDraft(notes, tell) {
  return {
    read: () => notes.get("draft") ?? "",
    /** @param {string} body */
    write: (body) => {
      notes.set("draft", body || null);
      tell();
    },
  };
}

/** What may travel: no control characters, no half of a character, no blank edges.
 * @param {string} body @returns {string} */
export function tidy(body) {
  const whole = body.replace(
    /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g,
    "\uFFFD",
  );
  return whole
    .replace(/\r\n?/g, "\n")
    .replace(/[\u0000-\u0008\u000B-\u001F\u007F]/g, "")
    .trim();
}

/** @param {string} body @returns {number} code points, as the server counts */
export function length(body) {
  return [...body].length;
}
