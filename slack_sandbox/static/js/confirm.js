// A question before something is done, as buttons and menus may ask it.

import { el } from "./dom.js";

/**
 * @param {{title: string, text: string, confirm: string, deny: string, style?: string}} question
 * @returns {Promise<boolean>}
 */
export function confirmed(question) {
  return new Promise((answer) => {
    const done = (yes) => { dialog.close(); dialog.remove(); answer(yes); };
    const dialog = el("dialog", { class: "modal small", testid: "confirm", "aria-label": question.title, oncancel: (event) => { event.preventDefault(); done(false); } },
      el("h2", { class: "modal-head" }, question.title), el("p", { class: "modal-body" }, question.text),
      el("div", { class: "modal-foot" },
        el("button", { type: "button", class: "action", testid: "confirm-deny", onclick: () => done(false) }, question.deny),
        el("button", { type: "button", class: `action ${question.style === "danger" ? "danger" : "primary"}`, testid: "confirm-ok", onclick: () => done(true) }, question.confirm)));
    document.body.append(dialog);
    dialog.showModal();
  });
}
