/*
 * The only code of ours on the host page: draws the launcher, holds the panel's frame, takes commands.
 *
 *   <script async src="https://chat.example/widget.js" data-site="pk_…"></script>
 *
 * Commands given before this file has arrived are kept by a stub and carried out then:
 *   window.Threadbell ||= function () { (Threadbell.q ||= []).push(arguments) };
 *
 * Whatever the launcher looks like is told by the frame, so the host page's policy needs nothing but
 * script-src and frame-src for this host. Styles are set through the CSSOM, which no style-src forbids.
 */
"use strict";
if (document.currentScript && !(/** @type {any} */ (window).Threadbell?.loaded)) {
  const page = /** @type {any} */ (window);
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  const origin = new URL(script.src).origin;
  const SVG = "http://www.w3.org/2000/svg";
  const DOWN = "M6 9.5l6 6 6-6";
  const PATIENCE = 15_000;
  const LOOK_EVERY = 2_000;
  const CSS = `
:host{--side:20px;--up:20px;--layer:2147483000;all:initial!important;position:fixed!important;inset:auto 0 0 auto!important;z-index:var(--layer)!important;
 display:block!important;width:0!important;height:0!important}
:host([hidden]){display:none!important}
*{box-sizing:border-box}
button{position:fixed;bottom:calc(var(--up) + env(safe-area-inset-bottom,0px));right:var(--side);width:56px;height:56px;padding:0;
 border:0;border-radius:28px;background:var(--accent,#4f46e5);color:var(--ink,#fff);cursor:pointer;
 box-shadow:0 4px 16px rgb(0 0 0/.2);transition:transform .15s ease-out}
button:hover{transform:scale(1.05)}
button:focus-visible{outline:3px solid var(--accent,#4f46e5);outline-offset:3px;box-shadow:0 0 0 3px #fff}
svg{position:absolute;inset:14px;width:28px;height:28px;fill:none;stroke:currentColor;stroke-width:1.75;
 stroke-linecap:round;stroke-linejoin:round;transition:opacity .15s ease-out}
svg+svg,.open svg{opacity:0}.open svg+svg{opacity:1}
span{position:absolute;top:-4px;right:-4px;min-width:22px;height:22px;padding:0 6px;border-radius:11px;background:#c81e1e;
 color:#fff;font:600 13px/22px system-ui,sans-serif;text-align:center}
.rounded button{border-radius:16px}
.label button{width:auto;max-width:calc(100vw - 2*var(--side));padding:0 22px 0 50px;font:600 16px/56px system-ui,sans-serif}
b{display:block;font-weight:inherit;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
span:empty,b:empty,.open span,.gone:not(.open) button{display:none}
iframe{position:fixed;right:var(--side);bottom:calc(var(--up) + 68px + env(safe-area-inset-bottom,0px));width:380px;
 max-width:calc(100vw - 2*var(--side));height:min(640px,100vh - 84px - var(--up));height:min(640px,100dvh - 84px - var(--up));border:0;border-radius:16px;
 box-shadow:0 8px 40px rgb(0 0 0/.22);visibility:hidden;opacity:0;transform:translateY(8px);color-scheme:normal;
 transition:opacity .16s ease-out,transform .16s ease-out,visibility 0s .16s}
.open iframe{visibility:visible;opacity:1;transform:none;transition-delay:0s}
.left button,.left iframe{right:auto;left:var(--side)}
@media (max-width:480px),(max-height:420px){
 .open button,.desk button{display:none}
 iframe,.left iframe{inset:0 0 auto 0;width:100vw;max-width:none;height:100vh;height:var(--seen,100dvh);border-radius:0}
}
.teased:not(.open) iframe{inset:auto var(--side) calc(var(--up) + 68px + env(safe-area-inset-bottom,0px)) auto;width:300px;
 max-width:calc(100vw - 2*var(--side));height:var(--tease);border-radius:16px;visibility:visible;opacity:1;transform:none;transition-delay:0s}
.teased.left:not(.open) iframe{right:auto;left:var(--side)}
@media (prefers-reduced-motion:reduce){*{transition:none!important}}
@media (forced-colors:active){button{border:2px solid ButtonText}}
@media print{:host{display:none!important}}`;

  /** @type {Record<string, Set<Function>>} */
  const listeners = Object.create(null);

  /** @param {string} name @param {unknown} [detail] */
  const emit = (name, detail) => {
    for (const act of listeners[name] || []) act(detail);
    window.dispatchEvent(new CustomEvent("threadbell:" + name, { detail }));
  };

  /** @param {string} tag @param {Record<string, string>} [attributes] @param {string} [space] @returns {any} */
  const make = (tag, attributes = {}, space) => {
    const node = space ? document.createElementNS(space, tag) : document.createElement(tag);
    for (const name in attributes) node.setAttribute(name, attributes[name]);
    return node;
  };

  /** @param {Element} path */
  const picture = (path) => {
    const svg = make("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, SVG);
    svg.append(path);
    return svg;
  };

  /** Whom the page says its chats are for. @type {string|undefined} */
  let department = script.dataset.department;

  /** Who is logged in there. @type {unknown} */
  let identity = script.dataset.identity;

  const where = () => ({
    url: location.href,
    title: document.title,
    referrer: document.referrer,
    department,
    identity,
  });

  /** The host page comes first. @param {() => void} task */
  const whenIdle = (task) => {
    const idle = () =>
      page.requestIdleCallback ? requestIdleCallback(task, { timeout: 2000 }) : setTimeout(task, 200);
    if (document.readyState === "complete") idle();
    else window.addEventListener("load", idle, { once: true });
  };

  class Widget {
    /** @param {string} site */
    constructor(site) {
      this.site = site;
      this.ends = new AbortController();
      this.texts = { open: "Open chat", close: "Close chat", unread: "" };
      this.host = make("threadbell-widget");
      this.box = make("div");
      this.button = make("button", { type: "button", "data-testid": "tb-launcher" });
      this.badge = make("span", { "aria-hidden": "true" });
      this.icon = make("path", {}, SVG);
      this.words = make("b", { dir: "auto" });
      /** @type {[string, object][]} */
      this.queue = [];
      /** @type {any} */
      this.frame = null;
      this.ready = this.isOpen = false;
      this.unread = 0;
      this.told = "";
      /** @type {any} */
      this.looks = 0;
      this.build();
      this.listen();
      whenIdle(() => this.ends.signal.aborted || this.load());
    }

    build() {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(CSS);
      const root = this.host.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [sheet];
      root.append(this.box);
      const down = make("path", { d: DOWN }, SVG);
      this.button.append(picture(this.icon), picture(down), this.words, this.badge);
      this.label();
    }

    listen() {
      const until = { signal: this.ends.signal };
      const turn = () => setTimeout(() => this.tellPage());
      this.button.addEventListener("click", () => this.toggle());
      window.addEventListener("message", (event) => this.hear(event), until);
      for (const name of ["popstate", "hashchange"]) window.addEventListener(name, turn, until);
      page.navigation?.addEventListener("navigatesuccess", turn, until);
      window.visualViewport?.addEventListener("resize", () => this.fit(), until);
    }

    load() {
      if (this.frame) return;
      // `data-frame`: the owner's preview has a panel of its own
      const src = origin + (script.dataset.frame || "/widget/frame?site=" + encodeURIComponent(this.site));
      this.frame = make("iframe", { src, title: this.texts.open });
      this.frame.addEventListener("load", () => this.post("host", where()));
      this.box.append(this.frame);
      (document.body || document.documentElement).append(this.host);
      setTimeout(() => this.complain(), PATIENCE);
    }

    complain() {
      if (!this.ready && !this.ends.signal.aborted) console.warn("Threadbell: the chat could not be loaded.");
    }

    tellPage() {
      const now = location.href + document.title + department;
      if (now !== this.told && this.ready) this.post("page", where());
      this.told = now;
    }

    /** @param {string} type @param {object} [detail] */
    post(type, detail) {
      this.frame.contentWindow?.postMessage({ ...detail, threadbell: 1, type }, origin);
    }

    /** @param {string} type @param {object} [detail] */
    tell(type, detail = {}) {
      if (this.ready) return this.post(type, detail);
      this.queue.push([type, detail]);
      this.load();
    }

    /** @param {MessageEvent} event */
    hear({ source, origin: from, data }) {
      if (!this.frame || source !== this.frame.contentWindow || from !== origin || data?.threadbell !== 1)
        return;
      if (data.type === "ready") this.meet(data);
      if (data.type === "open") this.open();
      if (data.type === "close") this.close();
      if (data.type === "teaser") this.tease(data.height);
      if (data.type === "unread") this.mark(data);
      if (data.type === "identity") emit("identity", data.detail);
    }

    /** @param {any} word */
    meet({ colour, ink, position, texts, title, launcher, hidden, shown }) {
      const { side, bottom, layer, shape, path, label, phones } = launcher;
      const look = { accent: colour, ink, layer, side: side + "px", up: bottom + "px" };
      for (const [name, value] of Object.entries(look)) this.host.style.setProperty("--" + name, value);
      this.box.className = [position, shape, phones ? "" : "desk", hidden ? "gone" : ""].join(" ");
      this.box.classList.toggle("open", this.isOpen);
      this.icon.setAttribute("d", path);
      this.words.textContent = shape === "label" ? label : "";
      Object.assign(this.texts, texts);
      this.frame.title = title;
      this.ready = true;
      for (const [type, detail] of this.queue.splice(0)) this.post(type, detail);
      // a page that turns itself says so to no script in every browser, and its title comes later
      if (shown) this.looks = setInterval(() => this.tellPage(), LOOK_EVERY);
      this.label();
      this.box.append(this.button);
      emit("ready");
    }

    /** @param {{count: number, label: string}} word */
    mark({ count, label }) {
      this.unread = count;
      this.texts.unread = label;
      this.badge.textContent = count > 99 ? "99+" : count || "";
      this.label();
      emit("unread", count);
    }

    /** The closed frame as a bubble of this height; 0 for none. @param {number} height */
    tease(height) {
      this.box.classList.toggle("teased", height > 0);
      this.box.style.setProperty("--tease", height + "px");
      // whoever was in it goes on beside it
      if (!height && !this.isOpen && this.host.shadowRoot.activeElement === this.frame) this.button.focus();
    }

    label() {
      const { open, close, unread } = this.texts;
      // what can be read on it comes first in its name
      const name = [this.words.textContent, this.isOpen ? close : unread || open].filter(Boolean);
      this.button.setAttribute("aria-label", name.join(", "));
      this.button.setAttribute("aria-expanded", String(this.isOpen));
    }

    open() {
      if (this.isOpen) return;
      this.turn(true);
      this.tellPage();
      this.tell("open");
      this.frame.focus();
    }

    close() {
      if (!this.isOpen) return;
      this.turn(false);
      this.tell("close");
      this.button.focus();
    }

    toggle() {
      if (this.isOpen) this.close();
      else this.open();
    }

    /** @param {boolean} now */
    turn(now) {
      this.isOpen = now;
      this.load();
      this.box.classList.toggle("open", now);
      this.fit();
      this.label();
      emit(now ? "open" : "close");
    }

    // The keyboard of a phone covers a fixed frame: only the visual viewport tells how much is left.
    fit() {
      const view = window.visualViewport;
      if (view?.scale === 1 && this.isOpen) this.box.style.setProperty("--seen", view.height + "px");
    }

    /** @param {boolean} shown */
    show(shown) {
      if (!shown) this.close();
      this.host.hidden = !shown;
    }

    destroy() {
      this.ends.abort();
      clearInterval(this.looks);
      this.host.remove();
    }
  }

  /** @type {Widget|null} */
  let widget = null;

  /** @type {Record<string, Function>} */
  const verbs = Object.assign(Object.create(null), {
    /** @param {{site?: string}} [options] */
    boot: (options) => {
      const site = options?.site || script.dataset.site;
      if (site) widget ??= new Widget(site);
    },
    open: () => widget?.open(),
    close: () => widget?.close(),
    toggle: () => widget?.toggle(),
    /** @param {{department?: string}} [options] */
    update: (options) => {
      department = options?.department;
      widget?.tellPage();
    },
    /** @param {{token?: unknown}} [options] */
    identify: (options) => {
      identity = options?.token;
      widget?.tell("identify", { token: identity });
    },
    reset: () => {
      identity = null;
      widget?.tell("reset");
    },
    show: () => widget?.show(true),
    hide: () => widget?.show(false),
    prefill: (/** @type {unknown} */ text) => widget?.tell("prefill", { text: String(text) }),
    send: (/** @type {unknown} */ text) => widget?.tell("send", { text: String(text) }),
    isOpen: () => Boolean(widget?.isOpen),
    unread: () => widget?.unread || 0,
    on: (/** @type {string} */ name, /** @type {Function} */ act) => (listeners[name] ||= new Set()).add(act),
    off: (/** @type {string} */ name, /** @type {Function} */ act) => listeners[name]?.delete(act),
    destroy: () => {
      widget?.destroy();
      widget = null;
    },
  });

  /** @param {string} verb @param {unknown[]} rest */
  const command = (verb, ...rest) => {
    if (verbs[verb]) return verbs[verb](...rest);
    console.warn(`Threadbell: there is no "${verb}".`);
  };

  const kept = page.Threadbell?.q || [];
  command.loaded = true;
  page.Threadbell = command;
  if (script.dataset.site) command("boot");
  for (const [verb, ...rest] of kept) command(verb, ...rest);
}
