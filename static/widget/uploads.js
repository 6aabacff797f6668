/**
 * Sends attached files ahead of their message, one after the other, while the visitor may still be writing.
 *
 * One tab uploads at a time, under a lock; what it was told is kept with the entry, so that no file goes twice
 * without need. A refusal stays with the file in the server's words; a dead line or a busy server is waited out.
 */
import { text } from "./texts.js";

const PAUSE = 2_000;
const TRIES = 5;
const PASSING = 500;
/** The file itself is refused: too large, not of a kind, broken. */
const FINAL = new Set([400, 413, 415]);
const STALLED = 60_000;

export class Uploads {
  /** @param {UploadsOptions} options */
  constructor(options) {
    this.options = options;
    this.busy = false;
    /** @type {Map<string, number>} */
    this.tries = new Map();
    /** @type {{id: string, abort: () => void}|null} */
    this.current = null;
  }

  /** Goes on with what is left to upload; harmless at any time. */
  async kick() {
    if (this.busy || !this.#next()) return;
    this.busy = true;
    try {
      await this.options.exclusively(() => this.#run());
    } finally {
      this.busy = false;
    }
  }

  /** @param {string} id */
  cancel(id) {
    if (this.current?.id === id) this.current.abort();
  }

  async #run() {
    await this.options.outbox.refresh();
    for (let file = this.#next(); file; file = this.#next()) await this.#upload(file);
  }

  /** @returns {Upload|undefined} those of messages that wait come before those still in the composer */
  #next() {
    if (!this.options.live()) return undefined;
    const { entries } = this.options.outbox;
    const waiting = [...entries.filter(isPending), ...entries.filter((entry) => entry.state === "draft")];
    return waiting
      .flatMap((entry) => entry.files ?? [])
      .find((file) => file.blob && !file.ref && !file.problem);
  }

  /** @param {Upload} file */
  async #upload(file) {
    const { settle, send, progress, after } = this.options;
    const request = send(file, (part) => progress(file.id, part));
    this.current = { id: file.id, abort: request.abort };
    const { status, answer } = await request.answer;
    this.current = null;
    if (status === 200) return settle(file.id, { ref: answer });
    if (status < 0) return;
    const tries = (this.tries.get(file.id) ?? 0) + 1;
    const passing = answer.retry_ms || ((!status || status >= PASSING) && tries < TRIES);
    if (!answer.retry_ms) this.tries.set(file.id, passing ? tries : 0);
    if (!passing) {
      return settle(file.id, { problem: answer.detail || text("notUploaded"), final: FINAL.has(status) });
    }
    await new Promise((resolve) => after(() => resolve(null), answer.retry_ms || PAUSE * tries));
  }
}

/** @param {Entry} entry */
function isPending(entry) {
  return entry.state === "pending";
}

/** @param {string} url @param {() => string|null} token @returns {SendFile} */
export function sender(url, token) {
  return (file, progress) => {
    const xhr = new XMLHttpRequest();
    const form = new FormData();
    form.append("file", /** @type {Blob} */ (file.blob), file.name);
    xhr.open("POST", url);
    xhr.setRequestHeader("Authorization", `Bearer ${token()}`);
    /** @type {any} */
    let timer = null;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => xhr.abort(), STALLED);
    };
    xhr.upload.onprogress = (event) => (alive(), progress(event.loaded / (event.total || 1)));
    let aborted = false;
    const answer = new Promise((resolve) => {
      xhr.onloadend = () => {
        clearTimeout(timer);
        resolve({ status: aborted ? -1 : xhr.status, answer: parsed(xhr.responseText) });
      };
    });
    alive();
    xhr.send(form);
    return { answer, abort: () => ((aborted = true), xhr.abort()) };
  };
}

/** @param {string} body @returns {any} a proxy on the way may answer with anything */
function parsed(body) {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}

/** New addresses of a file whose old ones have expired.
 * @param {string} url @param {() => string|null} token @returns {(id: string) => Promise<Partial<FileLink>>} */
export function asker(url, token) {
  return async (id) => {
    const headers = { Authorization: `Bearer ${token()}` };
    const answer = await fetch(`${url}&id=${id}`, { headers }).catch(() => null);
    return answer?.ok ? answer.json() : {};
  };
}
