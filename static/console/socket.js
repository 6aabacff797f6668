/** The console's socket: opened again with backoff and at once when the page is looked at or the network returns. */

const FIRST = 500;
const LONGEST = 30_000;
// 4401 not accepted, 4403 another origin: knocking again changes nothing until the page is loaded anew
const FINAL = new Set([4401, 4403]);

/**
 * @param {string} url
 * @param {{onFrame: (frame: any) => void, onState: (state: "on"|"off"|"ended", code: number) => void}} listener
 */
export function openSocket(url, listener) {
  /** @type {WebSocket|null} */
  let socket = null;
  let failures = 0;
  let timer = 0;
  let ended = false;

  function connect() {
    clearTimeout(timer);
    if (ended || (socket && socket.readyState <= WebSocket.OPEN)) return;
    socket = new WebSocket(url);
    socket.onopen = () => {
      failures = 0;
      listener.onState("on", 0);
    };
    socket.onmessage = (event) => listener.onFrame(JSON.parse(event.data));
    socket.onclose = (event) => closed(event.code);
  }

  /** @param {number} code */
  function closed(code) {
    ended = FINAL.has(code);
    listener.onState(ended ? "ended" : "off", code);
    if (ended) return;
    timer = setTimeout(connect, Math.random() * Math.min(LONGEST, FIRST * 2 ** failures));
    failures += 1;
  }

  function wake() {
    if (document.visibilityState === "visible") connect();
  }

  addEventListener("online", wake);
  addEventListener("pageshow", wake);
  document.addEventListener("visibilitychange", wake);
  connect();
  return {
    /** Lost while the socket is away: what is sent here are hints. @param {object} frame */
    send(frame) {
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
    },
  };
}
