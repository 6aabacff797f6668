/** The landing page plays Slack: what is written in the panel appears in the thread, and the other way round. */

const WAIT = 1800;
const TYPES = 1600;
const FIRST_ANSWER = "I read you in Slack, and you read me here. Now try my side: answer as Bob.";

/** @param {string} id @returns {any} */
const part = (id) => document.getElementById(id);
const frame = part("try-frame");
const thread = part("try-thread");
const form = part("try-answer");
const field = part("try-field");
/** @type {Map<string, HTMLElement>} */
const lines = new Map();
let answered = false;

begin();

function begin() {
  part("try").hidden = false;
  part("try-still")?.remove();
  frame.addEventListener("load", meetPanel);
  frame.src = frame.dataset.src;
  window.addEventListener("message", hear);
  form.addEventListener("submit", answer);
}

/** As the loader does on a website. */
function meetPanel() {
  tell({ threadbell: 1, type: "host", url: location.href, title: document.title, referrer: "" });
  tell({ threadbell: 1, type: "open", quiet: true });
}

/** @param {object} word */
function tell(word) {
  frame.contentWindow.postMessage(word, location.origin);
}

/** @param {MessageEvent} event */
function hear({ source, origin, data }) {
  if (source !== frame.contentWindow || origin !== location.origin || data?.tryout !== "line") return;
  const known = lines.get(data.id);
  if (known) return correct(known, data.text);
  if (!lines.size) open();
  lines.set(data.id, line("V", "Visitor 3fa2", "(visitor)", data.text));
  if (!answered) setTimeout(greet, WAIT);
}

function open() {
  part("try-empty").remove();
  line("T", "Threadbell", "app", "New chat · Visitor 3fa2 on your-shop.example").classList.add("thread-card");
  field.disabled = form.querySelector("button").disabled = false;
}

/** @param {HTMLElement} known @param {string} text */
function correct(known, text) {
  known.textContent = text || "(withdrawn)";
}

function greet() {
  if (answered) return;
  answered = true;
  tell({ tryout: "read" });
  tell({ tryout: "typing" });
  setTimeout(() => reply(FIRST_ANSWER), TYPES);
}

/** @param {SubmitEvent} event */
function answer(event) {
  event.preventDefault();
  const text = field.value.trim();
  if (!text) return;
  answered = true;
  field.value = "";
  reply(text);
}

/** @param {string} text */
function reply(text) {
  line("B", "Bob", "", text);
  tell({ tryout: "read" });
  tell({ tryout: "answer", text });
}

/** @param {string} letter @param {string} name @param {string} mark @param {string} text @returns {HTMLElement} */
function line(letter, name, mark, text) {
  const row = make("div", "thread-line");
  const face = make("span", letter === "B" ? "avatar avatar-other" : "avatar", letter);
  face.ariaHidden = "true";
  const words = make("p");
  const body = make("span", "thread-words", text);
  words.append(make("strong", "", name), " ", make("span", "muted", mark), make("br"), body);
  row.append(face, words);
  thread.append(row);
  thread.scrollTop = thread.scrollHeight;
  return body;
}

/** @param {string} tag @param {string} [look] @param {string} [text] @returns {any} */
function make(tag, look = "", text = "") {
  const node = document.createElement(tag);
  if (look) node.className = look;
  node.textContent = text;
  return node;
}
