/** What is pressed stays where it is until it is let go: a press and a release on different elements are no click. */

import { refreshChat, refreshList, refreshVisitors } from "./page.js";

// on a touch screen the click comes a moment after the finger has left
const CLICK_COMES = 100;
// whoever selects words holds longer; a release that the page was not told of must not hold it for ever
const AT_LONGEST = 10_000;

/** @type {Element|null} */
let pressed = null;
let missed = false;
let timer = 0;

export function startHoldingStill() {
  document.addEventListener("pointerdown", press);
  for (const end of ["pointerup", "pointercancel", "contextmenu"]) document.addEventListener(end, letGo);
  document.body.addEventListener("htmx:beforeSwap", hold);
}

/** @param {PointerEvent} event */
function press(event) {
  if (event.button !== 0 || !(event.target instanceof Element)) return;
  pressed = event.target;
  releaseIn(AT_LONGEST);
}

function letGo() {
  if (pressed) releaseIn(CLICK_COMES);
}

/** @param {number} ms */
function releaseIn(ms) {
  clearTimeout(timer);
  timer = setTimeout(release, ms);
}

function release() {
  pressed = null;
  if (!missed) return;
  missed = false;
  refreshList();
  refreshChat();
  refreshVisitors();
}

/** Only of parts that `release` has read again: what comes of somebody's own act is shown at once. @param {Event} event */
function hold(event) {
  const { detail } = /** @type {CustomEvent} */ (event);
  if (!pressed || !detail.target.contains(pressed) || !detail.requestConfig.triggeringEvent?.type.endsWith(":changed")) return;
  detail.shouldSwap = false;
  missed = true;
}
