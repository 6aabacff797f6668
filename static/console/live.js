/** What the socket hints at, the page reads again. Without a socket it still reads once a minute. */

import { openChatId, refreshChat, refreshList, refreshVisitors } from "./page.js";
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
  readVisitorsAgain();
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

// somebody is always moving on a busy site
const VISITORS_APART = 2000;
let visitorsTimer = 0;
let visitorsAt = 0;

function readVisitorsAgain() {
  visitorsTimer ||= setTimeout(() => {
    visitorsTimer = 0;
    visitorsAt = Date.now();
    refreshVisitors();
  }, Math.max(AT_ONCE, visitorsAt + VISITORS_APART - Date.now()));
}

/** @param {any} frame */
function onFrame(frame) {
  if (frame.type === "visitors") readVisitorsAgain();
  if (frame.type === "changed") readAgain(frame.chat === openChatId());
  if (frame.said) document.dispatchEvent(new CustomEvent("tb:said", { detail: frame }));
  if (frame.type === "typing") showTyping(frame.chat, frame.author);
}

let notice = 0;

/** @param {"on"|"off"|"ended"} state @param {number} code */
function onState(state, code) {
  clearTimeout(notice);
  if (state === "on") {
    say("");
    // the first time too: what happened since the page was rendered was told to nobody
    readAgain(true);
    document.dispatchEvent(new Event("tb:on"));
    return;
  }
  if (state === "ended" && code === 4401) sayWhatToDo();
  else if (state === "ended") say("Live updates are off at this address. The page still reads every minute.");
  else notice = setTimeout(() => say("Connecting again. New messages appear in a moment."), QUIET_FOR);
}

/** Logged out, no member here any more, or a second factor is missing: the page itself says which, and what then. */
function sayWhatToDo() {
  say("You are not let in here any more. ");
  const again = document.createElement("a");
  again.href = location.href;
  again.textContent = "Load the page again";
  document.getElementById("live")?.append(again, " to see what to do.");
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
