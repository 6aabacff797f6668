/*
 * The only code of ours on the host page: draws the launcher, holds the panel's frame, takes commands.
 *
 *   <script async src="https://chat.example/widget.js" data-site="pk_…"></script>
 *
 * Commands given before this file has arrived are kept by a stub and carried out then:
 *   window.Threadbell = window.Threadbell || function () { (Threadbell.q = Threadbell.q || []).push(arguments) };
 *
 * Whatever the launcher looks like is told by the frame, so the host page's policy needs nothing but
 * script-src and frame-src for this host. Styles are set through the CSSOM, which no style-src forbids.
 */
(() => {
  "use strict";
  const script = /** @type {HTMLScriptElement|null} */ (document.currentScript);
  const page = /** @type {any} */ (window);
  const before = page.Threadbell;
  if (!script || (before && before.loaded)) return;

  const origin = new URL(script.src).origin;
  const FALLBACK_AFTER = 6000;
  const CSS = `
:host{all:initial!important;position:fixed!important;inset:auto 0 0 auto!important;z-index:2147483000!important;
 display:block!important;width:0!important;height:0!important}
:host([hidden]){display:none!important}
*{box-sizing:border-box}
button{position:fixed;bottom:calc(20px + env(safe-area-inset-bottom,0px));right:20px;width:56px;height:56px;padding:0;
 border:0;border-radius:50%;background:var(--accent,#4f46e5);color:var(--ink,#fff);cursor:pointer;
 box-shadow:0 4px 16px rgb(0 0 0/.2);transition:transform .15s ease-out}
button:hover{transform:scale(1.05)}
button:focus-visible{outline:3px solid var(--accent,#4f46e5);outline-offset:3px;box-shadow:0 0 0 3px #fff}
svg{position:absolute;inset:14px;width:28px;height:28px;fill:none;stroke:currentColor;stroke-width:1.75;
 stroke-linecap:round;stroke-linejoin:round;transition:opacity .15s ease-out}
svg+svg,.open svg{opacity:0}.open svg+svg{opacity:1}
span{position:absolute;top:-4px;right:-4px;min-width:22px;height:22px;padding:0 6px;border-radius:11px;background:#c81e1e;
 color:#fff;font:600 13px/22px system-ui,sans-serif;text-align:center}
span:empty,.open span{display:none}
iframe{position:fixed;right:20px;bottom:calc(88px + env(safe-area-inset-bottom,0px));width:380px;
 max-width:calc(100vw - 40px);height:min(640px,100vh - 104px);height:min(640px,100dvh - 104px);border:0;border-radius:16px;
 box-shadow:0 8px 40px rgb(0 0 0/.22);visibility:hidden;opacity:0;transform:translateY(8px);color-scheme:normal;
 transition:opacity .16s ease-out,transform .16s ease-out,visibility 0s .16s}
.open iframe{visibility:visible;opacity:1;transform:none;transition-delay:0s}
.left button,.left iframe{right:auto;left:20px}
@media (max-width:480px),(max-height:420px){
 .open button{display:none}
 iframe,.left iframe{inset:0 0 auto 0;width:100vw;max-width:none;height:100vh;height:var(--seen,100dvh);border-radius:0}
}
@media (prefers-reduced-motion:reduce){*{transition:none!important}}
@media (forced-colors:active){button{border:2px solid ButtonText}}
@media print{:host{display:none!important}}`;

  /** @type {Record<string, Set<Function>>} */
  const listeners = Object.create(null);
  /** @type {ReturnType<typeof build>|null} */
  let widget = null;

  /** @type {Record<string, Function>} */
  const verbs = Object.assign(Object.create(null), {
    boot: (/** @type {{site?: string}} */ options) => {
      const site = (options && options.site) || script.dataset.site;
      if (site && !widget) widget = build(site);
    },
    open: () => widget && widget.open(),
    close: () => widget && widget.close(),
    toggle: () => widget && widget.toggle(),
    show: () => widget && widget.show(true),
    hide: () => widget && widget.show(false),
    prefill: (/** @type {string} */ text) => widget && widget.tell("prefill", { text: String(text) }),
    send: (/** @type {string} */ text) => widget && widget.tell("send", { text: String(text) }),
    isOpen: () => Boolean(widget && widget.isOpen()),
    unread: () => (widget ? widget.unread() : 0),
    on: (/** @type {string} */ name, /** @type {Function} */ act) => (listeners[name] = listeners[name] || new Set()).add(act),
    off: (/** @type {string} */ name, /** @type {Function} */ act) => listeners[name] && listeners[name].delete(act),
    destroy: () => {
      if (widget) widget.destroy();
      widget = null;
    },
  });

  /** @param {string} name @param {unknown} [detail] */
  function emit(name, detail) {
    for (const act of listeners[name] || []) act(detail);
    window.dispatchEvent(new CustomEvent("threadbell:" + name, { detail }));
  }

  /** @param {string} tag @param {Record<string, string>} [attributes] @param {string} [space] @returns {any} */
  function make(tag, attributes, space) {
    const node = space ? document.createElementNS(space, tag) : document.createElement(tag);
    for (const name in attributes) node.setAttribute(name, attributes[name]);
    return node;
  }

  /** @param {string} path */
  function picture(path) {
    const space = "http://www.w3.org/2000/svg";
    const svg = make("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, space);
    svg.append(make("path", { d: path }, space));
    return svg;
  }

  /** @param {ShadowRoot} root */
  function dress(root) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
  }

  /** @param {string} site */
  function build(site) {
    const ends = new AbortController();
    const until = { signal: ends.signal };
    const texts = { open: "Open chat", close: "Close chat", unread: "" };
    const host = make("threadbell-widget");
    const root = host.attachShadow({ mode: "open" });
    const box = make("div");
    const button = make("button", { type: "button", "data-testid": "tb-launcher" });
    const badge = make("span", { "aria-hidden": "true" });
    const queue = /** @type {[string, object][]} */ ([]);
    let frame = /** @type {HTMLIFrameElement|null} */ (null);
    let ready = false;
    let isOpen = false;
    let count = 0;
    let told = "";

    dress(root);
    button.append(
      picture("M20 12a8 7.5 0 0 1-11.6 6.7L4 20l1.2-3.9A7.5 7.5 0 1 1 20 12z"),
      picture("M6 9.5l6 6 6-6"),
      badge,
    );
    root.append(box);
    label();
    button.addEventListener("click", () => toggle());
    window.addEventListener("message", hear, until);
    for (const name of ["popstate", "hashchange"]) window.addEventListener(name, tellPage, until);
    if (page.navigation) page.navigation.addEventListener("navigatesuccess", () => setTimeout(tellPage), until);
    if (window.visualViewport) window.visualViewport.addEventListener("resize", fit, until);
    whenIdle(() => {
      if (ends.signal.aborted) return;
      document.body.append(host);
      load();
    });

    function load() {
      if (frame) return;
      frame = make("iframe", { src: origin + "/widget/frame?site=" + encodeURIComponent(site), title: texts.open });
      /** @type {any} */ (frame).addEventListener("load", greet);
      if (!host.isConnected) (document.body || document.documentElement).append(host);
      box.append(frame);
      setTimeout(draw, FALLBACK_AFTER);
    }

    function greet() {
      post("host", where());
    }

    function draw() {
      if (!button.isConnected && !ends.signal.aborted) box.append(button);
    }

    function where() {
      return { url: location.href, title: document.title, referrer: document.referrer };
    }

    function tellPage() {
      const now = location.href + document.title;
      if (now !== told && ready) post("page", where());
      told = now;
    }

    /** @param {string} type @param {object} [detail] */
    function post(type, detail) {
      const target = frame && frame.contentWindow;
      if (target) target.postMessage({ ...detail, threadbell: 1, type }, origin);
    }

    /** @param {string} type @param {object} [detail] */
    function tell(type, detail) {
      if (ready) return post(type, detail);
      queue.push([type, detail || {}]);
      load();
    }

    /** @param {MessageEvent} event */
    function hear(event) {
      if (!frame || event.source !== frame.contentWindow || event.origin !== origin) return;
      const word = event.data;
      if (!word || word.threadbell !== 1) return;
      if (word.type === "ready") meet(word);
      if (word.type === "close") close();
      if (word.type === "unread") mark(word);
    }

    /** @param {any} word */
    function meet(word) {
      host.style.setProperty("--accent", word.colour);
      host.style.setProperty("--ink", word.ink);
      box.classList.toggle("left", word.position === "left");
      Object.assign(texts, word.texts);
      /** @type {any} */ (frame).title = word.title;
      ready = true;
      for (const [type, detail] of queue.splice(0)) post(type, detail);
      label();
      draw();
      emit("ready");
    }

    /** @param {{count: number, label: string}} word */
    function mark(word) {
      count = word.count;
      texts.unread = word.label;
      badge.textContent = count ? (count > 99 ? "99+" : String(count)) : "";
      label();
      emit("unread", count);
    }

    function label() {
      button.setAttribute("aria-label", isOpen ? texts.close : texts.unread || texts.open);
      button.setAttribute("aria-expanded", String(isOpen));
    }

    function open() {
      if (isOpen) return;
      set(true);
      tellPage();
      tell("open");
      /** @type {any} */ (frame).focus();
    }

    function close() {
      if (!isOpen) return;
      set(false);
      tell("close");
      button.focus();
    }

    /** @param {boolean} now */
    function set(now) {
      isOpen = now;
      load();
      box.classList.toggle("open", now);
      fit();
      label();
      emit(now ? "open" : "close");
    }

    function toggle() {
      if (isOpen) close();
      else open();
    }

    // The keyboard of a phone covers a fixed frame: only the visual viewport tells how much is left.
    function fit() {
      const view = window.visualViewport;
      if (view && isOpen && view.scale === 1) box.style.setProperty("--seen", view.height + "px");
    }

    return {
      open, close, toggle, tell,
      isOpen: () => isOpen,
      unread: () => count,
      show: (/** @type {boolean} */ shown) => {
        if (!shown) close();
        host.hidden = !shown;
      },
      destroy: () => {
        ends.abort();
        host.remove();
      },
    };
  }

  /** The host page comes first. @param {() => void} task */
  function whenIdle(task) {
    const idle = () => (page.requestIdleCallback ? requestIdleCallback(task, { timeout: 2000 }) : setTimeout(task, 200));
    if (document.readyState === "complete") idle();
    else window.addEventListener("load", idle, { once: true });
  }

  /** @param {string} verb @param {unknown[]} rest */
  function command(verb, ...rest) {
    if (!verbs[verb]) return console.warn(`Threadbell: there is no "${verb}".`);
    return verbs[verb](...rest);
  }

  command.loaded = true;
  page.Threadbell = command;
  if (script.dataset.site) command("boot");
  for (const [verb, ...rest] of (before && before.q) || []) command(verb, ...rest);
})();
