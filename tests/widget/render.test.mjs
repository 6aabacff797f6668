import assert from "node:assert/strict";
import { test } from "node:test";

import { render, safeUrl, segmentsOf } from "../../static/widget/render.js";
import { document } from "./tiny_dom.mjs";

globalThis.document = document;
const shown = (...segments) => String(render(segments));

const REL = 'target="_blank" rel="noopener noreferrer nofollow"';

test("a link opens apart and tells the other side nothing", () => {
  assert.equal(
    shown({ type: "link", text: "here", url: "https://acme.example/a" }),
    `<a href="https://acme.example/a" ${REL}>here</a>`,
  );
});

for (const url of [
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  " javascript:alert(1)",
  "java\nscript:alert(1)",
  "\u0001javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:x",
  "file:///etc/passwd",
  "blob:https://acme.example/1",
  "//acme.example",
  "/console",
  "",
  null,
  undefined,
  7,
  {},
]) {
  test(`the address ${JSON.stringify(url) ?? "undefined"} becomes plain text`, () => {
    assert.equal(safeUrl(url), null);
    assert.ok(!shown({ type: "link", text: "here", url }).includes("<a"));
    assert.ok(!shown({ type: "emoji", text: "x", url }).includes("<img"));
  });
}

test("web, mail and telephone addresses may be followed", () => {
  const good = ["http://acme.example/", "https://acme.example/", "mailto:bob@acme.example", "tel:+370600"];
  for (const url of good) {
    assert.equal(safeUrl(url), url);
  }
});

test("markup in text stays text", () => {
  const evil = '<img src=x onerror="alert(1)">';
  for (const type of [
    "text",
    "link",
    "emoji",
    "mention",
    "code",
    "codeblock",
    "quote",
    "list",
    "unheard-of",
    "constructor",
  ]) {
    const html = shown({ type, text: evil, items: [evil] });
    assert.ok(!html.includes("<img src=x"), `${type}: ${html}`);
  }
});

test("styles nest", () => {
  const segment = {
    type: "text",
    text: "all",
    style: { bold: true, italic: true, strike: true, underline: true },
  };
  assert.equal(shown(segment), "<strong><em><u><s>all</s></u></em></strong>");
});

test("lists and quotes hold segments", () => {
  const bold = { type: "text", text: "b", style: { bold: true } };
  assert.equal(
    shown({ type: "list", items: [[{ type: "text", text: "a" }, bold], { type: "text", text: "c" }, "d"] }),
    "<ul><li>a<strong>b</strong></li><li>c</li><li>d</li></ul>",
  );
  const inner = { type: "list", items: [["b"]] };
  assert.equal(
    shown({ type: "list", items: [["a", inner], ["c"]] }),
    "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>",
  );
  assert.equal(shown({ type: "list", ordered: true, items: ["a"] }), "<ol><li>a</li></ol>");
  assert.equal(shown({ type: "quote", items: [bold] }), "<blockquote><strong>b</strong></blockquote>");
  assert.equal(shown({ type: "quote", text: "said" }), "<blockquote>said</blockquote>");
});

test("code, breaks, mentions and emoji have their own look", () => {
  assert.equal(shown({ type: "code", text: "x<y" }), "<code>x&lt;y</code>");
  assert.equal(shown({ type: "codeblock", text: "a\nb" }), "<pre><code>a\nb</code></pre>");
  assert.equal(shown({ type: "break" }), "<br></br>");
  assert.equal(shown({ type: "mention", text: "@Bob" }), '<span className="mention">@Bob</span>');
  assert.equal(shown({ type: "emoji", text: "🙂" }), "🙂");
});

test("nesting without end is cut off", () => {
  let segment = { type: "text", text: "deep" };
  for (let n = 0; n < 5000; n++) segment = { type: "quote", items: [segment] };
  assert.ok(shown(segment).length < 500);
});

test("addresses in the visitor's own words become links without their full stop", () => {
  assert.deepEqual(
    segmentsOf("See https://acme.example/a?b=1, (http://acme.example). javascript:alert(1)").filter(
      ({ type }) => type === "link",
    ),
    ["https://acme.example/a?b=1", "http://acme.example"].map((url) => ({ type: "link", text: url, url })),
  );
});

test("the visitor's own words are kept to the letter", () => {
  for (const body of ["plain", "https://a.example", "a https://a.example b\n\nc", "<b>&amp;</b>"]) {
    assert.equal(
      segmentsOf(body)
        .map(({ text }) => text)
        .join(""),
      body,
    );
  }
});
