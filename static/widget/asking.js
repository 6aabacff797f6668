/**
 * What the panel asks: the questions before a chat, an address while nobody is there, and stars after it.
 *
 * Each has a card of its own at the end of the log. To answer is a wish, except for a consent: until that is given
 * nothing is written.
 */
import { button, element } from "./render.js";
import { text } from "./texts.js";

const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** @param {Config} config @param {State} state */
export function lacksConsent({ form }, { visitor }) {
  return Boolean(form?.consent && !visitor?.consented);
}

/** @param {Config} config @param {State} state @param {(kind: AskKind) => boolean} declined @returns {AskKind[]} */
export function whatToAsk(config, state, declined) {
  const { chat, visitor, online } = state;
  if (!visitor || online === null) return [];
  const { form, away, rates } = config;
  const isOpen = chat?.status === "open";
  /** @type {AskKind[]} */
  const asked = [];
  if (chat && !isOpen && rates && (chat.rating || !declined("rate"))) asked.push("rate");
  const isTime = form?.questions.length && !visitor.answered && !(form.only_away && online);
  if (!isOpen && (isTime || lacksConsent(config, state))) asked.push("form");
  if (isOpen && away?.email && !online && !visitor.email && !declined("email")) asked.push("email");
  return asked;
}

/** @param {HTMLElement} box @param {AskingOptions} options */
export function keepAsking(box, { config, state, notes, send, changed, composer, moveFocus }) {
  /** @type {Map<AskKind, AskCard>} */
  const cards = new Map();
  /** @type {{kind: AskKind, email: boolean}|null} */
  let sent = null;
  let drawn = "";
  const mark = (/** @type {AskKind} */ kind) => `no-${kind}:${state().chat?.id}`;
  const submit = (/** @type {AskKind} */ kind, /** @type {Frame} */ frame) => {
    sent = send(frame) ? { kind, email: Boolean(frame.fields?.email) } : null;
    cards.get(kind)?.say(sent ? "" : text("notNow"));
  };
  // before a consent nothing is kept, here neither
  const draft = {
    read: () => JSON.parse((!lacksConsent(config, state()) && notes.get("answers")) || "{}"),
    write: (/** @type {object} */ given) =>
      !lacksConsent(config, state()) && notes.set("answers", JSON.stringify(given)),
  };
  const decline = (/** @type {AskKind} */ kind) => (notes.set(mark(kind), "1"), changed());
  const make = (/** @type {AskKind} */ kind) => {
    if (kind === "rate") return rating(state().chat?.rating ?? 0, submit, () => decline(kind));
    if (kind === "form" && config.form) return questions(config.form, (fields) => submit(kind, fields), undefined, draft);
    return questions({ ...EMPTY, questions: [EMAIL()] }, (fields) => submit(kind, fields), () => decline(kind));
  };
  return {
    /** What was asked is answered; null when it was something else. @param {string} of */
    done(of) {
      const answered = sent;
      sent = null;
      if (of === "form" && answered?.kind === "form") notes.set("answers", null);
      if (of === "rate") cards.get("rate")?.done?.();
      return of === "form" && answered ? { email: answered.email } : null;
    },
    /** @param {Frame} frame */
    refused(frame) {
      if (sent) cards.get(sent.kind)?.say(frame.detail);
      sent = null;
    },
    /** The composer gives way to what has to be answered first, and so does its focus.
     * @returns {HTMLElement|null} the card that stands in its place */
    draw() {
      // an owner's draft has changed
      const looks = JSON.stringify([config.form, config.texts]);
      if (looks !== drawn) for (const [kind, { node }] of cards) (node.remove(), cards.delete(kind));
      drawn = looks;
      const wanted = whatToAsk(config, state(), (kind) => Boolean(notes.get(mark(kind))));
      for (const [kind, { node }] of cards) if (!wanted.includes(kind)) (node.remove(), cards.delete(kind));
      for (const kind of wanted.filter((kind) => !cards.has(kind))) {
        const card = make(kind);
        cards.set(kind, card);
        box.append(card.node);
      }
      const had = document.hasFocus() && composer.contains(document.activeElement);
      const first = cards.get("form")?.node ?? null;
      composer.hidden = Boolean(first);
      if (first && had) moveFocus();
      return first;
    },
    /** @returns {HTMLElement|null|undefined} the first field, while one has to be filled in before anything else */
    focus: () => cards.get("form")?.node.querySelector("input,textarea,select"),
  };
}

const EMPTY = { intro: "", only_away: false, consent: "", consent_url: "" };
/** @returns {Question} */
const EMAIL = () => ({ key: "email", kind: "email", label: text("yourEmail"), help: "", required: true, options: [] });

/** @param {AskForm} form @param {(frame: Frame) => void} submit @param {() => void} [decline]
 * @param {{read(): any, write(given: object): void}} [draft] of answers that are half typed @returns {AskCard} */
function questions(form, submit, decline, draft) {
  const { node, say, status } = shell();
  if (form.intro) node.append(element("p", "", form.intro));
  const asked = [...form.questions];
  if (form.consent) {
    asked.push({ key: "consent", kind: "checkbox", label: form.consent, help: "", required: true, options: [] });
  }
  const fields = asked.map((question) => field(question));
  const values = () => Object.fromEntries(fields.map(({ key, value }) => [key, value()]));
  const given = draft?.read() ?? {};
  for (const { key, fill } of fields) if (key in given) fill(given[key]);
  node.addEventListener("input", () => draft?.write(values()));
  node.append(...fields.map(({ box }) => box));
  if (form.consent_url) fields.at(-1)?.box.append(more(form.consent_url));
  node.append(status, actions(text(decline ? "send" : "start"), decline));
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    const wrong = fields.filter(({ check }) => !check());
    if (wrong.length) return wrong[0].input.focus();
    submit({ type: "form", fields: values() });
  });
  return { node, say };
}

