import assert from "node:assert/strict";
import { test } from "node:test";

import { Socket } from "../../static/widget/socket.js";
import { clock, settle } from "./clock.mjs";

/** A socket of the panel on a network that the test holds in its hands. */
function setUp({ random = 1, forgive, isHurried } = {}) {
  const time = clock();
  const wires = [];
  const states = [];
  const frames = [];
  const net = { up: true, lastRev: 0 };
  const socket = new Socket({
    url: "ws://acme.example/ws/visitor",
    greet: async () => ({ type: "hello", last_rev: net.lastRev }),
    question: () => ({ type: "sync", chat: "c", last_rev: net.lastRev }),
    onFrame: (frame) => frames.push(frame.type),
    onState: (state, reason) => states.push(reason ? `${state}:${reason}` : state),
    forgive,
    isHurried,
    env: {
      open: () => (wires.push(wire()), wires.at(-1)),
      after: time.after,
      cancel: time.cancel,
      now: time.now,
      random: () => random,
      online: () => net.up,
    },
  });
  return { socket, time, wires, states, frames, net, wire: () => wires.at(-1) };
}

/** The far end of one WebSocket. */
function wire() {
  return {
    readyState: 0,
    sent: [],
    send(text) {
      this.sent.push(JSON.parse(text));
    },
    close() {
      this.readyState = 3;
    },
    async opens() {
      this.readyState = 1;
      this.onopen();
      await settle();
    },
    says(frame) {
      this.onmessage({ data: JSON.stringify(frame) });
    },
    dies(code = 1006) {
      this.readyState = 3;
      this.onclose({ code });
    },
  };
}

async function live(options) {
  const set = setUp(options);
  set.socket.start();
  await set.wire().opens();
  set.wire().says({ type: "welcome" });
  return set;
}

test("hello is the first frame and nothing is sent before the welcome", async () => {
  const { socket, wire, states } = setUp();
  socket.start();
  await wire().opens();
  assert.equal(socket.send({ type: "typing" }), false);
  wire().says({ type: "welcome" });
  assert.equal(socket.send({ type: "typing" }), true);
  assert.deepEqual(
    wire().sent.map((frame) => frame.type),
    ["hello", "typing"],
  );
  assert.deepEqual(states, ["connecting", "live"]);
});

test("after a loss it greets again from the last rev", async () => {
  const { wire, wires, time, net } = await live();
  net.lastRev = 7;
  wire().dies();
  await time.pass(500);
  assert.equal(wires.length, 2);
  await wire().opens();
  assert.deepEqual(wire().sent, [{ type: "hello", last_rev: 7 }]);
});

