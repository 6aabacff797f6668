"""The threads that work for sockets look after their connection without asking the database about it each time."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections

from config import database
from slackapp.models import Lane

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    database.close()
    yield
    database.close()


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One entry for each time that the database is asked whether it is there."""
    found: list[None] = []
    kind = type(connections[DEFAULT_DB_ALIAS])
    is_usable = kind.is_usable

    def look(self: Any) -> bool:
        found.append(None)
        return bool(is_usable(self))

    monkeypatch.setattr(kind, "is_usable", look)
    return found


def test_a_job_asks_for_nothing_but_what_it_is_about(looks: list[None]) -> None:
    async def play() -> None:
        for _ in range(20):
            assert await database.db(Lane.objects.count) == 0

    asyncio.run(play())
    assert looks == []


def test_after_an_error_the_database_is_looked_at_once(looks: list[None]) -> None:
    def fail() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM nowhere")

    async def play() -> None:
        await database.db(Lane.objects.count)
        with pytest.raises(Exception, match="nowhere"):
            await database.db(fail)
        looks.clear()
        for _ in range(3):
            assert await database.db(Lane.objects.count) == 0

    asyncio.run(play())
    assert len(looks) <= 1


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has no server that could end a connection"
)
def test_a_connection_that_the_server_has_ended_costs_one_repeat() -> None:
    def place() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return int(cursor.fetchone()[0])

    def end(pids: set[int]) -> None:
        with connection.cursor() as cursor:
            for pid in pids:
                cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        connection.close()

    async def play() -> None:
        ended = [await database.db(place) for _ in range(database.POSTGRESQL_THREADS * 2)]
        await asyncio.to_thread(end, set(ended))
        for _ in range(database.POSTGRESQL_THREADS * 2):
            assert await database.db(place) not in ended

    asyncio.run(play())
