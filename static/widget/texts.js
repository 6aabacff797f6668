/** Every word the panel says, in one place, and times in the reader's language and zone; messages with a number take it as `{n}`. */
const ENGLISH = {
  placeholder: "Write a message",
  you: "You",
  said: "{who} said:",
  youSaid: "You said:",
  pending: "Sending",
  sent: "Sent",
  delivered: "Delivered",
  seen: "Seen",
  edited: "edited",
  deleted: "Message deleted",
  more: "Message options",
  edit: "Edit",
  remove: "Delete",
  sure: "Delete it for everybody?",
  keep: "Keep",
  undo: "Undo",
  save: "Save",
  send: "Send",
  notEdited: "Not changed.",
  notWithdrawn: "Not deleted.",
  today: "Today",
  yesterday: "Yesterday",
  newChat: "New chat",
  ended: "This chat has ended. Write to start a new one.",
  typing: "{who} is typing",
  uploading: "Uploading {name}",
  removeFile: "Remove {name}",
  added: "attached",
  uploaded: "uploaded",
  fetching: "On its way",
  notShown: "This file could not be shown.",
  goneFile: "This file was removed.",
  notUploaded: "This file could not be uploaded.",
  lostFile: "This file is no longer here. Please attach it again.",
  tooMany: "At most {n} files go with one message.",
  tooLarge: "This file is too large: at most {n} MB.",
  wrongKind: "This kind of file cannot be sent. Pictures, PDF, text, Word and Excel files can.",
  emptyFile: "This file is empty.",
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
  awayUntil: "We are away until {when}. Write, and we will answer here.",
  connecting: "Connecting",
  offline: "You are offline. What you write is kept and sent as soon as you are back.",
  waiting: "The connection was lost. What you write is kept and sent as soon as it is back.",
  unknown_site: "This chat is not set up yet. Please tell the owner of this page.",
  origin_refused: "This chat is not allowed on this page. Please tell the owner of this page.",
  closed: "This chat is closed for now.",
  blocked: "You cannot write here at the moment.",
  not_accepted: "The chat could not be opened. Close it and open it again to try once more.",
  identity_rejected: "This chat is for people who are logged in. Log in on this website, then open it again.",
  failed: "Not sent.",
  failed_stale: "Not sent yet: it is more than a day old. Send it now or delete it.",
  failed_too_long: "Not sent: it is too long.",
  failed_file: "Not sent: a file could not be uploaded.",
  failed_blocked: "Not sent: you cannot write here at the moment.",
  start: "Start the chat",
  optional: "(optional)",
  choose: "Choose",
  missing: "This is needed.",
  badEmail: "Write an e-mail address like ana@example.com.",
  yourEmail: "Your e-mail address, so that our answer also reaches you there",
  notNow: "There is no connection. Try again in a moment.",
  readMore: "Read more",
  rate: "How was this chat?",
  starOne: "1 star",
  stars: "{n} stars",
  comment: "What should we know?",
  thanks: "Thank you.",
  commented: "Thank you. Your comment was sent.",
  noThanks: "No, thanks",
  launcherOpen: "Open chat",
  launcherClose: "Close chat",
  launcherUnreadOne: "Open chat, 1 new message",
  launcherUnread: "Open chat, {n} new messages",
};

/** @typedef {keyof typeof ENGLISH} TextKey */

/** What the owner says otherwise. @type {Partial<Record<TextKey, string>>} */
let own = {};

/** @param {Partial<Record<TextKey, string>>} words */
export function speak(words) {
  own = words;
}

/** @param {TextKey} key @param {Record<string, string|number>} [values] @returns {string} */
export function text(key, values = {}) {
  return (own[key] || ENGLISH[key]).replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** @param {string} key @param {TextKey} otherwise @returns {string} */
export function textOr(key, otherwise) {
  return Object.hasOwn(ENGLISH, key) ? text(/** @type {TextKey} */ (key)) : text(otherwise);
}

/** @param {number} n @param {TextKey} one @param {TextKey} many @returns {string} */
export function plural(n, one, many) {
  return n === 1 ? text(one) : text(many, { n });
}

const DAY = 86_400_000;

/** @param {string} iso @param {string} locale */
export function timeOf(iso, locale) {
  return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }).format(new Date(iso));
}

/** @param {string} iso @param {string} locale @param {Date} [now] */
export function dayAndTime(iso, locale, now = new Date()) {
  return `${dayOf(new Date(iso), locale, now)} ${timeOf(iso, locale)}`;
}

/** @param {Date} date @param {string} locale @param {Date} now */
function dayOf(date, locale, now) {
  const days = Math.round((midnight(now) - midnight(date)) / DAY);
  if (days === 0) return text("today");
  if (days === 1) return text("yesterday");
  return new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "short" }).format(date);
}

/** @param {Date} date */
function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
