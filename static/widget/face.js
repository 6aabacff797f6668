/** A person's photo, or their initials where there is none or it does not load. */
import { element, safeUrl } from "./render.js";

/** @param {Author} author */
export function face(author) {
  const node = element("span", "face", initials(author.name ?? ""));
  node.setAttribute("aria-hidden", "true");
  const url = author.avatar_url ? safeUrl(new URL(author.avatar_url, location.href).href) : null;
  if (url) node.append(photo(url));
  return node;
}

/** @param {string} url */
function photo(url) {
  const image = /** @type {HTMLImageElement} */ (element("img"));
  image.alt = "";
  image.addEventListener("error", () => image.remove());
  image.src = url;
  return image;
}

/** @param {string} name */
export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words[words.length - 1] : ""]
    .map((word) => [...(word ?? "")][0] ?? "")
    .join("")
    .toUpperCase();
}
