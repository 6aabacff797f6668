/** A browser's tab as the outbox sees it. */
import { Outbox } from "../../static/widget/outbox.js";
import { memoryShelf } from "../../static/widget/storage.js";
import { clock } from "./clock.mjs";

/** One lock for all the tabs of a browser. */
export function turnstile() {
  let last = Promise.resolve();
  return (task) => (last = last.then(task));
}

/** A tab with an outbox; `sent` is what went to its socket, `chat` what it knows of the server's messages. */
export function tab({
  shelf = memoryShelf(),
  time = clock(),
  exclusively = turnstile(),
  name = "a",
  chat = {},
} = {}) {
  const sent = [];
  let n = 0;
  const outbox = new Outbox({
    site: "pk_acme",
    shelf,
    exclusively,
    now: time.now,
    after: time.after,
    transmit: (frame) => (sent.push(frame), true),
    suspect: () => outbox.disconnected(),
    changed: () => {},
    seq: () => 0,
    idOf: (entry) => chat[entry]?.id,
    isDone: ({ target, body }) => target !== undefined && chat[target]?.body === body,
    id: () => `${name}${++n}`,
  });
  const bodies = () => sent.map((frame) => frame.body);
  return { outbox, sent, bodies, shelf, time, chat };
}
