import assert from "node:assert/strict";
import { test } from "node:test";

import { rows } from "../../static/widget/rows.js";
import { apply, fresh } from "../../static/widget/store.js";
import { truth } from "./truth.mjs";

const BOB = { kind: "agent", id: "bob", name: "Bob" };
const AT = "2026-01-05T10:00:00.000Z";

function chatOf(...messages) {
  const list = messages.map((message, i) => ({
    id: `m${i}`,
    seq: i + 1,
    author: BOB,
    body: "b",
    created_at: AT,
    ...message,
  }));
  const chat = { id: "c", status: "open" };
  return apply(fresh(), {
    type: "welcome",
    chat,
    rev: list.length,
    messages: list,
    online: true,
    agents: [],
  });
}

const entry = (id, extra = {}) => ({
  id,
  site: "pk",
  body: id,
  order: Date.parse(AT),
  state: "pending",
  ...extra,
});
const bodies = (list) => list.filter((row) => row.kind === "message").map((row) => row.body);

test("a time stands above the first message and above each pause", () => {
  const later = "2026-01-05T10:11:00.000Z";
  const state = chatOf({}, {}, { created_at: later }, { created_at: later });
  assert.deepEqual(
    rows(state, [], "en").map((row) => row.kind),
    ["time", "message", "message", "time", "message", "message"],
  );
});

test("name and face stand once in a run", () => {
  const alice = { kind: "agent", id: "alice", name: "Alice" };
  const list = rows(chatOf({}, {}, { author: alice }, {}), [], "en").filter((row) => row.kind === "message");
  assert.deepEqual(
    list.map((row) => row.first),
    [true, false, true, true],
  );
});

test("the visitor's lines are one run, whether sent or not", () => {
  const state = chatOf({ author: { kind: "visitor", id: "v1", name: "Ana" } });
  const list = rows(state, [entry("x")], "en").filter((row) => row.kind === "message");
  assert.deepEqual(
    list.map((row) => row.first),
    [true, false],
  );
});

test("unsent messages stand at the end", () => {
  assert.deepEqual(bodies(rows(chatOf({}), [entry("x"), entry("y")], "en")), ["b", "x", "y"]);
});

test("a message is not shown both unsent and sent", () => {
  const server = truth();
  const state = [server.welcome(0), server.acked("hello", "c1")].reduce(apply, fresh());
  assert.deepEqual(bodies(rows(state, [entry("c1", { body: "hello" })], "en")), ["hello"]);
});

test("a message whose acknowledgement was lost is not shown twice", () => {
  const state = chatOf({ author: { kind: "visitor" }, body: "hello" });
  assert.deepEqual(bodies(rows(state, [entry("x", { body: "hello", tried: 0 })], "en")), ["hello"]);
  assert.deepEqual(bodies(rows(state, [entry("x", { body: "hello", tried: 1 })], "en")), ["hello", "hello"]);
  assert.deepEqual(bodies(rows(state, [entry("x", { body: "hello" })], "en")), ["hello", "hello"]);
});

test("what was taken back is not shown", () => {
  assert.deepEqual(bodies(rows(chatOf({ deleted: true, body: "" }, {}), [], "en")), ["b"]);
});

test("own messages go from sent over delivered to seen", () => {
  const mine = { author: { kind: "visitor" } };
  let state = chatOf(mine, mine, mine);
  state = apply(apply(state, { type: "delivered", chat: "c", seq: 2 }), { type: "seen", seq: 1 });
  const list = rows(state, [entry("x"), entry("y", { state: "failed" })], "en").filter(
    (row) => row.kind === "message",
  );
  assert.deepEqual(
    list.map((row) => row.state),
    ["seen", "delivered", "sent", "pending", "failed"],
  );
});

test("the end of a chat is said", () => {
  const state = apply(chatOf({}), { type: "chat", chat: { id: "c", status: "closed" } });
  assert.equal(rows(state, [], "en").at(-1).kind, "remark");
});

test("keys are unique, whatever is shown", () => {
  const server = truth("next");
  const state = apply(chatOf({}, {}), server.acked("new", "c9"));
  const keys = rows(state, [entry("x")], "en").map((row) => row.key);
  assert.equal(new Set(keys).size, keys.length);
});
