/** What the owner chose for this chat: put on the panel, and told to the launcher. */
import { palette } from "./colour.js";
import { speak, text } from "./texts.js";

/** @type {Config} */
export const config = JSON.parse(part("config").textContent || "{}");
const dark = matchMedia("(prefers-color-scheme: dark)");
/** @type {Record<string, string>} */
const ICONS = {
  bubble: "M20 12a8 7.5 0 0 1-11.6 6.7L4 20l1.2-3.9A7.5 7.5 0 1 1 20 12z",
  question: "M8.2 9a4 4 0 1 1 5.6 3.7c-1.2.6-1.8 1.2-1.8 2.5M12 19h.01",
  smile: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM9 10h.01M15 10h.01M8.5 14a4.2 4.2 0 0 0 7 0",
  letter: "M4 6h16v12H4zM4 7l8 6 8-6",
};

/** Where the launcher is not shown nobody could be answered. */
export const fits = config.launcher.phones || screen.width > 480;

/** Puts `config` on the page; again whenever it has changed. */
export function dress() {
  const root = document.documentElement;
  const { accent, ink, onLight, onDark } = palette(config.colour);
  for (const [name, value] of Object.entries({ accent, ink, "on-light": onLight, "on-dark": onDark })) {
    root.style.setProperty(`--${name}`, value);
  }
  root.dataset.theme = config.theme === "auto" ? (dark.matches ? "dark" : "light") : config.theme;
  root.classList.toggle("faceless", !config.faces);
  speak(config.texts);
  part("title").textContent = config.title;
  part("greeting").textContent = config.greeting;
  const field = /** @type {HTMLTextAreaElement} */ (part("field"));
  field.placeholder = field.ariaLabel = text("placeholder");
  const logo = /** @type {HTMLImageElement} */ (part("logo"));
  logo.hidden = !config.logo;
  if (config.logo) logo.src = config.logo;
}

dark.addEventListener("change", dress);
// what an owner types is worn in their preview before it is saved; a page around us cannot say this
window.addEventListener("dress", (event) => {
  Object.assign(config, /** @type {CustomEvent} */ (event).detail);
  dress();
});

/** What the loader draws on the page around us. @param {boolean} writes whoever writes here sees it always */
export function launcher(writes) {
  const { accent, ink } = palette(config.colour);
  const { position, title } = config;
  return {
    colour: accent,
    ink,
    position,
    title,
    texts: { open: text("launcherOpen"), close: text("launcherClose") },
    launcher: { ...config.launcher, path: ICONS[config.launcher.icon] },
    hidden: Boolean(config.hidden && !writes),
    shown: config.shown,
  };
}

/** @param {string} id @returns {HTMLElement} */
export function part(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}
