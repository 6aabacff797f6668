/**
 * One WebSocket kept alive: hello, backing off, probing, obeying `bye`.
 *
 * Pings of the server are invisible to scripts, so a socket that may be dead is asked something that
 * must be answered; silence for three seconds means that it is dead.
 */

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
/** while somebody watches a line that is on its way */
const LONGEST_HURRY = 5_000;
const GREETING_TIME = 10_000;
const ANSWER_TIME = 3_000;
const FINAL = new Set(["unknown_site", "origin_refused", "identity_rejected", "blocked", "refused"]);
/** @type {Record<number, string>} */
const CLOSED_FOR = { 4401: "not_accepted", 4403: "origin_refused" };

/** @type {SocketEnv} */
const BROWSER = {
  open: (url) => new WebSocket(url),
  after: (task, ms) => setTimeout(task, ms),
  cancel: (timer) => clearTimeout(timer),
  random: () => Math.random(),
  now: () => Date.now(),
  online: () => navigator.onLine,
};

export class Socket {
  /** @param {SocketOptions} options */
  constructor(options) {
    this.options = options;
    /** @type {SocketEnv} */
    this.env = { ...BROWSER, ...options.env };
    /** @type {LinkState} */
    this.state = "idle";
    this.reason = "";
    this.heardAt = 0;
    /** @type {WebSocket|null} */
    this.ws = null;
    /** @type {number|null} */
    this.orderedPause = null;
    this.tries = 0;
    this.attempt = 0;
    /** @type {any} */
    this.timer = null;
    /** @type {any} */
    this.answerTimer = null;
  }

  /** Connects unless it already is or is about to; also after a refusal, when a person asks again. */
  start() {
    if (this.state === "connecting" || this.state === "live") return;
    this.env.cancel(this.timer);
    this.#connect();
  }

  /** The network is back or the person is: do not sit out the pause, unless the server asked for it. */
  wake() {
    if (this.state === "live") this.probe();
    else if (this.env.online() && this.#isPausing()) this.start();
  }

  #isPausing() {
    return this.state === "offline" || (this.state === "waiting" && this.orderedPause === null);
  }

  /** Nobody needs it for now. */
  rest() {
    if (this.state === "idle" || this.state === "stopped") return;
    this.#drop();
    this.#enter("idle");
  }

  goOffline() {
    if (this.state === "idle" || this.state === "stopped") return;
    this.#drop();
    this.#pause("offline", LONGEST_PAUSE);
  }

  /** @param {Frame} frame @returns {boolean} whether it was handed to a live socket */
  send(frame) {
    if (this.state !== "live" || !this.ws) return false;
    this.ws.send(JSON.stringify(frame));
    return true;
  }

  probe() {
    if (this.answerTimer !== null || !this.send(this.options.question())) return;
    this.answerTimer = this.env.after(() => this.restart(), ANSWER_TIME);
  }

  /** The socket cannot be trusted any more: drop it and connect afresh. */
  restart() {
    if (this.state !== "live" && this.state !== "connecting") return;
    this.#drop();
    this.#connect();
  }

  #connect() {
    this.#enter("connecting");
    this.orderedPause = null;
    const attempt = ++this.attempt;
    const ws = this.env.open(this.options.url);
    this.ws = ws;
    this.timer = this.env.after(() => this.#lost(attempt, 0), GREETING_TIME);
    ws.onopen = () => this.#greet(attempt, ws);
    ws.onmessage = (event) => this.#receive(attempt, event.data);
    ws.onclose = (event) => this.#lost(attempt, event.code);
  }

  /** @param {number} attempt @param {WebSocket} ws */
  async #greet(attempt, ws) {
    const hello = await this.options.greet();
    if (attempt === this.attempt && ws.readyState === 1) ws.send(JSON.stringify(hello));
  }

  /** @param {number} attempt @param {unknown} data */
  #receive(attempt, data) {
    if (attempt !== this.attempt || typeof data !== "string") return;
    const frame = JSON.parse(data);
    this.#heard();
    if (frame.type === "bye") this.orderedPause = frame.retry_ms;
    if (frame.type === "error" && this.state !== "live") this.#refusedAtTheDoor(frame);
    if (frame.type === "welcome") this.#welcomed();
    this.options.onFrame(frame);
  }

  #heard() {
    this.heardAt = this.env.now();
    this.env.cancel(this.answerTimer);
    this.answerTimer = null;
  }

  #welcomed() {
    this.env.cancel(this.timer);
    this.tries = 0;
    this.#enter("live");
  }

  /** @param {Frame} frame */
  #refusedAtTheDoor(frame) {
    this.reason = frame.code;
    this.orderedPause = frame.retry_ms ?? null;
  }

  /** @param {number} attempt @param {number} code */
  #lost(attempt, code) {
    if (attempt !== this.attempt) return;
    const reason = this.reason || CLOSED_FOR[code] || "";
    this.#drop();
    if ((FINAL.has(reason) || code in CLOSED_FOR) && !this.options.forgive?.(reason))
      return this.#enter("stopped", reason);
    if (!this.env.online()) return this.#pause("offline", LONGEST_PAUSE);
    this.#pause("waiting", this.orderedPause ?? this.#nextPause(code));
  }

  /** @param {number} code @returns {number} full jitter: a restart must not call everybody back at once */
  #nextPause(code) {
    if (code === 4429 || code === 4400) return (LONGEST_PAUSE / 2) * (1 + this.env.random());
    const longest = this.options.isHurried?.() ? LONGEST_HURRY : LONGEST_PAUSE;
    return this.env.random() * Math.min(longest, FIRST_PAUSE * 2 ** this.tries++);
  }

  /** @param {LinkState} state @param {number} ms */
  #pause(state, ms) {
    this.timer = this.env.after(() => this.#connect(), ms);
    this.#enter(state);
  }

  #drop() {
    this.attempt++;
    this.env.cancel(this.timer);
    this.#heard();
    this.ws?.close();
    this.ws = null;
  }

  /** @param {LinkState} state @param {string} [reason] */
  #enter(state, reason = "") {
    this.state = state;
    this.reason = "";
    this.options.onState(state, reason);
  }
}
