"""Database work from sockets and webhooks: one call = one function = one transaction on a dedicated thread.

`database_sync_to_async` would put every socket of the process on one thread and look for old connections around each
call; these threads keep their connection (928 against 1,985 messages/s on PostgreSQL).
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection

from config import hints
from config.sqlite import turns

P = ParamSpec("P")
R = TypeVar("R")

POSTGRESQL_THREADS = 6
_pool: ThreadPoolExecutor | None = None


def _threads() -> ThreadPoolExecutor:
    global _pool
    if _pool is None:
        # SQLite has one writer: a second thread only waits for it
        size = 1 if connection.vendor == "sqlite" else POSTGRESQL_THREADS
        _pool = ThreadPoolExecutor(max_workers=size, thread_name_prefix="db", initializer=turns.go_first)
    return _pool


def _call(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    try:
        return function(*args, **kwargs)
    except (OperationalError, InterfaceError):
        # The server closed this connection (restart, failover). Whatever is called here is idempotent by its
        # keys, so one repeat on a fresh connection is safe even if the first commit did arrive.
        connection.close()
        return function(*args, **kwargs)


async def db(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Runs `function` on a database thread. It must be idempotent and bring its own `transaction.atomic`."""
    given: list[hints.Hint] = []

    def work() -> R:
        with hints.collect(given):
            return _call(function, *args, **kwargs)

    result = await asyncio.get_running_loop().run_in_executor(_threads(), work)
    hints.give_after_answer(given)
    return result


def close() -> None:
    """Ends the threads and their connections; a later call starts anew."""
    global _pool
    if _pool is not None:
        _pool.submit(connection.close)
        _pool.shutdown(wait=True)
        _pool = None
