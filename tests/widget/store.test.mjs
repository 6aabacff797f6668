import assert from "node:assert/strict";
import { test } from "node:test";

import { apply, fresh, inOrder, lastSeq, missing, unread } from "../../static/widget/store.js";
import { chance } from "./chance.mjs";
import { truth } from "./truth.mjs";

const seenBy = (state) =>
  inOrder(state).map(({ message: { id, seq, author, body, deleted } }) => [
    id,
    seq,
    author.kind,
    body,
    Boolean(deleted),
  ]);
const follow = (frames, state = fresh()) => frames.reduce(apply, state);

/** One change on the server, told in the way this socket would hear it. */
function happening(server, luck, n) {
  const some = 1 + luck.below(Math.max(1, server.count()));
  if (server.count() && luck.happens(0.2)) return server.edit(some, `edited ${n}`);
  if (server.count() && luck.happens(0.1)) return server.remove(some);
  return luck.happens(0.4) ? server.acked(`mine ${n}`, `c${n}`) : server.say("agent", `theirs ${n}`);
}

/** Delivers frames lost, doubled and shuffled, and answers questions late, as `seed` has it. */
function live(seed, size) {
  const luck = chance(seed);
  const server = truth();
  let state = apply(fresh(), server.welcome(0));
  let underWay = [];
  const ask = () => {
    const question = missing(state);
    if (question) underWay.push(server.page(question.last_rev, size));
  };
  for (let n = 0; n < 40; n++) {
    const frame = happening(server, luck, n);
    if (!luck.happens(0.2)) underWay.push(frame);
    if (luck.happens(0.2)) underWay.push(frame);
    while (underWay.length && luck.happens(0.6)) {
      const [next] = underWay.splice(luck.happens(0.3) ? luck.below(underWay.length) : 0, 1);
      state = apply(state, next);
      ask();
    }
  }
  state = follow(underWay, state);
  state = apply(state, server.page(state.rev, size));
  for (let rounds = 0; missing(state); rounds++) {
    assert.ok(rounds < 100, `seed ${seed}: the questions never end`);
    state = apply(state, server.page(missing(state).last_rev, size));
  }
  return { state, server };
}

test("applying frames in any order, lost or doubled, equals fetching fresh", () => {
  for (let seed = 1; seed <= 400; seed++) {
    const { state, server } = live(seed, 200);
    assert.deepEqual(seenBy(state), seenBy(apply(fresh(), server.welcome(0))), `seed ${seed}`);
    assert.equal(state.rev, server.rev(), `seed ${seed}`);
  }
});

test("long answers in pages equal one whole answer", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const { state, server } = live(seed, 3);
    assert.deepEqual(seenBy(state), seenBy(apply(fresh(), server.welcome(0))), `seed ${seed}`);
  }
});

test("the next frame moves the cursor and asks nothing", () => {
  const server = truth();
  const state = follow([server.welcome(0), server.say("agent", "one"), server.say("agent", "two")]);
  assert.equal(state.rev, 2);
  assert.equal(missing(state), null);
});

test("a gap asks from the last complete place and shows what came at once", () => {
  const server = truth();
  let state = follow([server.welcome(0), server.say("agent", "one")]);
  server.say("agent", "lost");
  state = apply(state, server.say("agent", "three"));
  assert.deepEqual(missing(state), { type: "sync", chat: "chat-1", last_rev: 1 });
  assert.deepEqual(
    inOrder(state).map(({ message }) => message.body),
    ["one", "three"],
  );
  state = apply(state, server.synced(1));
  assert.equal(missing(state), null);
  assert.deepEqual(
    inOrder(state).map(({ message }) => message.body),
    ["one", "lost", "three"],
  );
});

test("an older word about a message never replaces a newer one", () => {
  const server = truth();
  const first = server.say("agent", "first");
  const answer = server.synced(0);
  const edited = server.edit(1, "second");
  const state = follow([server.welcome(2), edited, answer, first]);
  assert.equal(inOrder(state)[0].message.body, "second");
});

test("a server that cannot fill a gap is not asked for ever", () => {
  const server = truth();
  const frame = { ...server.say("agent", "one"), rev: 9 };
  let state = follow([truth().welcome(0), frame]);
  assert.ok(missing(state));
  state = apply(state, { type: "synced", chat: "chat-1", rev: 0, messages: [], more: false });
  assert.equal(missing(state), null);
});

