/** Files: which ones may be attached, the ways they come in, how they look above the composer and in the bubbles. */
import { uuid } from "./outbox.js";
import { button, element, icon, safeUrl } from "./render.js";
import { text } from "./texts.js";

const MEGABYTE = 1024 * 1024;
const MOST = 10;
const DRAG_ENDS = 200;
/** Signed addresses are good for ten minutes at least. */
const FRESH = 9 * 60_000;
/** Object URLs of local pictures, by the id of the upload and by that of the file it became. @type {Map<string, string>} */
const previews = new Map();
/** When an address was first told. @type {Map<string, number>} */
const told = new Map();

/** @param {{name: string, size: number, type: string}} file @param {FileLimits} limits
 * @param {number} before files that the message has already
 * @returns {string} why it cannot be attached, in words; empty if it can */
export function problemOf({ name, size, type }, { largest, extensions }, before) {
  const extension = extensionOf(name);
  if (before >= MOST) return text("tooMany", { n: MOST });
  if (!extensions.includes(extension) && (extension || !type.startsWith("image/"))) return text("wrongKind");
  if (size > largest) return text("tooLarge", { n: Math.floor(largest / MEGABYTE) });
  return size ? "" : text("emptyFile");
}

/** @param {string} name @returns {string} in small letters, without the dot */
function extensionOf(name) {
  return name.includes(".") ? (name.split(".").pop()?.toLowerCase() ?? "") : "";
}

/** @param {string} name @param {number} size @param {string} locale @returns {string} `PDF, 1.2 MB` */
export function describe(name, size, locale) {
  const unit = size < MEGABYTE ? "kilobyte" : "megabyte";
  const amount = size < MEGABYTE ? Math.ceil(size / 1024) : size / MEGABYTE;
  const words = new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits: 1 }).format(
    amount,
  );
  return [extensionOf(name).toUpperCase(), size ? words : ""].filter(Boolean).join(", ");
}

/** @param {Upload} upload @returns {FileRow} */
export function fileRow({ id, name, size, type, problem, ref, blob, final }) {
  if (blob && type.startsWith("image/") && !previews.has(id)) previews.set(id, URL.createObjectURL(blob));
  const preview = previews.get(id);
  if (ref && preview) previews.set(ref.id, preview);
  const state = problem ? "refused" : ref ? "ready" : "uploading";
  return { id, name, size, content_type: type, url: null, problem, state, again: Boolean(blob && !final) };
}

/** @param {FileRow} file @param {CardOptions} options @param {boolean} [small] above the composer */
export function card(file, options, small = false) {
  const picture = pictureOf(file);
  const url = addressOf(file.url);
  const node = element(small ? "li" : url ? "a" : "div", picture && !small ? "card picture" : "card");
  node.dataset.testid = "tb-file";
  node.dataset.state = file.state;
  node.append(picture ? image(file, picture, options) : icon("file"));
  if (small || !picture) node.append(words(file, options.locale));
  if (url && !small) follow(/** @type {HTMLAnchorElement} */ (node), url, file.id, options);
  if (file.state === "uploading") node.append(bar(file));
  if (small && file.again && file.problem) node.append(button("retry", "", () => options.retry(file.id)));
  if (small || "again" in file) node.append(cross(file, options));
  return node;
}

/** @param {FileRow} file @param {string} locale */
function words(file, locale) {
  const node = element("span", "words");
  const name = element("span", "file-name", file.name);
  name.dir = "auto";
  node.append(name, element("span", "file-note", noteOf(file, locale)));
  return node;
}

/** @param {FileRow} file @param {string} locale */
function noteOf({ state, problem, name, size }, locale) {
  if (state === "failed") return text("notShown");
  if (state === "gone") return text("goneFile");
  return problem || (state === "fetching" ? text("fetching") : describe(name, size, locale));
}

/** @param {FileRow} file */
function bar({ id, name }) {
  const node = element("progress");
  node.dataset.upload = id;
  node.setAttribute("aria-label", text("uploading", { name }));
  return node;
}

/** @param {FileRow} file @param {CardOptions} options */
function cross(file, options) {
  const node = button("", "tb-file-remove", () => options.cancel(file.id));
  node.className = "round small";
  node.setAttribute("aria-label", text("removeFile", { name: file.name }));
  node.append(icon("close"));
  return node;
}

/** @param {FileRow} file @returns {string|null} */
function pictureOf({ id, state, content_type, thumbnail_url }) {
  if (state === "refused" || !content_type.startsWith("image/")) return null;
  return previews.get(id) ?? addressOf(thumbnail_url);
}

/** Its place is kept before it is there, so that nothing jumps.
 * @param {FileRow} file @param {string} src @param {CardOptions} options */
