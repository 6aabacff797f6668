/**
 * The log of messages. Rows keep their nodes from one drawing to the next, so a screen reader hears each
 * message once and nothing under the reader's eyes is replaced.
 */
import { face } from "./face.js";
import { element, icon, render, safeUrl, segmentsOf } from "./render.js";
import { text, textOr } from "./texts.js";
import { timeOf } from "./times.js";

/** @type {Record<string, string>} */
const TICKS = { pending: "clock", sent: "check", delivered: "checks", seen: "checks" };
/** @type {Record<string, string>} */
const WORDS = {
  pending: text("pending"),
  sent: text("sent"),
  delivered: text("delivered"),
  seen: text("seen"),
};

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
    const body = element("div", "body");
    body.dataset.testid = "tb-body";
    body.append(render(row.segments?.length ? row.segments : segmentsOf(row.body)));
    bubble.append(body);
    for (const file of row.attachments) bubble.append(attachment(file));
    if (row.edited) bubble.append(element("span", "edited", text("edited")));
    if (mine) bubble.append(element("span", "tick"));
    const line = element("div", "line");
    line.append(bubble, this.#time(row.at));
    return line;
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
    const tick = node.querySelector(".tick");
    if (TICKS[row.state])
      tick?.replaceChildren(icon(TICKS[row.state]), element("span", "sr", WORDS[row.state]));
    else tick?.replaceChildren();
    node.querySelector(".failure")?.remove();
    if (row.state === "failed") node.querySelector(".stack")?.append(this.#failure(row));
  }

  /** @param {MessageRow} row */
  #failure(row) {
    const failure = element("div", "failure");
    const reason = element("span", "", textOr(`failed_${row.code}`, "failed"));
    const retry = button("retry", () => this.options.retry(row.key));
    retry.dataset.testid = "tb-retry";
    failure.append(
      reason,
      retry,
      button("discard", () => this.options.discard(row.key)),
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
  return JSON.stringify([row.body, row.segments, row.attachments, row.edited, row.first, row.author, row.at]);
}

/** @param {"retry"|"discard"} label @param {() => void} act */
function button(label, act) {
  const node = element("button", "link", text(label));
  node.addEventListener("click", act);
  return node;
}

/** @param {{name: string, url: string}} file */
function attachment(file) {
  const anchor = /** @type {HTMLAnchorElement} */ (
    element("a", "file", text("attachment", { name: file.name }))
  );
  const url = safeUrl(new URL(file.url, location.href).href);
  if (url) anchor.href = url;
  anchor.target = "_blank";
  anchor.rel = "noopener noreferrer nofollow";
  return anchor;
}
