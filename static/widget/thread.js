/**
 * The log of messages, and what a visitor may do with their own: a quiet button beside it opens *Edit* and *Delete*
 * below. Rows keep their nodes from one drawing to the next, so a screen reader hears each
 * message once and nothing under the reader's eyes is replaced.
 */
import { card } from "./files.js";
import { button, element, face, icon, render, segmentsOf } from "./render.js";
import { text, textOr, timeOf } from "./texts.js";

/** @type {Record<string, string>} */
const TICKS = { pending: "clock", sent: "check", delivered: "checks", seen: "checks" };
/** @type {Record<MessageRow["wish"], "discard"|"undo"|"keep">} */
const GIVE_UP = { message: "discard", edit: "undo", withdraw: "keep" };

export class Thread {
  /** @param {HTMLElement} box @param {ThreadOptions} options */
  constructor(box, options) {
    this.box = box;
    this.options = options;
    /** @type {Map<string, Drawn>} */
    this.drawn = new Map();
  }

  /** @param {Row[]} rows */
  draw(rows) {
    const wanted = new Set(rows.map((row) => row.key));
    for (const [key, { node }] of this.drawn) if (!wanted.has(key)) this.#remove(key, node);
    let place = this.box.firstElementChild;
    for (const row of rows) {
      const node = this.#nodeFor(row);
      if (node === place) place = place.nextElementSibling;
      else this.box.insertBefore(node, place);
    }
  }

  /** @param {string} key @param {HTMLElement} node */
  #remove(key, node) {
    node.remove();
    this.drawn.delete(key);
  }

  /** @param {Row} row */
  #nodeFor(row) {
    const before = this.drawn.get(row.key);
    const node = before?.node ?? blank(row);
    const looks = JSON.stringify(row);
    if (before?.looks !== looks) this.#fill(node, row, before?.row);
    this.drawn.set(row.key, { row, node, looks });
    return node;
  }

  /** @param {HTMLElement} node @param {Row} row @param {Row} [before] */
  #fill(node, row, before) {
    if (row.kind !== "message") return void (node.textContent = row.text);
    if (before?.kind !== "message" || contentOf(before) !== contentOf(row)) this.#write(node, row);
    this.#mark(node, row);
  }

  /** @param {HTMLElement} node @param {MessageRow} row */
  #write(node, row) {
    const mine = row.author.kind === "visitor";
    const stack = element("div", "stack");
    if (!mine && row.first) stack.append(element("span", "name", row.author.name || this.options.company));
    stack.append(this.#bubble(row, mine));
    node.replaceChildren(
      ...(mine ? [] : [row.first ? face(row.author) : element("span", "face gap")]),
      stack,
    );
  }

  /** @param {MessageRow} row @param {boolean} mine */
  #bubble(row, mine) {
    const bubble = element("div", "bubble");
    bubble.dir = "auto";
    const who = row.author.name || this.options.company;
    const said = element("span", "sr", (mine ? text("youSaid") : text("said", { who })) + " ");
    // With a direction of its own it has no say in the bubble's, which is the message's.
    said.dir = "ltr";
    bubble.append(said);
    bubble.append(...(row.deleted ? [text("deleted")] : this.#content(row)));
    if (mine) bubble.append(element("span", "tick"));
    const line = element("div", "line");
    line.append(bubble, this.#time(row.at));
    return line;
  }

  /** @param {MessageRow} row */
  #content(row) {
    const body = element("div", "body");
    body.dataset.testid = "tb-body";
    body.append(render(row.segments?.length ? row.segments : segmentsOf(row.body)));
    const edited = row.edited ? [element("span", "edited", text("edited"))] : [];
    return [
      ...(row.body ? [body] : []),
      ...row.attachments.map((file) => card(file, this.options.card)),
      ...edited,
    ];
  }

  /** @param {string} at */
  #time(at) {
    const time = /** @type {HTMLTimeElement} */ (element("time", "at", timeOf(at, this.options.locale)));
    time.dateTime = at;
    return time;
  }

  /** What changes while a message is on its way.
   * @param {HTMLElement} node @param {MessageRow} row */
  #mark(node, row) {
    node.dataset.state = row.state;
    node.dataset.seq = row.seq === null ? "" : String(row.seq);
    node.classList.toggle("first", row.first);
    node.classList.toggle("deleted", row.deleted);
    node.classList.toggle("media", !row.body && !row.deleted && row.attachments.length > 0);
    const tick = node.querySelector(".tick");
    if (TICKS[row.state])
      tick?.replaceChildren(icon(TICKS[row.state]), element("span", "sr", textOr(row.state, "sent")));
    else tick?.replaceChildren();
    node.querySelector(".failure")?.remove();
    if (row.state === "failed") node.querySelector(".stack")?.append(this.#failure(row));
    keepMenu(node, row, this.options);
  }

  /** @param {MessageRow} row */
  #failure(row) {
    const failure = element("div", "failure");
    failure.append(
      element("span", "", reasonOf(row)),
      button("retry", "tb-retry", () => this.options.retry(row.entry)),
      button(GIVE_UP[row.wish], "tb-discard", () => this.options.discard(row.entry)),
    );
    return failure;
  }
}

