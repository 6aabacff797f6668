/**
 * Whoever is logged in on the website: named by the page, greeted under that name, and forgotten when they leave.
 */

const PATIENCE = 3_000;
const ASK_EVERY = 30_000;

/** @param {PersonOptions} options */
export function keepPerson({ identity, notes, outbox, tabs, socket, host, empty }) {
  let cleared = Promise.resolve();
  let askedAt = 0;
  let meet = () => {};
  // whoever was logged in here before is greeted once the page has said who it is now
  const met = new Promise((resolve) => {
    meet = () => resolve(null);
    setTimeout(meet, notes.get("person") && !host.alone ? PATIENCE : 0);
  });
  const anew = () => (socket.state === "stopped" ? socket.start() : socket.restart());
  /** Of whoever was here nothing stays, in any tab. */
  const leave = () => {
    identity.jwt = null;
    notes.clear();
    cleared = outbox.clear();
    empty();
    tabs.tell("left");
  };
  return {
    meet,
    /** When a hello may be said. */
    ready: () => met.then(() => cleared),
    reset: () => (leave(), anew()),
    /** @param {unknown} token */
    identify(token) {
      const jwt = token ? String(token) : null;
      if (jwt === identity.jwt) return;
      if (identity.names(jwt)) {
        leave();
        identity.names(jwt);
      }
      anew();
    },
    /** Another tab was left, and what was kept here is gone. */
    left() {
      identity.jwt = null;
      notes.clear(true);
      cleared = outbox.clear();
      empty();
      anew();
    },
    /** The page may have a newer token; one whose tokens are all bad is not asked in a circle. @param {string} detail */
    ask(detail) {
      if (Date.now() - askedAt < ASK_EVERY) return;
      askedAt = Date.now();
      host.tell("identity", { detail });
    },
  };
}
