/** W5: what may be attached, uploads ahead of the message, and nothing lost on the way. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { describe, problemOf } from "../../static/widget/files.js";
import { backed, memoryShelf } from "../../static/widget/storage.js";
import { Uploads } from "../../static/widget/uploads.js";
import { clock, settle } from "./clock.mjs";
import { tab, turnstile } from "./tab.mjs";

const LIMITS = { largest: 10 * 1024 * 1024, extensions: ["png", "pdf"] };
const file = (id, extra = {}) => ({ id, name: `${id}.pdf`, size: 3, type: "application/pdf", ...extra });
const upload = (id, extra = {}) => file(id, { blob: new Blob(["abc"]), ...extra });
const refOf = (id) => ({ id: `server-${id}`, name: `${id}.pdf`, size: 3, content_type: "application/pdf" });

for (const [given, before, words] of [
  [{ name: "a.pdf", size: 1, type: "" }, 0, ""],
  [{ name: "A.PDF", size: 1, type: "" }, 9, ""],
  [{ name: "image", size: 1, type: "image/png" }, 0, ""],
  [{ name: "a.pdf", size: 1, type: "" }, 10, "At most 10 files"],
  [{ name: "a.exe", size: 1, type: "image/png" }, 0, "This kind of file cannot"],
  [{ name: "script", size: 1, type: "text/plain" }, 0, "This kind of file cannot"],
  [{ name: "a.pdf", size: 10485761, type: "" }, 0, "at most 10 MB"],
  [{ name: "a.pdf", size: 0, type: "" }, 0, "empty"],
]) {
  test(`${JSON.stringify(given)} after ${before} others: ${words || "taken"}`, () => {
    const problem = problemOf(given, LIMITS, before);
    assert.ok(words ? problem.includes(words) : problem === "", problem);
  });
}

test("a file is described by its kind and size", () => {
  assert.equal(describe("a.b.pdf", 1_300_000, "en"), "PDF, 1.2 MB");
  assert.equal(describe("photo.png", 900, "en"), "PNG, 1 kB");
  assert.equal(describe("noname", 0, "en"), "");
});

/** A tab that uploads; `answers` says what the server does with each file in turn. */
function uploader({ answers = [], ...options } = {}) {
  const found = tab(options);
  const { outbox, time } = found;
  const asked = [];
  let live = true;
  const uploads = new Uploads({
    outbox,
    exclusively: options.exclusively ?? turnstile(),
    live: () => live,
    settle: (id, change) => outbox.changeFile(id, change),
    progress: () => {},
    after: time.after,
    send: ({ id }) => {
      asked.push(id);
      const { promise, resolve } = withResolvers();
      const next = answers.shift() ?? { status: 200, answer: refOf(id) };
      if (next !== "hang") resolve(next);
      return { answer: promise, abort: () => resolve({ status: -1, answer: {} }) };
    },
  });
  return { ...found, uploads, asked, goOffline: () => (live = false) };
}

function withResolvers() {
  let resolve;
  const promise = new Promise((done) => (resolve = done));
  return { promise, resolve };
}

test("files go ahead of their message, and the message names them", async () => {
  const { outbox, uploads, sent } = uploader();
  outbox.connected();
  await outbox.attach([upload("a"), upload("b")]);
  await uploads.kick();
  await outbox.add("look", true);
  await settle();
  assert.deepEqual(sent[0].attachments, ["server-a", "server-b"]);
  assert.equal(outbox.draft, undefined);
});

test("a message waits for its files, and the ones behind it wait too", async () => {
  const { outbox, uploads, bodies } = uploader();
  outbox.connected();
  await outbox.attach([upload("a")]);
  await outbox.add("look", true);
  await outbox.add("and more");
  await settle();
  assert.deepEqual(bodies(), []);
  await uploads.kick();
  await settle();
  assert.deepEqual(bodies(), ["look"]);
  outbox.acked("a2");
  await settle();
  assert.deepEqual(bodies(), ["look", "and more"]);
});

test("a message of files alone is one", async () => {
  const { outbox, uploads, sent } = uploader();
  outbox.connected();
  await outbox.attach([upload("a")]);
  await uploads.kick();
  await outbox.add("", true);
  await settle();
  assert.deepEqual([sent[0].body, sent[0].attachments], ["", ["server-a"]]);
});

test("words that are sent for the visitor leave the attached files where they are", async () => {
  const { outbox, sent } = uploader();
  outbox.connected();
  await outbox.attach([upload("a")]);
  await outbox.add("sent by the page");
  await settle();
  assert.deepEqual(sent[0].attachments, []);
  assert.equal(outbox.draft.files.length, 1);
});

