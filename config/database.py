"""Database work from sockets and webhooks: one call = one function = one transaction on a dedicated thread.

`database_sync_to_async` would put every socket of the process on one thread and look for old connections around each
call; these threads keep their connection (928 against 1,985 messages/s on PostgreSQL). SQLite has one writer, so it
gets one thread, and writes that wait together go into one transaction: they wait for the disk once.
"""

import asyncio
import logging
import queue
import threading
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    InterfaceError,
    NotSupportedError,
    OperationalError,
    connection,
    connections,
    transaction,
)

from config import hints
from config.sqlite import turns

log = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")

# most wait for the disk: in a run each, six answered 32 writers a fifth more often than three did, and twelve a tenth
# more than six
POSTGRESQL_THREADS = 12
# how many writes share a transaction at most; the last of them waits for all
MOST_TOGETHER = 16
_own = threading.local()


def own_connection() -> Any:
    """This thread's DatabaseWrapper, which the threads below look up once.

    Django's `connection` asks at each look whether an event loop runs, which takes as long as a statement.
    """
    return getattr(_own, "connection", None) or connections[DEFAULT_DB_ALIAS]


class _Job:
    """A function that somebody on an event loop waits for."""

    __slots__ = ("answer", "error", "is_write", "loop", "result", "work")

    def __init__(self, work: Callable[[], Any], *, is_write: bool) -> None:
        self.work, self.is_write = work, is_write
        self.loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[Any] = self.loop.create_future()
        self.result: Any = None
        self.error: Exception | None = None

    def run(self) -> None:
        """The server closed this connection (restart, failover), or a migration made its plans stale? Then once more.

        Whatever is called here is idempotent by its keys, so that is safe even if the first commit did arrive.
        """
        self.attempt()
        if isinstance(self.error, OperationalError | InterfaceError | NotSupportedError):
            connection.close()
            self.attempt()

    def attempt(self) -> None:
        try:
            self.result, self.error = self.work(), None
        except Exception as error:  # noqa: BLE001 - it is raised where the answer is awaited
            self.error = error

    def answer_now(self) -> None:
        if self.answer.cancelled():
            return
        if self.error is not None:
            self.answer.set_exception(self.error)
        else:
            self.answer.set_result(self.result)


class _Threads:
    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._share = connection.vendor == "sqlite"
        size = 1 if self._share else POSTGRESQL_THREADS
        self._threads = [
            threading.Thread(target=self._run, name=f"db_{number}", daemon=True) for number in range(size)
        ]
        for thread in self._threads:
            thread.start()

    def put(self, job: _Job) -> None:
        self._waiting.put(job)

    def stop(self) -> None:
        """What waits is worked before."""
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        turns.go_first()
        _own.connection = connections[DEFAULT_DB_ALIAS]
        job = self._waiting.get()
        while job is not None:
            jobs, following = self._with_others(job) if job.is_write and self._share else ([job], None)
            self._work(jobs)
            job = following[0] if following is not None else self._waiting.get()
        connection.close()

    def _with_others(self, job: _Job) -> tuple[list[_Job], list[_Job | None] | None]:
        """This write and those that wait right behind it; then what was taken from the queue and is no write."""
        jobs = [job]
        # nobody else takes from it
        while len(jobs) < MOST_TOGETHER and not self._waiting.empty():
            following = self._waiting.get_nowait()
            if following is None or not following.is_write:
                return jobs, [following]
            jobs.append(following)
        return jobs, None

    def _work(self, jobs: list[_Job]) -> None:
        given: list[hints.Hint] = []
        with hints.collect(given):
            try:
                _care_for_connection()
                if len(jobs) == 1 or not _together(jobs):
                    for job in jobs:
                        job.run()
            except Exception as error:
                # the thread lives on, whatever it is; nobody is told of a success
                log.exception("%d calls of the database failed together", len(jobs))
                for job in jobs:
                    job.error = error
        for loop in {job.loop for job in jobs}:
            mine = [job for job in jobs if job.loop is loop]
            _tell(loop, mine, given)
            given = []


def _care_for_connection() -> None:
    """After an error only: asking PostgreSQL whether it is there, before each job, is a sixth of a message's time.

    One that an error left without autocommit would tell nobody of its commits. One that is dead is met by a job, which
    is then done once more.
    """
    mine = own_connection()
    if mine.errors_occurred or not mine.autocommit:
        mine.close_if_unusable_or_obsolete()


def _together(jobs: list[_Job]) -> bool:
    """One transaction, in which each job's own is a savepoint: a refusal undoes its own work and nobody else's.

    False if the database refused: nothing was written, and each is to be tried alone.
    """
    try:
        with transaction.atomic():
            for job in jobs:
                job.attempt()
                if isinstance(job.error, DatabaseError | InterfaceError):
                    raise job.error
    except (DatabaseError, InterfaceError) as error:
        log.info("%d writes are tried one by one: %s", len(jobs), type(error).__name__)
        return False
    return True


def _tell(loop: asyncio.AbstractEventLoop, jobs: list[_Job], given: list[hints.Hint]) -> None:
    def answer() -> None:
        for job in jobs:
            job.answer_now()
        hints.give_after_answer(given)

    try:
        loop.call_soon_threadsafe(answer)
    except RuntimeError:
        log.info("nobody waits any more for %d answers of the database", len(jobs))


_threads: _Threads | None = None


def _put(job: _Job) -> None:
    global _threads
    if _threads is None:
        _threads = _Threads()
    _threads.put(job)


async def db(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Runs `function` on a database thread. It must be idempotent and bring its own `transaction.atomic`."""
    job = _Job(lambda: function(*args, **kwargs), is_write=False)
    _put(job)
    result: R = await job.answer
    return result


async def write(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """`db` for a short write of which many may come at once; on SQLite it may share the transaction of others."""
    job = _Job(lambda: function(*args, **kwargs), is_write=True)
    _put(job)
    result: R = await job.answer
    return result


def close() -> None:
    """Ends the threads and their connections; a later call starts anew."""
    global _threads
    if _threads is not None:
        # whoever asks from now on gets threads that live
        ending, _threads = _threads, None
        ending.stop()