test("the acknowledged message keeps the row it was written in", () => {
  const server = truth();
  let state = follow([server.welcome(0), server.acked("mine", "c1")]);
  assert.equal(inOrder(state)[0].key, "c1");
  state = apply(state, server.edit(1, "mended"));
  assert.equal(inOrder(state)[0].key, "c1");
});

test("a message after the close begins a new chat below the old one", () => {
  const [old, young] = [truth("old"), truth("young")];
  let state = follow([
    old.welcome(0),
    old.say("agent", "bye"),
    { type: "chat", chat: { id: "old", status: "closed" } },
  ]);
  state = apply(state, young.acked("hello again", "c9"));
  assert.equal(state.chat.id, "young");
  assert.deepEqual(
    inOrder(state).map(({ message }) => message.body),
    ["hello again"],
  );
  assert.deepEqual(
    state.earlier.map(({ message }) => message.body),
    ["bye"],
  );
  assert.equal(missing(state), null);
});

test("a chat that was left does not push itself before the open one", () => {
  const [old, young] = [truth("old"), truth("young")];
  const late = old.say("agent", "late");
  const state = follow([old.welcome(1), young.say("visitor", "new"), late]);
  assert.equal(state.chat.id, "young");
});

test("a reply that reopens the old chat brings it back whole", () => {
  const server = truth("old");
  server.say("visitor", "hello");
  const reply = server.say("agent", "still there?");
  let state = apply(fresh(), { ...server.welcome(0), chat: null, messages: [], rev: 0 });
  state = apply(state, reply);
  assert.deepEqual(missing(state), { type: "sync", chat: "old", last_rev: 0 });
  state = apply(state, server.synced(0));
  assert.equal(inOrder(state).length, 2);
});

test("whoever was erased is somebody new: nothing of before is shown any more", () => {
  const [old, young] = [truth("old"), truth("young")];
  let state = follow([old.welcome(0), old.say("visitor", "hello"), young.acked("hello again", "c9")]);
  assert.equal(state.earlier.length, 1);
  state = apply(state, { ...young.welcome(0), chat: null, messages: [], rev: 0, online: true });
  assert.deepEqual(state, { ...fresh(), online: true });
});

test("receipts only ever go forward and only for this chat", () => {
  const server = truth();
  const state = follow([
    server.welcome(0),
    { type: "delivered", chat: "chat-1", seq: 4 },
    { type: "delivered", chat: "chat-1", seq: 2 },
    { type: "delivered", chat: "other", seq: 9 },
    { type: "seen", seq: 3 },
    { type: "seen", seq: 1 },
  ]);
  assert.deepEqual([state.delivered, state.seen], [4, 3]);
});

test("frames and fields that are not known change nothing", () => {
  const state = follow([truth().welcome(0)]);
  for (const type of ["constructor", "__proto__", "fireworks"]) assert.equal(apply(state, { type }), state);
});

test("what others wrote after the mark is unread, what was taken back is not", () => {
  const server = truth();
  const state = follow([
    server.welcome(0),
    server.say("agent", "a"),
    server.say("agent", "b"),
    server.acked("mine", "c"),
    server.say("bot", "d"),
    server.remove(2),
  ]);
  assert.equal(unread(state, 0), 2);
  assert.equal(unread(state, 1), 1);
  assert.equal(lastSeq(state), 4);
});

test("a face of the team is the one that its newest line was told with", () => {
  const nobody = { kind: "agent", id: "a", name: "Alice", avatar_url: null };
  const bob = { kind: "agent", id: "b", name: "Bob", avatar_url: "/bob" };
  const server = truth();
  const welcome = { ...server.welcome(0), agents: [nobody, bob] };
  const pictures = (state) => state.agents.map((agent) => agent.avatar_url);
  const say = (author) => {
    const frame = server.say("agent", "Hello");
    return { ...frame, message: { ...frame.message, author } };
  };
  const first = say({ ...nobody, avatar_url: "/old" });
  const state = follow([welcome, first], fresh());
  assert.deepEqual(pictures(state), ["/old", "/bob"]);
  const later = follow([say({ ...nobody, id: "other", avatar_url: "/alice" })], state);
  assert.deepEqual(pictures(later), ["/alice", "/bob"]);
  assert.deepEqual(pictures(follow([first], later)), ["/alice", "/bob"], "an old line comes again");
  assert.deepEqual(pictures(follow([say({ ...bob, avatar_url: null })], later)), ["/alice", "/bob"]);
});
