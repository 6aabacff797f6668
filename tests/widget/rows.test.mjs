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

test("what was taken back leaves a mark and no word", () => {
  const list = messagesOf(chatOf({ deleted: true, body: "" }, {}), []);
  assert.deepEqual(
    list.map((row) => [row.deleted, row.mayChange, row.body]),
    [
      [true, false, ""],
      [false, false, "b"],
    ],
  );
});

const MINE = { author: { kind: "visitor" } };
const NOW = Date.parse(AT);
const messagesOf = (state, entries, now = NOW) =>
  rows(state, entries, "en", now).filter((row) => row.kind === "message");

test("one's own words may be changed for ten minutes, nobody else's ever", () => {
  const state = chatOf(MINE, {});
  const may = (now) => messagesOf(state, [], now).map((row) => row.mayChange);
  assert.deepEqual(may(NOW), [true, false]);
  assert.deepEqual(may(NOW + 599_000), [true, false]);
  assert.deepEqual(may(NOW + 600_000), [false, false]);
});

test("an edit shows at once and says that it is on its way", () => {
  const change = entry("x", { kind: "edit", target: "m0", body: "better" });
  const [row] = messagesOf(chatOf(MINE), [change]);
  assert.deepEqual(
    [row.body, row.edited, row.state, row.entry, row.id],
    ["better", true, "pending", "x", "m0"],
  );
});

test("a message is told as gone once its withdrawal is on its way, and stands again if that fails", () => {
  const change = entry("x", { kind: "withdraw", target: "m0", body: "" });
  assert.equal(messagesOf(chatOf(MINE), [change])[0].deleted, true);
  const [failed] = messagesOf(chatOf(MINE), [{ ...change, state: "failed", detail: "Too late." }]);
  assert.deepEqual(
    [failed.deleted, failed.body, failed.state, failed.detail, failed.wish],
    [false, "b", "failed", "Too late.", "withdraw"],
  );
});

test("a message may be changed before it ever left, but not while it is on its way", () => {
  const list = messagesOf(chatOf(), [entry("x"), entry("y", { tried: 0 })]);
  assert.deepEqual(
    list.map((row) => [row.id, row.mayChange]),
    [
      ["x", true],
      ["y", false],
    ],
  );
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

test("files stand with their message while they travel, and the composer's own do not", () => {
  const file = { id: "f", name: "a.pdf", size: 3, type: "application/pdf" };
  const waiting = entry("x", { files: [file, { ...file, id: "g", ref: { id: "s" } }] });
  const failed = entry("y", { state: "failed", files: [{ ...file, problem: "No." }] });
  const list = messagesOf(chatOf(), [waiting, failed, entry("d", { state: "draft", files: [file] })]);
  assert.deepEqual(
    list.map((row) => row.attachments.map(({ state }) => state)),
    [["uploading", "ready"], ["refused"]],
  );
});

test("a picture whose acknowledgement was lost is not shown twice, another message without words is no proof", () => {
  const sent = [{ id: "s", name: "a.png", size: 3, content_type: "image/png", url: "/s" }];
  const lost = entry("x", {
    body: "",
    tried: 0,
    files: [{ id: "f", name: "a.png", size: 3, type: "image/png" }],
  });
  const count = (message) => messagesOf(chatOf({ ...MINE, body: "", ...message }), [lost]).length;
  assert.equal(count({ attachments: sent }), 1);
  assert.equal(count({}), 2);
  assert.equal(count({ deleted: true, attachments: sent }), 2);
});

test("a file of an older server is ready", () => {
  const [row] = messagesOf(chatOf({ attachments: [{ id: "s", name: "a", url: "/s" }] }), []);
  assert.equal(row.attachments[0].state, "ready");
});
