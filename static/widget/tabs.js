/**
 * What the tabs of one visitor tell one another, and the locks that keep them from acting at once.
 * Without the browser's help each tab is alone, which is safe: ids make repeats harmless.
 */

/** @param {string} site @param {(word: TabWord) => void} hear */
export function joinTabs(site, hear) {
  const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(`threadbell:${site}`) : null;
  if (channel) channel.onmessage = (event) => hear(event.data);
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