test("the pause doubles from half a second to thirty", async () => {
  const { wire, wires, time } = await live();
  const pauses = [];
  for (let n = 0; n < 9; n++) {
    const [count, from] = [wires.length, time.now()];
    wire().dies();
    while (wires.length === count) await time.pass(100);
    pauses.push(time.now() - from);
  }
  assert.deepEqual(pauses, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
});

test("with a line on its way it asks every five seconds at the latest", async () => {
  let isHurried = true;
  const { wire, wires, time } = await live({ isHurried: () => isHurried });
  const pauses = [];
  for (let n = 0; n < 8; n++) {
    isHurried = n < 6;
    const [count, from] = [wires.length, time.now()];
    wire().dies();
    while (wires.length === count) await time.pass(100);
    pauses.push(time.now() - from);
  }
  assert.deepEqual(pauses, [500, 1000, 2000, 4000, 5000, 5000, 30000, 30000]);
});

test("the pause is drawn anew each time, down to nothing", async () => {
  const { wire, wires, time } = await live({ random: 0 });
  wire().dies();
  await time.pass(0);
  assert.equal(wires.length, 2);
});

test("a welcome, not an open line, ends the doubling", async () => {
  const { wire, wires, time } = await live();
  wire().dies();
  await time.pass(500);
  await wire().opens();
  wire().dies();
  await time.pass(999);
  assert.equal(wires.length, 2);
  await time.pass(1);
  assert.equal(wires.length, 3);
});

test("bye decides when to come back, and waking does not hurry it", async () => {
  const { socket, wire, wires, time } = await live();
  wire().says({ type: "bye", retry_ms: 4000 });
  wire().dies(1012);
  socket.wake();
  await time.pass(3999);
  assert.equal(wires.length, 1);
  await time.pass(1);
  assert.equal(wires.length, 2);
});

test("too many connections means a long pause", async () => {
  const { wire, wires, time } = await live({ random: 0 });
  wire().dies(4429);
  await time.pass(14_999);
  assert.equal(wires.length, 1);
  await time.pass(1);
  assert.equal(wires.length, 2);
});

test("a refusal at the door stops it until somebody asks again", async () => {
  for (const code of ["unknown_site", "refused"]) {
    const { socket, wire, wires, states, time } = setUp();
    socket.start();
    await wire().opens();
    wire().says({ type: "error", code, retry_ms: null });
    wire().dies(4401);
    await time.pass(120_000);
    assert.equal(wires.length, 1);
    assert.equal(states.at(-1), `stopped:${code}`);
    socket.start();
    assert.equal(wires.length, 2);
  }
});

test("a passing trouble at the door is tried again when the server says", async () => {
  const { socket, wire, wires, time } = setUp();
  socket.start();
  await wire().opens();
  wire().says({ type: "error", code: "unavailable", retry_ms: 700 });
  wire().dies(1011);
  await time.pass(700);
  assert.equal(wires.length, 2);
});

test("what may be forgiven is tried again", async () => {
  const reasons = [];
  const { socket, wire, wires, time } = setUp({
    forgive: (reason) => (reasons.push(reason), reasons.length === 1),
  });
  socket.start();
  wire().dies(4401);
  await time.pass(500);
  assert.equal(wires.length, 2);
  wire().dies(4401);
  assert.equal(socket.state, "stopped");
  assert.deepEqual(reasons, ["not_accepted", "not_accepted"]);
});

test("waking asks a live socket and replaces one that does not answer", async () => {
  const { socket, wire, wires, time } = await live();
  socket.wake();
  assert.equal(wire().sent.at(-1).type, "sync");
  await time.pass(3000);
  assert.equal(wires.length, 2);
});

test("any frame is an answer", async () => {
  const { socket, wire, wires, time } = await live();
  socket.wake();
  await time.pass(2000);
  wire().says({ type: "presence", online: true });
  await time.pass(60_000);
  assert.equal(wires.length, 1);
  assert.equal(time.waiting(), 0);
});

test("a server that never welcomes is given up after ten seconds", async () => {
  const { socket, wire, states, time } = setUp();
  socket.start();
  await wire().opens();
  await time.pass(10_000);
  assert.deepEqual(states, ["connecting", "waiting"]);
});

test("what an old line still says is not heard", async () => {
  const { socket, wires, frames } = await live();
  socket.restart();
  wires[0].says({ type: "message" });
  wires[0].dies();
  assert.deepEqual(frames, ["welcome"]);
  assert.equal(socket.state, "connecting");
});

test("going offline is known at once and coming back connects at once", async () => {
  const { socket, wires, net } = await live();
  net.up = false;
  socket.goOffline();
  assert.equal(socket.state, "offline");
  assert.equal(socket.send({ type: "typing" }), false);
  socket.wake();
  assert.equal(wires.length, 1);
  net.up = true;
  socket.wake();
  assert.equal(wires.length, 2);
});

test("a socket that nobody needed is not opened by waking or going offline", () => {
  const { socket, wires } = setUp();
  socket.wake();
  socket.goOffline();
  assert.equal(wires.length, 0);
});

test("a socket that rests stays closed until it is started, and what comes of the old line is not heard", async () => {
  const { socket, wires, time, states } = await live();
  socket.rest();
  assert.equal(wires[0].readyState, 3);
  wires[0].dies();
  socket.wake();
  await time.pass(60_000);
  assert.equal(wires.length, 1);
  assert.equal(states.at(-1), "idle");
  socket.start();
  assert.equal(wires.length, 2);
});
