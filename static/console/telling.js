/**
 * Sound and notification for what visitors write. Each person chooses of what they are told; a chat that is looked at in
 * any tab tells nothing, and of several tabs one rings.
 */

import { openChatId } from "./page.js";

const KEY = "tb-telling";
const RANG = "tb-rang";
// long enough for other tabs to say that somebody looks at the chat there, and short enough to seem at once
const OBJECTIONS = 200;
const APART = 2000;
const tabs = "BroadcastChannel" in window ? new BroadcastChannel(KEY) : null;
/** @type {AudioContext|null} */
let audio = null;
/** @type {Map<string, number>} when somebody last looked at a chat in another tab */
const looked = new Map();

export function startTelling() {
  keepChoice();
  document.addEventListener("tb:said", (event) => hear(/** @type {CustomEvent} */ (event).detail));
  tabs?.addEventListener("message", (event) => looked.set(String(event.data), Date.now()));
  // browsers let a page sound once somebody has touched it
  for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, readySound, { once: true });
  document.addEventListener("click", onClick);
  showPermission();
}

/** The list of chats brings the person's choice along; other pages of the browser know it from there. */
function keepChoice() {
  const button = document.getElementById("telling-button");
  if (!button) return;
  try {
    localStorage.setItem(KEY, JSON.stringify({ tells: button.dataset.tells, sound: button.dataset.sound === "on" }));
  } catch {
    // storage is closed: this page alone knows
  }
}

/** @returns {{tells: string, sound: boolean}} */
function choice() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "null") ?? { tells: "nothing", sound: false };
  } catch {
    return { tells: "nothing", sound: false };
  }
}

/** @param {{chat: string, said: string}} frame */
function hear(frame) {
  const { tells } = choice();
  if (document.visibilityState === "visible" && document.hasFocus() && openChatId() === frame.chat) {
    tabs?.postMessage(frame.chat);
    return;
  }
  if (tells === "every" || (tells === "mine" && frame.said !== "theirs")) void tellOnce(frame.chat);
}

function maySound() {
  return choice().sound && audio?.state === "running";
}

function mayNotify() {
  return "Notification" in window && Notification.permission === "granted";
}

/** The tab that gets the lock tells; one that could neither sound nor notify leaves it to others. @param {string} chat */
async function tellOnce(chat) {
  if (!maySound() && !mayNotify()) return;
  if (!navigator.locks) return tell(chat);
  await navigator.locks.request(KEY, { ifAvailable: true }, async (lock) => lock && tell(chat));
}

/** @param {string} chat */
async function tell(chat) {
  if (Date.now() - Number(localStorage.getItem(RANG) ?? 0) < APART) return;
  localStorage.setItem(RANG, String(Date.now()));
  await new Promise((done) => setTimeout(done, OBJECTIONS));
  if (Date.now() - (looked.get(chat) ?? 0) < APART) return;
  if (maySound()) sound();
  if (mayNotify()) notify(chat);
}

function readySound() {
  audio ??= "AudioContext" in window ? new AudioContext() : null;
  void audio?.resume();
}

/** Two short notes, the second higher: no file, nothing to load. */
function sound() {
  if (!audio) return;
  for (const [place, pitch] of [660, 880].entries()) {
    const at = audio.currentTime + place * 0.13;
    const note = audio.createOscillator();
    const loudness = audio.createGain();
    note.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.0001, at);
    loudness.gain.exponentialRampToValueAtTime(0.12, at + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, at + 0.22);
    note.connect(loudness).connect(audio.destination);
    note.start(at);
    note.stop(at + 0.24);
  }
}

/** Names who wrote and not what: it may be read over a shoulder. @param {string} chat */
function notify(chat) {
  const name = document.querySelector(`#list [data-chat="${chat}"] .row-name`)?.textContent ?? "A visitor";
  const shown = new Notification(`${name} wrote`, { body: "Open the chat to read and answer.", tag: chat });
  shown.addEventListener("click", () => {
    window.focus();
    location.assign(`/console/chats/${chat}`);
    shown.close();
  });
}

/** Nobody is asked for leave unless they press the button for it. @param {Event} event */
async function onClick(event) {
  if (!(event.target instanceof Element)) return;
  if (event.target.closest("[data-try-sound]") && audio) sound();
  if (!event.target.closest("[data-ask-notifications]") || !("Notification" in window)) return;
  await Notification.requestPermission();
  showPermission();
}

function showPermission() {
  const place = document.querySelector("[data-notifications]");
  const button = document.querySelector("[data-ask-notifications]");
  if (!(place instanceof HTMLElement) || !(button instanceof HTMLElement)) return;
  const state = "Notification" in window ? Notification.permission : "none";
  button.hidden = state !== "default";
  place.textContent =
    {
      granted: "This browser shows notifications.",
      denied: "This browser refuses notifications of this site. Allow them in its settings for the site.",
      default: "This browser does not show notifications yet.",
    }[state] ?? "This browser cannot show notifications.";
}
