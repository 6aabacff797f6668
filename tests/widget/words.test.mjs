import assert from "node:assert/strict";
import { test } from "node:test";

import { contrast, palette, parse } from "../../static/widget/colour.js";
import { length, tidy } from "../../static/widget/composer.js";
import { initials } from "../../static/widget/render.js";
import { dayAndTime } from "../../static/widget/texts.js";
import { tellTyping } from "../../static/widget/around.js";
import { chance } from "./chance.mjs";

test("text can be read on every colour an owner may choose", () => {
  const luck = chance(7);
  for (let n = 0; n < 2000; n++) {
    const colour = "#" + luck.below(0x1000000).toString(16).padStart(6, "0");
    const { accent, ink, onLight, onDark } = palette(colour);
    assert.ok(contrast(parse(accent), parse(ink)) >= 4.5, `${ink} on ${accent}`);
    assert.ok(contrast(parse(onLight), [244, 243, 241]) >= 4.5, `${onLight} on light`);
    assert.ok(contrast(parse(onDark), [44, 42, 39]) >= 4.5, `${onDark} on dark`);
  }
});

test("a colour that is none becomes the default", () => {
  for (const colour of ["", "red", "#12", "url(x)", "#4f46e5;}"])
    assert.equal(palette(colour).accent, "#4f46e5");
  assert.equal(palette("#abc").accent, "#aabbcc");
});

test("what travels has no control characters, half characters or blank edges", () => {
  assert.equal(tidy("  a\u0000b\u0007\r\nc\td \n"), "ab\nc\td");
  assert.equal(tidy("x\ud83dy\ude42z"), "x\ufffdy\ufffdz");
  assert.equal(tidy("👩‍👩‍👧 ok"), "👩‍👩‍👧 ok");
  assert.equal(tidy(" \n\t "), "");
});

test("length counts code points, as the server does", () => {
  assert.equal(length("🙂".repeat(8000)), 8000);
});

test("initials come from the first and the last name", () => {
  assert.deepEqual(["Bob", "Bob van Marsh", "", "  ", "Éva Ödön", "🙂 x"].map(initials), [
    "B",
    "BM",
    "",
    "",
    "ÉÖ",
    "🙂X",
  ]);
});

test("days near by have names", () => {
  const now = new Date(2026, 0, 5, 12);
  const day = (d) => dayAndTime(new Date(2026, 0, d, 23, 30).toISOString(), "en-GB", now);
  assert.deepEqual([day(5), day(4), day(1)], ["Today 23:30", "Yesterday 23:30", "Thu 1 Jan 23:30"]);
});

test("typing is told at most every three seconds", () => {
  let [now, told] = [0, 0];
  const tell = tellTyping(
    () => told++,
    () => now,
  );
  for (now = 0; now <= 6000; now += 100) tell();
  assert.equal(told, 3);
});