/** @param {number} given @param {(kind: AskKind, frame: Frame) => void} submit @param {() => void} decline */
function rating(given, submit, decline) {
  const { node, say, status } = shell();
  const group = element("fieldset", "stars");
  group.append(element("legend", "", text("rate")));
  let stars = given;
  let byForm = false;
  const comment = /** @type {HTMLTextAreaElement} */ (element("textarea"));
  comment.maxLength = 2000;
  comment.rows = 2;
  comment.placeholder = text("comment");
  comment.setAttribute("aria-label", text("comment"));
  const rest = element("div", "rest");
  rest.hidden = true;
  rest.append(comment, actions(text("send")));
  const leave = button("noThanks", "tb-no-thanks", decline);
  const tell = () => (leave.remove(), submit("rate", { type: "rate", stars, comment: comment.value.trim() }));
  for (let n = 1; n <= 5; n++) {
    const label = element("label");
    const input = /** @type {HTMLInputElement} */ (element("input"));
    Object.assign(input, { type: "radio", name: "stars", value: String(n), checked: n === given });
    input.setAttribute("aria-label", text(n === 1 ? "starOne" : "stars", { n }));
    input.addEventListener("change", () => {
      stars = n;
      byForm = rest.hidden = false;
      tell();
    });
    label.append(input, element("span", "", "★"));
    group.append(label);
  }
  node.append(group, rest, status);
  if (!given) node.append(leave);
  node.addEventListener("submit", (event) => (event.preventDefault(), (byForm = true), tell()));
  /** What was sent with the button is told apart from the stars, which are sent when they are chosen. */
  const done = () => {
    say(text(byForm && comment.value.trim() ? "commented" : "thanks"));
    if (!byForm) return;
    const chosen = /** @type {HTMLInputElement|null} */ (group.querySelector(":checked"));
    if (rest.contains(document.activeElement)) chosen?.focus({ preventScroll: true });
    rest.hidden = true;
  };
  return { node, say, done };
}

function shell() {
  const node = /** @type {HTMLFormElement} */ (element("form", "ask"));
  node.noValidate = true;
  node.dataset.testid = "tb-ask";
  const status = element("p", "said");
  status.setAttribute("role", "status");
  return { node, status, say: (/** @type {string} */ words) => void (status.textContent = words) };
}

/** @param {string} label @param {() => void} [decline] */
function actions(label, decline) {
  const line = element("div", "line");
  const send = /** @type {HTMLButtonElement} */ (element("button", "go", label));
  send.dataset.testid = "tb-answer";
  line.append(send, ...(decline ? [button("noThanks", "tb-no-thanks", decline)] : []));
  return line;
}

/** @param {string} url */
function more(url) {
  const link = /** @type {HTMLAnchorElement} */ (element("a", "", text("readMore")));
  return Object.assign(link, { href: url, target: "_blank", rel: "noopener noreferrer" });
}

let number = 0;

/** A question with its label, help and what is wrong with the answer. @param {Question} question */
function field({ key, kind, label, help, required, options }) {
  const id = `q${++number}`;
  const box = element("div", kind === "checkbox" ? "field check" : "field");
  const input = control(kind, options);
  Object.assign(input, { id, required });
  input.setAttribute("aria-describedby", `${id}e`);
  const words = /** @type {HTMLLabelElement} */ (element("label", "", label));
  words.htmlFor = id;
  if (!required && kind !== "checkbox") words.append(element("small", "", ` ${text("optional")}`));
  const problem = element("p", "wrong");
  problem.id = `${id}e`;
  box.append(words, ...(help ? [element("small", "", help)] : []), input, problem);
  if (key === "name" || key === "email") input.autocomplete = key;
  const value = () => (kind === "checkbox" ? input.checked : input.value.trim());
  const fill = (/** @type {any} */ given) => (kind === "checkbox" ? (input.checked = given) : (input.value = given));
  const check = () => {
    const given = value();
    const bad = kind === "email" && given && !ADDRESS.test(String(given));
    problem.textContent = bad ? text("badEmail") : required && !given ? text("missing") : "";
    input.setAttribute("aria-invalid", String(Boolean(problem.textContent)));
    return !problem.textContent;
  };
  // not when the field is left: what stands below would move away from under a finger that presses it
  input.addEventListener("input", () => problem.textContent && check());
  return { key, box, input, value, fill, check };
}

/** @param {Question["kind"]} kind @param {string[]} options @returns {HTMLInputElement} */
function control(kind, options) {
  const isOwn = kind === "textarea" || kind === "select";
  const input = /** @type {HTMLInputElement} */ (element(isOwn ? kind : "input"));
  if (!isOwn) input.type = kind;
  input.maxLength = kind === "textarea" ? 2000 : 254;
  for (const option of kind === "select" ? ["", ...options] : []) {
    input.append(Object.assign(element("option", "", option || text("choose")), { value: option }));
  }
  return input;
}
