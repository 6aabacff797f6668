"""Arms and legs behind the promise rows: Huey carries hints, the database keeps the promises.

Embedded (no REDIS_URL): Huey's consumer threads live inside the one ASGI process, started and stopped by its lifespan.
Scaled: `manage.py run_huey` processes on Redis. A lost hint costs at most one sweep (2 s), never a message.
"""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.module_loading import import_string
from huey import Huey, RedisHuey
from huey.api import Task
from huey.consumer import Consumer
from huey.storage import MemoryStorage

log = logging.getLogger(__name__)

THREADS = 12
# looked for again and again, after so many seconds; each is alone with its errors and holds no other up
SWEEPS = {
    "slackapp.tasks.sweep": 2.0,
    "slackapp.tasks.find_absent_visitors": 2.0,
    "slackapp.tasks.remind": 2.0,
    "livechat.tasks.sweep": 2.0,
    "livechat.tasks.review_presence": 5.0,
    "livechat.tasks.look_after_exports": 5.0,
    "livechat.tasks.look_after_endings": 60.0,
    "livechat.tasks.let_old_chats_go": 300.0,
    "livechat.tasks.look_over_tables": 3600.0,
    "slackapp.tasks.watch_people": 5.0,
    "slackapp.tasks.look_after_cards": 5.0,
    "slackapp.tasks.compare_homes": 5.0,
    "slackapp.tasks.purge": 3600.0,
    "accounts.tasks.look_after_accounts": 3600.0,
    "billing.tasks.sweep": 5.0,
    "billing.tasks.begin": 60.0,
    "billing.tasks.find_missed": 900.0,
    "billing.tasks.forget_old": 3600.0,
    "billing.tasks.count_chats": 300.0,
}
# embedded only: whoever held a lease before this process is dead, as there is never a second one
AT_START = ("slackapp.lanes.free_all",)


class BlockingMemoryStorage(MemoryStorage):  # type: ignore[misc]
    """Huey's memory queue whose readers wait to be woken instead of polling: 0.4 ms to start a task, not 47.

    Who came to rest last is woken first: its database connection and its memory are still warm.
    """

    blocking = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._mutex = threading.Lock()
        self._resting: list[threading.Lock] = []

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        with self._mutex:
            super().enqueue(data, priority)
            if self._resting:
                self._resting.pop().release()

    def dequeue(self) -> bytes | None:
        with self._mutex:
            if self._queue:
                return super().dequeue()  # type: ignore[no-any-return]
            bed = threading.Lock()
            bed.acquire()
            self._resting.append(bed)
        bed.acquire(timeout=1)
        with self._mutex:
            if bed in self._resting:
                self._resting.remove(bed)
            return super().dequeue()  # type: ignore[no-any-return]


class Hinting:
    """Hints are never revoked and leave no result, so that Redis is not asked about it before and after each."""

    def is_revoked(self, *about: object) -> bool:
        return False

    def delete(self, key: object) -> bool:
        return False


class MemoryHints(Hinting, Huey):  # type: ignore[misc]
    """A task stays the object that it is: writing it down takes longer than waking the thread that works it."""

    def serialize_task(self, task: Task) -> Task:
        return task

    def deserialize_task(self, task: Task) -> Task:
        return task


class RedisHints(Hinting, RedisHuey):  # type: ignore[misc]
    pass


def build(redis_url: str) -> Huey:
    """The process's Huey: in memory when there is no Redis. Results are not kept, rows are."""
    if redis_url:
        return RedisHints(
            "threadbell", url=redis_url, results=False, immediate=False, blocking=True, read_timeout=1
        )
    return MemoryHints("threadbell", storage_class=BlockingMemoryStorage, results=False, immediate=False)


class EmbeddedConsumer(Consumer):  # type: ignore[misc]
    """Huey's consumer without signal handlers: the web server owns the process's signals."""

    def _set_signal_handlers(self) -> None:
        return None


class Alarm(threading.Thread):
    """Rings lanes at a moment (sub-second, which Huey's own schedule is not) and runs the sweeps.

    Only a convenience of this process: an alarm lost with it is found by the next sweep anywhere.
    """

    def __init__(self) -> None:
        super().__init__(name="alarm", daemon=True)
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._stopping = False

    def at(self, seconds: float, act: Callable[[], object]) -> None:
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + max(0.0, seconds), next(self._order), act))
            self._changed.notify()

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self.join(timeout=5)

    def run(self) -> None:
        for path, seconds in SWEEPS.items():
            self._sweep_every(seconds, import_string(path))
        while (act := self._next()) is not None:
            self._guarded(act)

    def _next(self) -> Callable[[], object] | None:
        with self._changed:
            while not self._stopping:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)
        return None

    def _sweep_every(self, seconds: float, sweep: Callable[[], object]) -> None:
        def again() -> None:
            self.at(seconds, again)
            sweep()

        self.at(0, again)

    def _guarded(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception:
            log.exception("an alarm failed; the next sweep repeats what matters")
            connection.close()


_starting = threading.Lock()
_alarm: Alarm | None = None
_consumer: EmbeddedConsumer | None = None


def ring_in(seconds: float, ring: Callable[[], object]) -> None:
    """Calls `ring` (cheap, idempotent) after some seconds if this process still lives; at once when due."""
    if seconds <= 0:
        ring()
    elif _alarm is not None:
        _alarm.at(seconds, ring)


def start_alarm() -> None:
    """Harmless to repeat: every worker thread of a worker process asks for it."""
    global _alarm
    with _starting:
        if _alarm is None:
            _alarm = Alarm()
            _alarm.start()


def start_embedded(huey: Huey) -> None:
    """Consumer threads and alarm inside this process. Called once from the ASGI lifespan."""
    global _consumer
    for path in AT_START:
        _free_leases(import_string(path))
    _consumer = EmbeddedConsumer(
        huey, workers=THREADS, worker_type="thread", periodic=True, check_worker_health=False
    )
    _consumer.start()
    start_alarm()


def _free_leases(free: Callable[[], object]) -> None:
    """Before the first task runs, never beside one. Without tables yet, readiness says so; there is nothing to free."""
    try:
        free()
    except DatabaseError:
        log.exception("leases of the last process could not be freed; they expire by themselves")


def stop() -> None:
    """Waits for running tasks (each bounded by the Slack call's time-out) and ends the threads."""
    global _alarm, _consumer
    if _alarm is not None:
        _alarm.stop()
        _alarm = None
    if _consumer is not None:
        _consumer.stop(graceful=True)
        _consumer = None


def carries() -> bool:
    """Whether a hint would be heard: this process works on its own queue, or Redis carries it to the workers."""
    return _consumer is not None or bool(settings.REDIS_URL)
