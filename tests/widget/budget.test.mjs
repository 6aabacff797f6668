import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";

const FOLDER = new URL("../../static/widget/", import.meta.url);
const FRAME = readFileSync(new URL("../../templates/widget/frame.html", import.meta.url), "utf8");
const read = (name) => readFileSync(new URL(name, FOLDER), "utf8");
const weight = (text) => brotliCompressSync(Buffer.from(text)).length;
const modules = readdirSync(FOLDER).filter((name) => name.endsWith(".js"));

test("the loader weighs at most 4 kB, without the comments that nobody is sent", () => {
  const sent = read("loader.js").replace(/\/\*[\s\S]*?\*\/|\/\/ .*$/gm, "");
  assert.ok(weight(sent) <= 4000, `${weight(sent)} bytes`);
});

test("the page asks for one script and one style sheet, which import the rest", () => {
  const asked = [...FRAME.matchAll(/'widget\/([\w.]+)'/g)].map(([, name]) => name);
  assert.deepEqual(asked, ["widget.css", "panel.js"]);
});

test("nothing in the widget parses markup, evaluates text or takes over the page's handlers", () => {
  const banned =
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|window\.onmessage|document\.cookie/;
  for (const name of modules) assert.doesNotMatch(read(name), banned, name);
});

test("the frame's page carries no script or style of its own", () => {
  assert.doesNotMatch(FRAME, /<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
});
