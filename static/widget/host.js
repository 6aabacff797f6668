/**
 * The line to the loader on the host page. The first message of our parent fixes its origin; nothing else is
 * listened to, and no visitor_token ever travels on it.
 */

/** @param {Record<string, (word: Frame) => void>} handlers @param {Window} [self] */
export function linkHost(handlers, self = window) {
  /** @type {string|null} */
  let origin = null;
  self.addEventListener("message", (event) => {
    const word = event.data;
    if (event.source !== self.parent || (origin !== null && event.origin !== origin)) return;
    if (!word || word.threadbell !== 1 || !Object.hasOwn(handlers, word.type)) return;
    origin = event.origin;
    handlers[word.type](word);
  });
  return {
    alone: self.parent === self,
    /** @param {string} type @param {Record<string, unknown>} [detail] */
    tell(type, detail = {}) {
      // A sandboxed host page has the origin "null", which cannot be addressed.
      if (origin !== null)
        self.parent.postMessage({ ...detail, threadbell: 1, type }, origin === "null" ? "*" : origin);
    },
  };
}

const LONGEST = 2000;

/** The server cuts them to what it keeps; here only so that the frame is never too big. @param {Frame} word */
export function pageOf({ url, title, referrer, department }) {
  const words = [url, title, referrer, department].map((said) => String(said ?? "").slice(0, LONGEST));
  return { url: words[0], title: words[1], referrer: words[2], department: words[3] };
}