/** @param {Row} row */
function blank(row) {
  if (row.kind !== "message") return element("div", row.kind);
  const node = element("div", row.author.kind === "visitor" ? "row mine" : "row theirs");
  node.dataset.testid = "tb-message";
  node.dataset.kind = row.author.kind;
  return node;
}

/** @param {MessageRow} row */
function contentOf(row) {
  const { body, segments, edited, deleted, first, author, at } = row;
  // Addresses of files are told anew with every frame: that alone draws nothing anew.
  const files = row.attachments.map(({ id, name, state, problem }) => [id, name, state, problem]);
  return JSON.stringify([body, segments, files, edited, deleted, first, author, at]);
}

/** What a refusal of the server says is a sentence for the person.
 * @param {MessageRow} row */
function reasonOf({ wish, code, detail }) {
  if (wish === "message")
    return textOr(`failed_${code}`, "failed") + (code === "refused" ? ` ${detail}` : "");
  return `${text(wish === "edit" ? "notEdited" : "notWithdrawn")} ${detail}`.trim();
}

/** Adds the button and its actions to a row, or takes them away once the message is past changing.
 * @param {HTMLElement} node @param {MessageRow} row @param {ThreadOptions} options */
function keepMenu(node, row, options) {
  node.classList.toggle("able", row.mayChange);
  const acts = node.querySelector(".acts");
  if (row.mayChange && !acts) add(node, row, options);
  if (row.mayChange || !acts) return;
  node.querySelector(".more")?.remove();
  acts.remove();
}

/** @param {HTMLElement} node @param {MessageRow} row @param {ThreadOptions} options */
function add(node, row, options) {
  const acts = element("div", "acts");
  const more = element("button", "more round");
  more.dataset.testid = "tb-more";
  more.setAttribute("aria-label", text("more"));
  more.append(icon("more"));
  const show = (/** @type {boolean} */ open) => {
    acts.hidden = !open;
    more.setAttribute("aria-expanded", String(open));
    if (open) offer(acts, row, { ...options, edit: (row) => (show(false), options.edit(row)) });
  };
  more.addEventListener("click", () => show(acts.hidden === true));
  acts.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    show(false);
    more.focus();
  });
  show(false);
  node.querySelector(".line")?.append(more);
  node.querySelector(".stack")?.append(acts);
}

/** @param {HTMLElement} acts @param {MessageRow} row @param {ThreadOptions} options */
function offer(acts, row, options) {
  const remove = button("remove", "tb-delete", () => ask(acts, row, options));
  const edit = button("edit", "tb-edit", () => options.edit(row));
  acts.replaceChildren(element("span", "", timeOf(row.at, options.locale)), edit, remove);
}

/** Gone is gone, also for the other side: one more question.
 * @param {HTMLElement} acts @param {MessageRow} row @param {ThreadOptions} options */
function ask(acts, row, options) {
  const keep = button("keep", "tb-keep", () => {
    offer(acts, row, options);
    acts.querySelector("button")?.focus();
  });
  acts.replaceChildren(
    element("span", "", text("sure")),
    button("remove", "tb-sure", () => options.withdraw(row)),
    keep,
  );
  keep.focus();
}
