/*
 * The page in the site's preview. The loader on it and the panel are the real ones; the editor around us says what
 * the owner has typed, and we hand it on. Nothing here takes the focus from whoever is typing there.
 */
"use strict";
(() => {
  const page = /** @type {any} */ (window);
  const editor = window.parent;
  const command = (/** @type {unknown[]} */ ...words) => command.q.push(words);
  command.q = /** @type {unknown[][]} */ ([["open"]]);
  page.Threadbell = command;
  HTMLIFrameElement.prototype.focus = () => {};

  const panel = () => document.querySelector("threadbell-widget")?.shadowRoot?.querySelector("iframe")?.contentWindow;

  window.addEventListener("message", ({ source, origin, data }) => {
    if (source !== editor || origin !== location.origin || !data?.draft) return;
    document.documentElement.dataset.scheme = data.scheme;
    panel()?.postMessage({ draft: data.draft }, origin);
    // as at the beginning: the panel answers with what the launcher looks like
    const here = { url: location.href, title: document.title, referrer: "" };
    panel()?.postMessage({ ...here, threadbell: 1, type: "host" }, origin);
  });
  const ready = () => editor.postMessage({ staged: true }, location.origin);
  window.addEventListener("threadbell:ready", ready, { once: true });
})();