function image({ id, name, width, height }, src, options) {
  const node = /** @type {HTMLImageElement} */ (element("img"));
  Object.assign(node, { src, alt: name }, width && height && { width, height });
  const again = async () => (node.src = (await options.fresh(id)).thumbnail_url ?? "");
  node.addEventListener("error", () => void again(), { once: true });
  return node;
}

/** @param {string|null|undefined} url */
function addressOf(url) {
  const address = url ? safeUrl(new URL(url, location.href).href) : null;
  if (address && !told.has(address)) told.set(address, Date.now());
  return address;
}

/** A link that was told long ago is asked for anew when somebody wants it.
 * @param {HTMLAnchorElement} node @param {string} url @param {string} id @param {CardOptions} options */
function follow(node, url, id, options) {
  Object.assign(node, { href: url, target: "_blank", rel: "noopener noreferrer nofollow" });
  node.addEventListener("click", async (event) => {
    if (Date.now() - (told.get(node.href) ?? 0) < FRESH) return;
    event.preventDefault();
    const address = addressOf((await options.fresh(id)).url);
    if (!address) return;
    // It may be the same one, told anew.
    told.set(address, Date.now());
    node.href = address;
    node.click();
  });
}

/** The files that go with the next message, and the ways they come in: picked, photographed, pasted, dropped.
 * @param {TrayParts} parts @param {TrayOptions} options @returns {() => void} draws them */
export function keepTray({ tray, said, attach, camera, field, drop }, options) {
  const { outbox, limits } = options;
  /** What cannot go stands there with the reason until it is dismissed. @type {FileRow[]} */
  let refused = [];
  /** @type {Map<string, {looks: string, node: HTMLElement}>} */
  let drawn = new Map();
  const cardOptions = {
    ...options.card,
    cancel: (/** @type {string} */ id) => {
      refused = refused.filter((row) => row.id !== id);
      options.card.cancel(id);
      draw();
      options.focus();
    },
  };

  /** @param {FileRow} row */
  const nodeFor = (row) => {
    const before = drawn.get(row.id);
    const looks = row.state + row.problem;
    if (before?.looks === looks) return before;
    said.textContent = `${row.name}: ${row.problem || text(row.state === "ready" ? "uploaded" : "added")}`;
    return { looks, node: card(row, cardOptions, true) };
  };

  const draw = () => {
    const rows = [...(outbox.draft?.files ?? []).map(fileRow), ...refused];
    const next = new Map(rows.map((row) => [row.id, nodeFor(row)]));
    const nodes = [...next.values()].map(({ node }) => node);
    drawn = next;
    tray.hidden = !nodes.length;
    if (nodes.length !== tray.children.length || nodes.some((node, i) => tray.children[i] !== node)) {
      tray.replaceChildren(...nodes);
    }
  };

  const take = (/** @type {File[]} */ files) => {
    /** @type {Upload[]} */
    const taken = [];
    for (const file of files) {
      const problem = problemOf(file, limits, (outbox.draft?.files?.length ?? 0) + taken.length);
      const upload = { id: uuid(), name: file.name, size: file.size, type: file.type, blob: file };
      if (problem) refused.push(fileRow({ ...upload, problem, final: true }));
      else taken.push(upload);
    }
    options.attach(taken);
    draw();
    options.focus();
  };

  offer(
    attach,
    { accept: limits.extensions.map((extension) => `.${extension}`).join(), multiple: true },
    take,
  );
  offer(camera, { accept: "image/jpeg,image/png", capture: "environment" }, take);
  takePasted(field, take);
  takeDropped(drop, take);
  return draw;
}

/** @param {HTMLElement} button @param {object} kind of input @param {(files: File[]) => void} take */
function offer(button, kind, take) {
  const input = document.createElement("input");
  Object.assign(input, { type: "file" }, kind);
  input.addEventListener("change", () => {
    take([...(input.files ?? [])]);
    input.value = "";
  });
  button.hidden = false;
  button.addEventListener("click", () => input.click());
}

/** @param {HTMLElement} field @param {(files: File[]) => void} take */
function takePasted(field, take) {
  field.addEventListener("paste", (event) => {
    const data = event.clipboardData;
    // Words copied from an office program come with a picture of themselves: the words were meant.
    if (!data?.files.length || data.types.includes("text/plain")) return;
    event.preventDefault();
    take([...data.files]);
  });
}

/** @param {HTMLElement} overlay @param {(files: File[]) => void} take */
function takeDropped(overlay, take) {
  /** @type {any} */
  let timer = null;
  const hide = () => void (overlay.hidden = true);
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    overlay.hidden = false;
    clearTimeout(timer);
    // No event says reliably that the drag has left.
    timer = setTimeout(hide, DRAG_ENDS);
  });
  document.addEventListener("drop", (event) => {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    hide();
    take(files);
  });
}
