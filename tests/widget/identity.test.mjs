import assert from "node:assert/strict";
import { test } from "node:test";

import { Identity } from "../../static/widget/identity.js";
import { settle } from "./clock.mjs";

function browser() {
  const kept = new Map();
  const notes = { get: (name) => kept.get(name) ?? null, set: (name, value) => void kept.set(name, value) };
  let last = Promise.resolve();
  const exclusively = (task) => (last = last.then(task));
  return () => new Identity(notes, exclusively);
}

test("two tabs that open together become one visitor", async () => {
  const tab = browser();
  const [a, b] = [tab(), tab()];
  assert.equal(await a.token(), null);
  let second = "still waiting";
  void b.token().then((token) => (second = token));
  await settle();
  assert.equal(second, "still waiting");
  a.welcomed("vt_1");
  await settle();
  assert.equal(second, "vt_1");
});

test("a tab that is turned away lets the next one try", async () => {
  const tab = browser();
  const [a, b] = [tab(), tab()];
  await a.token();
  let second = "still waiting";
  void b.token().then((token) => (second = token));
  a.settled();
  await settle();
  assert.equal(second, null);
});

test("a token that is not accepted is forgotten once", async () => {
  const identity = browser()();
  identity.welcomed("vt_1");
  identity.inChat("c1");
  assert.equal(identity.forget(), true);
  assert.equal(identity.chat, null);
  assert.equal(identity.forget(), false);
});
