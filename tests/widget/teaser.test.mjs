import assert from "node:assert/strict";
import { test } from "node:test";

import { apply, firstWord, fresh } from "../../static/widget/store.js";

const CHAT = { id: "c", status: "open" };
const line = (seq, kind, more = {}) => ({ id: `m${seq}`, seq, author: { kind, name: "Alice" }, body: `line ${seq}`, ...more });
const chat = (...messages) => apply(fresh(), { type: "welcome", chat: CHAT, messages, rev: messages.length });

test("what the team says first is teased, by its newest line", () => {
  assert.equal(firstWord(fresh()), undefined);
  assert.equal(firstWord(chat(line(1, "agent"))).body, "line 1");
  assert.equal(firstWord(chat(line(1, "agent"), line(2, "agent"))).body, "line 2");
});

test("a chat that the visitor began or has answered is none to tease with", () => {
  assert.equal(firstWord(chat(line(1, "visitor"), line(2, "agent"))), undefined);
  assert.equal(firstWord(chat(line(1, "agent"), line(2, "visitor"), line(3, "agent"))), undefined);
});

test("what was taken back is not teased, nor the rest of a chat of which the beginning is not known", () => {
  assert.equal(firstWord(chat(line(1, "agent", { deleted: true, body: "" }))), undefined);
  assert.equal(firstWord(chat(line(7, "agent"))), undefined);
});
