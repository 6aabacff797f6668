/** S11, W3: edits and withdrawals of one's own messages go out once, in order, whatever the network does. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { memoryShelf } from "../../static/widget/storage.js";
import { clock, settle } from "./clock.mjs";
import { tab } from "./tab.mjs";

const answered = (id) => ({ type: "message", message: { id } });
const wishes = (outbox) => outbox.entries.map(({ kind, body, state }) => [kind, body, state]);

test("an edit is answered by the message itself", async () => {
  const { outbox, sent } = tab();
  outbox.connected();
  await outbox.change("edit", "m1", "better");
  await settle();
  assert.deepEqual(sent, [{ type: "edit", id: "m1", body: "better" }]);
  outbox.changed(answered("m2"));
  await settle();
  assert.equal(outbox.entries.length, 1);
  outbox.changed(answered("m1"));
  await settle();
  assert.deepEqual(outbox.entries, []);
});

test("a withdrawal names the message alone", async () => {
  const { outbox, sent } = tab();
  outbox.connected();
  await outbox.change("withdraw", "m1");
  await settle();
  assert.deepEqual(sent, [{ type: "withdraw", id: "m1" }]);
});

test("what was written, changed and taken back offline goes out in that order", async () => {
  const { outbox, sent } = tab();
  await outbox.add("new");
  await outbox.change("edit", "m1", "better");
  await outbox.change("withdraw", "m2");
  outbox.connected();
  await settle();
  outbox.acked("a1");
  await settle();
  outbox.changed(answered("m1"));
  await settle();
  assert.deepEqual(
    sent.map(({ type }) => type),
    ["message", "edit", "withdraw"],
  );
});

test("of several wishes about one message the last one is sent", async () => {
  const { outbox, sent } = tab();
  await outbox.change("edit", "m1", "better");
  await outbox.change("edit", "m1", "best");
  assert.deepEqual(wishes(outbox), [["edit", "best", "pending"]]);
  await outbox.change("withdraw", "m1");
  outbox.connected();
  await settle();
  assert.deepEqual(sent, [{ type: "withdraw", id: "m1" }]);
});

test("a wish that is under way is not overtaken", async () => {
  const { outbox, sent } = tab();
  outbox.connected();
  await outbox.change("edit", "m1", "better");
  await settle();
  await outbox.change("edit", "m1", "best");
  assert.equal(sent.length, 1);
  outbox.changed(answered("m1"));
  await settle();
  assert.deepEqual(
    sent.map(({ body }) => body),
    ["better", "best"],
  );
});

test("a message that was never sent is changed where it lies", async () => {
  const { outbox, bodies } = tab();
  await outbox.add("teh");
  await outbox.add("two");
  await outbox.change("edit", "a1", "the");
  outbox.connected();
  await settle();
  outbox.acked("a1");
  await settle();
  assert.deepEqual(bodies(), ["the", "two"]);
});

test("a message that was never sent and is taken back never is", async () => {
  const { outbox, sent } = tab();
  await outbox.add("teh");
  await outbox.change("withdraw", "a1");
  outbox.connected();
  await settle();
  assert.deepEqual(sent, []);
});

test("what was meant while a message was on its way goes to the message it became", async () => {
  const { outbox, sent, chat } = tab();
  outbox.connected();
  await outbox.add("teh");
  await settle();
  await outbox.change("edit", "a1", "the");
  chat.a1 = { id: "m1", body: "teh" };
  outbox.acked("a1");
  await settle();
  assert.deepEqual(sent.at(-1), { type: "edit", id: "m1", body: "the" });
  outbox.changed(answered("m1"));
  await settle();
  assert.deepEqual(outbox.entries, []);
});

test("a lost connection sends the edit again, unless the chat shows that it happened", async () => {
  for (const body of ["old", "better"]) {
    const { outbox, sent, chat } = tab();
    outbox.connected();
    await outbox.change("edit", "m1", "better");
    await settle();
    outbox.disconnected();
    chat.m1 = { id: "m1", body };
    await settle();
    outbox.connected();
    await settle();
    assert.equal(sent.length, body === "old" ? 2 : 1);
    assert.equal(outbox.entries.length, body === "old" ? 1 : 0);
  }
});

test("a refused edit keeps its words and the sentence of the server, and can be tried again", async () => {
  const { outbox, sent } = tab();
  outbox.connected();
  await outbox.change("edit", "m1", "better");
  await settle();
  outbox.refused({ type: "error", code: "refused", detail: "Too late.", client_message_id: null, id: "m1" });
  await settle();
  assert.deepEqual(wishes(outbox), [["edit", "better", "failed"]]);
  assert.equal(outbox.entries[0].detail, "Too late.");
  await outbox.retry("a1");
  await settle();
  assert.equal(sent.length, 2);
});

test("an edit that is not confirmed survives a reload", async () => {
  const shelf = memoryShelf();
  await tab({ shelf }).outbox.change("edit", "m1", "better");
  const { outbox, sent } = tab({ shelf });
  await outbox.load();
  outbox.connected();
  await settle();
  assert.deepEqual(sent, [{ type: "edit", id: "m1", body: "better" }]);
});

test("a change that failed and was left for a day is forgotten", async () => {
  const [shelf, time] = [memoryShelf(), clock()];
  const { outbox } = tab({ shelf, time });
  outbox.connected();
  await outbox.change("edit", "m1", "better");
  await settle();
  outbox.refused({ type: "error", code: "refused", detail: "Too late.", client_message_id: null, id: "m1" });
  await settle();
  await time.pass(25 * 3600 * 1000);
  const after = tab({ shelf, time });
  await after.outbox.load();
  assert.deepEqual(after.outbox.entries, []);
});
