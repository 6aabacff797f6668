"""One writer at a time, in turn: SQLite allows one, and lets the others sleep and try again in no order.

Threads of this process hand the turn on instead, and whoever a person waits for (`go_first`) goes before the rest.
Without it a dozen workers kept visitors waiting for seconds. Other processes still meet in SQLite's own lock.
"""

import threading
from collections import deque

_ranks = threading.local()


def go_first() -> None:
    """From now on this thread writes before all threads that have not said so."""
    _ranks.rank = 0


class Turns:
    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._taken = False
        self._waiting: tuple[deque[threading.Lock], ...] = (deque(), deque())

    def take(self, seconds: float) -> bool:
        """Waits for the turn; False when the time ran out."""
        queue = self._waiting[getattr(_ranks, "rank", 1)]
        gate = threading.Lock()
        with self._mutex:
            if not self._taken:
                self._taken = True
                return True
            gate.acquire()
            queue.append(gate)
        return gate.acquire(timeout=seconds) or self._was_handed_over(gate, queue)

    def _was_handed_over(self, gate: threading.Lock, queue: deque[threading.Lock]) -> bool:
        """The turn may have come in the very moment in which the patience ended."""
        with self._mutex:
            if gate in queue:
                queue.remove(gate)
                return False
            return True

    def give_back(self) -> None:
        with self._mutex:
            for queue in self._waiting:
                if queue:
                    queue.popleft().release()
                    return
            self._taken = False
