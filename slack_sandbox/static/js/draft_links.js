// Addresses in a message that is not sent yet: the app may show what stands behind them.

import { el } from "./dom.js";
import { act } from "./net.js";

let told = "", timer = 0;

/** Asks for previews once the addresses of a draft have changed. @param {string} text @param {object} context see main.js */
export function draftChanged(text, context) {
  const addresses = (text.match(/https?:\/\/\S+/g) ?? []).join(" ");
  if (addresses === told) return;
  told = addresses;
  clearTimeout(timer);
  show([]);
  timer = setTimeout(() => context.attempt(act("preview", { ...context.me(), text: told })), 400);
}

/** The app has answered. @param {object} context */
export async function refreshPreviews(context) {
  const { previews } = await act("previews", context.me());
  show(told ? previews : []);
}

function show(previews) {
  document.querySelector(".draft-previews")?.remove();
  if (!previews.length) return;
  const cards = previews.map((one) => el("div", { class: "unfurl", testid: "composer-preview", data: { url: one.url } },
    one.icon_url && el("img", { src: one.icon_url, alt: "", width: 16, height: 16 }), el("b", {}, one.title?.text ?? one.url), one.subtitle && el("p", {}, one.subtitle.text)));
  const box = document.querySelector("#thread .composer:focus-within") ?? document.querySelector("#channel .composer");
  box?.before(el("div", { class: "draft-previews" }, ...cards));
}
