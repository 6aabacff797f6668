import assert from "node:assert/strict";
import { test } from "node:test";

import { Identity } from "../../static/widget/identity.js";
import { clock, settle } from "./clock.mjs";

function browser() {
  const kept = new Map();
  const notes = { get: (name) => kept.get(name) ?? null, set: (name, value) => void kept.set(name, value) };
  let last = Promise.resolve();
  const exclusively = (task) => (last = last.then(task));
  const time = clock();
  return { tab: () => new Identity(notes, exclusively, time.after), time };
}

test("two tabs that open together become one visitor", async () => {
  const { tab, time } = browser();
  const [a, b] = [tab(), tab()];
  assert.equal(await a.token(), null);
  let second = "still waiting";
  void b.token().then((token) => (second = token));
  await settle();
  assert.equal(second, "still waiting");
  a.welcomed("vt_1");
  await settle();
  assert.equal(second, "still waiting", "the other tab could not read yet what was stored here");
  await time.pass(1_000);
  assert.equal(second, "vt_1");
});

test("a tab that is turned away lets the next one try", async () => {
  const { tab } = browser();
  const [a, b] = [tab(), tab()];
  await a.token();
  let second = "still waiting";
  void b.token().then((token) => (second = token));
  a.settled();
  await settle();
  assert.equal(second, null);
});

test("a token that is not accepted is forgotten once", async () => {
  const identity = browser().tab();
  identity.welcomed("vt_1");
  identity.inChat("c1");
  assert.equal(identity.forget(), true);
  assert.equal(identity.chat, null);
  assert.equal(identity.forget(), false);
});

/** A token as a website's server makes it; nobody checks it here. @param {string} sub */
const jwt = (sub) => `e30.${Buffer.from(JSON.stringify({ sub })).toString("base64url")}.sig`;

test("somebody else on the same machine is told from the same person with a newer token", async () => {
  const identity = browser().tab();
  assert.equal(identity.names(jwt("4711")), false);
  assert.equal(identity.names(jwt("4711") + "2"), false);
  assert.equal(identity.names(jwt("José ?>")), true);
  assert.equal(identity.names(jwt("José ?>")), false);
  assert.equal(identity.names(null), false);
  assert.equal(identity.names("junk"), false);
});

test("a welcome that comes late takes nothing from the tab that was named meanwhile", async () => {
  const { tab } = browser();
  const [a, b] = [tab(), tab()];
  await a.token();
  assert.equal(a.welcomed("vt_unknown"), true);
  await a.token();
  await b.token();
  assert.equal(b.welcomed("vt_carol"), true);
  assert.equal(a.welcomed("vt_unknown"), false);
  assert.equal(await a.token(), "vt_carol");
});
