"""Two or more who act at the same moment, each on a connection of their own, both before either is done."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import OperationalError, connection, connections, transaction

from accounts.errors import Refused

Act = Callable[[], object]
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def at_once(held: Callable[[], Iterable[Any]], *acts: Act) -> list[str]:
    """What came of each: "done", the code of its refusal, or what the database said.

    They begin one after the other while somebody else holds the rows that `held` reads for update; so they stand in
    front of them in the order of `acts`.
    """
    with ThreadPoolExecutor(len(acts)) as threads:
        with transaction.atomic():
            list(held())
            begun = []
            for act in acts:
                begun.append(threads.submit(_tried, act))
                wait_for(len(begun))
        return [one.result() for one in begun]


def _tried(act: Act) -> str:
    try:
        act()
    except Refused as refusal:
        return refusal.code
    except OperationalError as broken:
        return str(broken).splitlines()[0]
    finally:
        connections.close_all()
    return "done"


def wait_for(waiting: int) -> None:
    """Until so many stand in front of a lock. SQLite cannot tell; its one writer lets nobody past anyway."""
    if connection.vendor != "postgresql":
        return time.sleep(0.1)
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(WAITING)
            if cursor.fetchone()[0] >= waiting:
                return None
        time.sleep(0.01)
    raise AssertionError("they never met")
