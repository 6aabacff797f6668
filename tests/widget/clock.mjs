/** Time that passes only when told to. */
export function clock() {
  let now = 0;
  let timers = [];
  return {
    now: () => now,
    after: (task, ms) => {
      const timer = { task, at: now + ms };
      timers.push(timer);
      return timer;
    },
    cancel: (timer) => void (timers = timers.filter((one) => one !== timer)),
    waiting: () => timers.length,
    async pass(ms) {
      const until = now + ms;
      for (let due = first(until); due; due = first(until)) {
        timers = timers.filter((one) => one !== due);
        now = due.at;
        due.task();
        await settle();
      }
      now = until;
      await settle();
    },
  };

  function first(until) {
    return timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
  }
}

/** Lets everything that waits only for promises go on. */
export function settle() {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
