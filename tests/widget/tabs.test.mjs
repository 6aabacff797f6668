import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { exclusively, joinTabs } from "../../static/widget/tabs.js";

const browser = Object.getOwnPropertyDescriptor(globalThis, "navigator");

function withLocks(locks) {
  Object.defineProperty(globalThis, "navigator", { value: { locks }, configurable: true });
}

afterEach(() => browser && Object.defineProperty(globalThis, "navigator", browser));

test("a browser that denies locks to a frame of another site does not stop the panel", async () => {
  withLocks({
    request: async () => Promise.reject(new DOMException("The request was denied.", "SecurityError")),
  });
  let runs = 0;
  await exclusively("hello", async () => void runs++);
  assert.equal(runs, 1);
});

test("a browser without locks does not either", async () => {
  withLocks(undefined);
  let runs = 0;
  await exclusively("hello", async () => void runs++);
  assert.equal(runs, 1);
});

test("a task that fails under its lock is not begun again", async () => {
  withLocks({ request: async (_name, task) => task() });
  let runs = 0;
  const task = async () => {
    runs++;
    throw new Error("no");
  };
  await assert.rejects(exclusively("hello", task), /no/);
  assert.equal(runs, 1);
});

test("a note that comes after the word about it is looked at again", () => {
  const heard = [];
  const told = new EventTarget();
  const channel = globalThis.BroadcastChannel;
  delete globalThis.BroadcastChannel;
  globalThis.window = told;
  try {
    joinTabs("pk_a", (word) => heard.push(word.type));
    const note = (key) => told.dispatchEvent(Object.assign(new Event("storage"), { key }));
    for (const key of ["threadbell:pk_a:teased", "threadbell:pk_a:read", "threadbell:pk_a:draft"]) note(key);
    for (const key of ["threadbell:pk_b:read", "threadbell:pk_a:token", "threadbell:pk_a:constructor", null]) note(key);
  } finally {
    delete globalThis.window;
    globalThis.BroadcastChannel = channel;
  }
  assert.deepEqual(heard, ["read", "read", "draft"]);
});
