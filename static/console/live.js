/** What the socket hints at, the page reads again. Without a socket it still reads once a minute. */

import { openChatId, refreshChat, refreshList } from "./page.js";
import { openSocket } from "./socket.js";
import { showTyping } from "./typing.js";

const QUIET_FOR = 4000;
const ANYWAY_EVERY = 60_000;
// many hints are one reading: the first at once, then at most two a second
const AT_ONCE = 40;
const APART = 500;

export function startLive() {
  const url = document.querySelector('meta[name="tb-socket"]')?.getAttribute("content");
  if (!url) return;
  const socket = openSocket(url, { onFrame, onState });
  document.addEventListener("tb:send", (event) => socket.send(/** @type {CustomEvent} */ (event).detail));
  setInterval(() => document.visibilityState === "visible" && readAgain(true), ANYWAY_EVERY);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && readAgain(true));
}

let timer = 0;
let readAt = 0;
let chatToo = false;

/** Many hints within a moment are one reading. @param {boolean} chat */
function readAgain(chat) {
  chatToo ||= chat;
  if (timer) return;
  timer = setTimeout(() => {
    timer = 0;
    readAt = Date.now();
    refreshList();
    if (chatToo) refreshChat();
    chatToo = false;
  }, Math.max(AT_ONCE, readAt + APART - Date.now()));
}

/** @param {any} frame */
function onFrame(frame) {
  if (frame.type === "changed") readAgain(frame.chat === openChatId());
  if (frame.type === "typing") showTyping(frame.chat, frame.author);
}

let lostAt = 0;
let notice = 0;

/** @param {"on"|"off"|"ended"} state @param {number} code */
function onState(state, code) {
  clearTimeout(notice);
  if (state === "on") {
    say("");
    if (lostAt) readAgain(true);
    lostAt = 0;
    return;
  }
  lostAt ||= Date.now();
  if (state === "ended") say(code === 4401 ? "You were logged out. Log in again to go on." : "Live updates are off at this address. The page still reads every minute.");
  else notice = setTimeout(() => say("Connecting again. New messages appear in a moment."), QUIET_FOR);
}

/** @param {string} words */
function say(words) {
  let line = document.getElementById("live");
  if (!line) {
    line = document.createElement("p");
    line.id = "live";
    line.className = "live";
    line.setAttribute("role", "status");
    document.body.append(line);
  }
  line.textContent = words;
  line.hidden = words === "";
}
