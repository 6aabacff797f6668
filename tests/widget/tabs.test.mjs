import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { exclusively } from "../../static/widget/tabs.js";

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
