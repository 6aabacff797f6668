/** Where we are: the chat on the page, and the words that make htmx read a part of it again. */

/** @returns {HTMLElement|null} the open chat's section */
export function openChat() {
  return document.querySelector("#detail[data-chat]");
}

/** @returns {string|null} */
export function openChatId() {
  return openChat()?.dataset.chat ?? null;
}

export function refreshList() {
  document.body.dispatchEvent(new CustomEvent("chats:changed"));
}

export function refreshVisitors() {
  document.body.dispatchEvent(new CustomEvent("visitors:changed"));
}

export function refreshChat() {
  document.body.dispatchEvent(new CustomEvent("chat:changed"));
}

/** @param {EventTarget|null} target @returns {boolean} somebody is writing there */
export function isField(target) {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
