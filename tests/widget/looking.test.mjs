import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { keepLooking } from "../../static/widget/looking.js";

// a minute that is waited for keeps the process
beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

/** A page of a site that shows its team who is there. */
function look({ hidden = false, needed = false } = {}) {
  const said = [];
  const page = new EventTarget();
  globalThis.document = Object.assign(page, { hidden });
  globalThis.window = new EventTarget();
  const socket = { state: "idle", rest: () => ((socket.state = "idle"), said.push("rest")) };
  const connect = () => ((socket.state = "live"), said.push("connect"));
  const another = keepLooking({ socket, isNeeded: () => needed, connect, tell: () => said.push("tell") });
  const turn = (now) => {
    page.hidden = now;
    page.dispatchEvent(new Event("visibilitychange"));
  };
  return { said, another, turn };
}

test("a page that is looked at connects, tells the other tabs, and rests after a minute in the background", () => {
  const { said, turn } = look();
  assert.deepEqual(said, ["connect", "tell"]);
  turn(true);
  mock.timers.tick(59_000);
  assert.equal(said.length, 2);
  mock.timers.tick(2_000);
  turn(false);
  assert.deepEqual(said.slice(2), ["rest", "connect", "tell"]);
});

test("who comes back within the minute was never away", () => {
  const { said, turn } = look();
  turn(true);
  turn(false);
  mock.timers.tick(120_000);
  assert.ok(!said.includes("rest"));
});

test("a page that is opened in the background connects once it is looked at", () => {
  const { said, turn } = look({ hidden: true });
  assert.deepEqual(said, []);
  turn(false);
  assert.deepEqual(said, ["connect", "tell"]);
});

test("when another tab is looked at the hidden ones rest at once, but for one that has a chat", () => {
  const quiet = look({ hidden: true });
  quiet.another();
  assert.deepEqual(quiet.said, ["rest"]);
  const chatting = look({ hidden: true, needed: true });
  chatting.another();
  assert.deepEqual(chatting.said, []);
  const seen = look();
  seen.another();
  assert.ok(!seen.said.includes("rest"));
});

test("a page that is left lets go of its connection and takes it again on coming back", () => {
  const { said } = look();
  window.dispatchEvent(new Event("pagehide"));
  window.dispatchEvent(new Event("pageshow"));
  assert.deepEqual(said.slice(2), ["rest", "connect", "tell"]);
});
