/**
 * What the tabs of one visitor tell one another, and the locks that keep them from acting at once.
 * Without the browser's help each tab is alone, which is safe: ids make repeats harmless.
 */

/** What a note is about. @type {Map<string, TabWord["type"]>} */
const ABOUT = new Map([["read", "read"], ["teased", "read"], ["draft", "draft"]]);

/** @param {string} site @param {(word: TabWord) => void} hear */
export function joinTabs(site, hear) {
  const name = `threadbell:${site}`;
  const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(name) : null;
  if (channel) channel.onmessage = (event) => hear(event.data);
  // a word may come before the note that it is about: tabs in several processes get the two on several ways
  window.addEventListener("storage", ({ key }) => {
    const type = key?.startsWith(`${name}:`) && ABOUT.get(key.slice(name.length + 1));
    if (type) hear({ type });
  });
  return {
    /** @param {TabWord["type"]} type */
    tell: (type) => channel?.postMessage({ type }),
  };
}

/**
 * @param {string} name
 * @param {() => Promise<void>} task
 * @returns {Promise<void>}
 */
export async function exclusively(name, task) {
  let waiting = true;
  const run = () => ((waiting = false), task());
  // Browsers offer locks on https only, and deny them to a frame of another site where they deny it storage.
  await navigator.locks?.request(`threadbell:${name}`, run).catch((error) => {
    if (!waiting) throw error;
  });
  if (waiting) await run();
}

const QUIET = 45_000;
const LOOK_EVERY = 15_000;

/** @param {import("./socket.js").Socket} socket */
export function keepAlive(socket) {
  const wake = () => document.visibilityState === "visible" && socket.wake();
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("pageshow", wake);
  window.addEventListener("focus", wake);
  window.addEventListener("online", () => socket.wake());
  window.addEventListener("offline", () => socket.goOffline());
  setInterval(() => {
    const quiet = Date.now() - socket.heardAt > QUIET;
    if (quiet && document.visibilityState === "visible") socket.probe();
  }, LOOK_EVERY);
}
