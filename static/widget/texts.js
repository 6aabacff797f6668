/** Every word the panel says, in one place; messages with a number take it as `{n}`. */
const ENGLISH = {
  you: "You",
  said: "{who} said:",
  youSaid: "You said:",
  pending: "Sending",
  sent: "Sent",
  delivered: "Delivered",
  seen: "Seen",
  edited: "edited",
  today: "Today",
  yesterday: "Yesterday",
  newChat: "New chat",
  ended: "This chat has ended. Write to start a new one.",
  typing: "{who} is typing",
  attachment: "Attachment: {name}",
  newOne: "1 new message",
  newMany: "{n} new messages",
  left: "{n} characters left",
  leftOne: "1 character left",
  over: "{n} characters too long",
  overOne: "1 character too long",
  retry: "Retry",
  discard: "Delete",
  online: "We are online",
  away: "We are away. Write, and we will answer here.",
  connecting: "Connecting",
  offline: "You are offline. What you write is kept and sent as soon as you are back.",
  waiting: "The connection was lost. What you write is kept and sent as soon as it is back.",
  unknown_site: "This chat is not set up yet. Please tell the owner of this page.",
  origin_refused: "This chat is not allowed on this page. Please tell the owner of this page.",
  blocked: "You cannot write here at the moment.",
  not_accepted: "The chat could not be opened. Close it and open it again to try once more.",
  identity_rejected: "The chat could not be opened. Reload the page to try once more.",
  failed: "Not sent.",
  failed_stale: "Not sent yet: it is more than a day old. Send it now or delete it.",
  failed_too_long: "Not sent: it is too long.",
  failed_blocked: "Not sent: you cannot write here at the moment.",
  launcherOpen: "Open chat",
  launcherClose: "Close chat",
  launcherUnreadOne: "Open chat, 1 new message",
  launcherUnread: "Open chat, {n} new messages",
};

/** @typedef {keyof typeof ENGLISH} TextKey */

/** @param {TextKey} key @param {Record<string, string|number>} [values] @returns {string} */
export function text(key, values = {}) {
  return ENGLISH[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** @param {string} key @param {TextKey} otherwise @returns {string} */
export function textOr(key, otherwise) {
  return Object.hasOwn(ENGLISH, key) ? text(/** @type {TextKey} */ (key)) : text(otherwise);
}

/** @param {number} n @param {TextKey} one @param {TextKey} many @returns {string} */
export function plural(n, one, many) {
  return n === 1 ? text(one) : text(many, { n });
}
