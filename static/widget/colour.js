/** The owner's colour, and what can be read on it. Contrast as WCAG 2.2 computes it. */

const DEFAULT = "#4f46e5";
const ENOUGH = 4.5;

/** @typedef {[number, number, number]} Rgb */

// The grounds of bubbles in messages.css, where the owner's colour is hardest to read.
/** @type {Rgb} */
const RAISED_LIGHT = [244, 243, 241];
/** @type {Rgb} */
const RAISED_DARK = [44, 42, 39];

/** @param {string} colour @returns {{accent: string, ink: string, onLight: string, onDark: string}} */
export function palette(colour) {
  const rgb = parse(colour) ?? /** @type {Rgb} */ (parse(DEFAULT));
  return {
    accent: hex(rgb),
    ink: contrast(rgb, [255, 255, 255]) >= ENOUGH ? "#ffffff" : "#000000",
    onLight: hex(readable(rgb, RAISED_LIGHT, [0, 0, 0])),
    onDark: hex(readable(rgb, RAISED_DARK, [255, 255, 255])),
  };
}

/** Moves a colour towards `towards` until it can be read on `ground`.
 * @param {Rgb} rgb @param {Rgb} ground @param {Rgb} towards @returns {Rgb} */
function readable(rgb, ground, towards) {
  for (let part = 0; part <= 1; part += 0.05) {
    const mixed = /** @type {Rgb} */ (rgb.map((value, i) => Math.round(value + (towards[i] - value) * part)));
    if (contrast(mixed, ground) >= ENOUGH) return mixed;
  }
  return towards;
}

/** @param {Rgb} a @param {Rgb} b @returns {number} */
export function contrast(a, b) {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

/** @param {Rgb} rgb */
function luminance(rgb) {
  const [r, g, b] = rgb
    .map((value) => value / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @param {string} colour @returns {Rgb|null} */
export function parse(colour) {
  const long = /^#([0-9a-f]{3})$/i.test(colour) ? colour.replace(/[0-9a-f]/gi, "$&$&") : colour;
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(long);
  return match && /** @type {Rgb} */ (match.slice(1).map((pair) => parseInt(pair, 16)));
}

/** @param {Rgb} rgb */
function hex(rgb) {
  return "#" + rgb.map((value) => value.toString(16).padStart(2, "0")).join("");
}
