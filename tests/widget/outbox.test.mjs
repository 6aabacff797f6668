import assert from "node:assert/strict";
import { test } from "node:test";

import { uuid } from "../../static/widget/outbox.js";
import { backed, memoryShelf } from "../../static/widget/storage.js";
import { chance } from "./chance.mjs";
import { clock, settle } from "./clock.mjs";
import { tab, turnstile } from "./tab.mjs";

test("the next message waits for the acknowledgement of the one before", async () => {
  const { outbox, bodies } = tab();
  outbox.connected();
  await outbox.add("one");
  await outbox.add("two");
  await settle();
  assert.deepEqual(bodies(), ["one"]);
  outbox.acked("a1");
  await settle();
  assert.deepEqual(bodies(), ["one", "two"]);
});

test("what was written offline goes out in the order of writing", async () => {
  const { outbox, bodies } = tab();
  for (const body of ["one", "two", "three"]) await outbox.add(body);
  assert.deepEqual(bodies(), []);
  outbox.connected();
  for (const id of ["a1", "a2", "a3"]) {
    await settle();
    outbox.acked(id);
  }
  await settle();
  assert.deepEqual(bodies(), ["one", "two", "three"]);
  assert.deepEqual(outbox.entries, []);
});

test("a lost connection sends the same message again with the same id", async () => {
  const { outbox, sent } = tab();
  outbox.connected();
  await outbox.add("one");
  await settle();
  outbox.disconnected();
  await settle();
  outbox.connected();
  await settle();
  assert.deepEqual(
    sent.map((frame) => frame.client_message_id),
    ["a1", "a1"],
  );
});

test("messages that are not confirmed survive a reload", async () => {
  const shelf = memoryShelf();
  const before = tab({ shelf });
  before.outbox.connected();
  await before.outbox.add("one");
  await settle();
  const after = tab({ shelf });
  await after.outbox.load();
  assert.deepEqual(
    after.outbox.entries.map((entry) => entry.body),
    ["one"],
  );
  after.outbox.connected();
  await settle();
  assert.equal(after.sent[0].client_message_id, "a1");
});

test("a refused message stands aside and can be sent again", async () => {
  const { outbox, bodies } = tab();
  outbox.connected();
  await outbox.add("bad");
  await outbox.add("good");
  await settle();
  outbox.refused({ type: "error", code: "blocked", detail: "no", client_message_id: "a1" });
  await settle();
  assert.deepEqual(bodies(), ["bad", "good"]);
  assert.deepEqual(
    outbox.entries.map((entry) => [entry.body, entry.state]),
    [
      ["bad", "failed"],
      ["good", "pending"],
    ],
  );
  outbox.acked("a2");
  await settle();
  await outbox.retry("a1");
  await settle();
  assert.deepEqual(bodies(), ["bad", "good", "bad"]);
});

test("a limit is waited out and the message sent again", async () => {
  const { outbox, bodies, time } = tab();
  outbox.connected();
  await outbox.add("one");
  await settle();
  outbox.refused({ type: "error", code: "rate_limited", retry_ms: 5000, client_message_id: "a1" });
  await settle();
  await time.pass(4999);
  assert.deepEqual(bodies(), ["one"]);
  await time.pass(1);
  assert.deepEqual(bodies(), ["one", "one"]);
});

test("an error about something else leaves the message alone", async () => {
  const { outbox } = tab();
  outbox.connected();
  await outbox.add("one");
  await settle();
  outbox.refused({ type: "error", code: "refused", client_message_id: null });
  outbox.refused({ type: "error", code: "blocked", client_message_id: "zzz" });
  outbox.refused({ type: "error", code: "too_long", client_message_id: null, id: "zzz" });
  await settle();
  assert.equal(outbox.entries[0].state, "pending");
  assert.ok(outbox.underWay("a1"));
});

test("silence after a message makes the connection suspect", async () => {
  const { outbox, bodies, time } = tab();
  outbox.connected();
  await outbox.add("one");
  await time.pass(15_000);
  assert.equal(outbox.live, false);
  outbox.connected();
  await settle();
  assert.deepEqual(bodies(), ["one", "one"]);
});

test("what is more than a day old asks before it is sent", async () => {
  const time = clock();
  const shelf = memoryShelf();
  await tab({ shelf, time }).outbox.add("yesterday");
  await time.pass(25 * 3600 * 1000);
  const { outbox, bodies } = tab({ shelf, time });
  await outbox.load();
  outbox.connected();
  await settle();
  assert.deepEqual(bodies(), []);
  assert.deepEqual(
    outbox.entries.map((entry) => [entry.state, entry.code]),
    [["failed", "stale"]],
  );
});

test("a deleted message is gone", async () => {
  const { outbox, shelf } = tab();
  await outbox.add("one");
  await outbox.discard("a1");
  assert.deepEqual([outbox.entries, await shelf.all()], [[], []]);
});

test("a disk that is full costs no word", async () => {
  const full = {
    all: async () => [],
    put: async () => Promise.reject(new Error("full")),
    remove: async () => {},
  };
  const { outbox, bodies } = tab({ shelf: backed(full, memoryShelf()) });
  await outbox.add("one");
  outbox.connected();
  await settle();
  assert.deepEqual(bodies(), ["one"]);
});

test("while one tab sends, the others hold back", async () => {
  const [shelf, exclusively] = [memoryShelf(), turnstile()];
  const [a, b] = ["a", "b"].map((name) => tab({ shelf, exclusively, name }));
  a.outbox.connected();
  await a.outbox.add("one");
  b.outbox.connected();
  await settle();
  assert.deepEqual([a.bodies(), b.bodies()], [["one"], []]);
  a.outbox.disconnected();
  await settle();
  assert.deepEqual(
    b.sent.map((frame) => frame.client_message_id),
    ["a1"],
  );
});

/** A server that both tabs write to; it accepts each id once and loses answers as chance has it. */
function server(luck) {
  const accepted = [];
  return {
    accepted,
    answer(outbox, frame) {
      if (!accepted.some(([id]) => id === frame.client_message_id)) {
        accepted.push([frame.client_message_id, frame.body]);
      }
      if (luck.happens(0.2)) outbox.disconnected();
      else outbox.acked(frame.client_message_id);
    },
  };
}

test("two tabs that lose connections and answers send everything once and in order", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const luck = chance(seed);
    const [shelf, time, exclusively, peer] = [memoryShelf(), clock(), turnstile(), server(luck)];
    const tabs = ["a", "b"].map((name) => tab({ shelf, time, exclusively, name }));
    for (let n = 0; n < 12; n++) {
      await time.pass(1);
      await luck.pick(tabs).outbox.add(`word ${n}`);
      if (luck.happens(0.5)) luck.pick(tabs).outbox.connected();
      await serve(tabs, peer);
    }
    for (let round = 0; round < 200 && (await shelf.all()).length; round++) {
      tabs.forEach(({ outbox }) => outbox.connected());
      await serve(tabs, peer);
    }
    assert.deepEqual(
      peer.accepted.map(([, body]) => body),
      [...Array(12).keys()].map((n) => `word ${n}`),
      `seed ${seed}`,
    );
  }
});

async function serve(tabs, peer) {
  await settle();
  for (const { outbox, sent } of tabs) {
    for (const frame of sent.splice(0)) peer.answer(outbox, frame);
  }
  await settle();
}

test("ids are version 4 UUIDs and differ", () => {
  const ids = Array.from({ length: 50 }, uuid);
  for (const id of ids)
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(new Set(ids).size, 50);
});
