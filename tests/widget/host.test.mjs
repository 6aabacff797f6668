import assert from "node:assert/strict";
import { test } from "node:test";

import { linkHost } from "../../static/widget/host.js";

function setUp() {
  const heard = [];
  const posted = [];
  let listener = () => {};
  const parent = { postMessage: (word, origin) => posted.push([word.type, origin]) };
  const self = { parent, addEventListener: (_, act) => (listener = act) };
  const host = linkHost(
    { open: (word) => heard.push(word.type), close: (word) => heard.push(word.type) },
    self,
  );
  const say = (word, { source = parent, origin = "https://shop.example" } = {}) =>
    listener({ data: word, source, origin });
  return { host, heard, posted, say };
}

const word = (type) => ({ threadbell: 1, type });

test("the first word of the host page fixes where answers go", () => {
  const { host, posted, say } = setUp();
  host.tell("unread");
  assert.deepEqual(posted, []);
  say(word("open"));
  host.tell("unread");
  assert.deepEqual(posted, [["unread", "https://shop.example"]]);
});

test("another window is not listened to", () => {
  const { heard, say } = setUp();
  say(word("open"), { source: {} });
  assert.deepEqual(heard, []);
});

test("another origin is not listened to once one is fixed", () => {
  const { heard, say } = setUp();
  say(word("open"));
  say(word("close"), { origin: "https://mallory.example" });
  assert.deepEqual(heard, ["open"]);
});

test("words that are not ours are passed over", () => {
  const { host, heard, posted, say } = setUp();
  for (const junk of [
    null,
    undefined,
    "open",
    7,
    {},
    { type: "open" },
    word("constructor"),
    word("__proto__"),
    word(),
  ])
    say(junk);
  host.tell("unread");
  assert.deepEqual([heard, posted], [[], []]);
});
