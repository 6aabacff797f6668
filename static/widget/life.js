/** When to doubt the connection: timers of hidden pages sleep, so waking up is the moment to ask. */

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