test("a refused file stays in the composer with the server's reason; the words go without it", async () => {
  const refusal = { status: 415, answer: { detail: "This is no picture." } };
  const { outbox, uploads, sent } = uploader({ answers: [refusal] });
  outbox.connected();
  await outbox.attach([upload("a"), upload("b")]);
  await uploads.kick();
  await outbox.add("look", true);
  await settle();
  assert.deepEqual(sent[0].attachments, ["server-b"]);
  const [left] = outbox.draft.files;
  assert.deepEqual([left.id, left.problem, left.final], ["a", "This is no picture.", true]);
});

test("a file refused after sending makes the message fail, and without it the message can go", async () => {
  const { outbox, uploads, sent } = uploader({
    answers: [{ status: 413, answer: { detail: "Too large." } }],
  });
  outbox.connected();
  await outbox.attach([upload("a")]);
  await outbox.add("look", true);
  await uploads.kick();
  assert.deepEqual([outbox.entries[0].state, outbox.entries[0].code], ["failed", "file"]);
  await outbox.changeFile("a", null);
  await outbox.retry(outbox.entries[0].id);
  await settle();
  assert.deepEqual([sent[0].body, sent[0].attachments], ["look", []]);
});

test("a busy server is waited out as long as it says", async () => {
  const busy = { status: 429, answer: { retry_ms: 9000 } };
  const { outbox, uploads, asked, time } = uploader({ answers: [busy] });
  await outbox.attach([upload("a")]);
  void uploads.kick();
  await settle();
  await time.pass(8999);
  assert.equal(asked.length, 1);
  await time.pass(1);
  assert.equal(asked.length, 2);
  assert.equal(outbox.draft.files[0].ref.id, "server-a");
});

test("a server that keeps failing is asked five times, then the person is", async () => {
  const broken = { status: 500, answer: {} };
  const { outbox, uploads, asked, time } = uploader({ answers: Array(5).fill(broken) });
  await outbox.attach([upload("a")]);
  void uploads.kick();
  await settle();
  await time.pass(60_000);
  assert.equal(asked.length, 5);
  const [failed] = outbox.draft.files;
  assert.ok(failed.problem && !failed.final);
  await outbox.changeFile("a", { problem: "" });
  await uploads.kick();
  assert.equal(outbox.draft.files[0].ref.id, "server-a");
});

test("nothing is uploaded without a connection", async () => {
  const { outbox, uploads, asked, goOffline } = uploader();
  goOffline();
  await outbox.attach([upload("a")]);
  await uploads.kick();
  assert.deepEqual(asked, []);
});

test("a file that is taken off while it travels is gone, and the next one goes", async () => {
  const { outbox, uploads, asked } = uploader({ answers: ["hang"] });
  await outbox.attach([upload("a"), upload("b")]);
  void uploads.kick();
  await settle();
  uploads.cancel("a");
  await outbox.changeFile("a", null);
  await settle();
  assert.deepEqual(asked, ["a", "b"]);
  assert.deepEqual(
    outbox.draft.files.map(({ id }) => id),
    ["b"],
  );
});

test("two tabs upload a file once", async () => {
  const [shelf, exclusively] = [memoryShelf(), turnstile()];
  const [one, two] = ["a", "b"].map((name) => uploader({ shelf, exclusively, name }));
  await one.outbox.attach([upload("f")]);
  await two.outbox.refresh();
  await Promise.all([one.uploads.kick(), two.uploads.kick()]);
  assert.deepEqual([...one.asked, ...two.asked], ["f"]);
});

test("files that are not sent survive a reload", async () => {
  const shelf = memoryShelf();
  await uploader({ shelf }).outbox.attach([upload("a")]);
  const { outbox, uploads } = uploader({ shelf });
  await outbox.load();
  await uploads.kick();
  assert.equal(outbox.draft.files[0].ref.id, "server-a");
});

test("of files too large to keep the words survive a reload, and the loss is told", async () => {
  const disk = memoryShelf();
  const large = { size: 26 * 1024 * 1024 };
  const before = uploader({ shelf: backed(disk, memoryShelf()) });
  await before.outbox.attach([upload("a", { blob: large }), upload("b", { blob: { size: 1 } })]);
  await before.outbox.add("do not lose me", true);
  assert.equal(before.outbox.entries[0].files[0].blob, large);
  const { outbox } = uploader({ shelf: backed(disk, memoryShelf()) });
  await outbox.load();
  const [entry] = outbox.entries;
  assert.deepEqual([entry.body, entry.state], ["do not lose me", "failed"]);
  assert.ok(entry.files.every(({ problem, final }) => problem && final));
});

test("what the server does not keep any more is uploaded again", async () => {
  const { outbox, uploads, sent, asked } = uploader();
  outbox.connected();
  await outbox.attach([upload("a")]);
  await uploads.kick();
  await outbox.add("look", true);
  await settle();
  outbox.refused({ type: "error", code: "refused", detail: "Gone.", client_message_id: "a2" });
  await settle();
  await outbox.retry("a2");
  await uploads.kick();
  await settle();
  assert.equal(asked.length, 2);
  assert.deepEqual(sent[1].attachments, ["server-a"]);
});
