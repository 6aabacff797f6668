/**
 * Where a site shows its team who is there: a socket for each page that is looked at, though nothing is written.
 * It rests while the page is hidden: at once when another tab of this browser is looked at, else after a minute.
 */

const REST_AFTER = 60_000;

/** @param {LookingOptions} options @returns {() => void} another tab is looked at now */
export function keepLooking({ socket, isNeeded, connect, tell }) {
  /** @type {any} */
  let timer = null;
  const rest = () => {
    if (document.hidden && !isNeeded()) socket.rest();
  };
  const look = () => {
    clearTimeout(timer);
    if (document.hidden) {
      timer = setTimeout(rest, REST_AFTER);
      return;
    }
    if (socket.state === "idle") connect();
    tell();
  };
  document.addEventListener("visibilitychange", look);
  // a browser keeps no page for going back to that has a connection open
  window.addEventListener("pagehide", () => isNeeded() || socket.rest());
  window.addEventListener("pageshow", look);
  look();
  return rest;
}
