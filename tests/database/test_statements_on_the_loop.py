"""Statements that are a whole transaction, sent by the event loop itself: whatever happens to its connection, the

next one is answered.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DataError, connection

from config import directly
from slackapp.models import Lane

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is asked on a thread"),
]
ECHO = "SELECT %s::text"


async def value_of(statement: str, values: Sequence[directly.Value]) -> Any:
    [value] = await directly.values_of((statement, values))
    return value


def on_a_loop(work: Callable[[], Awaitable[Any]]) -> Any:
    async def whole() -> Any:
        try:
            async with asyncio.timeout(10):
                return await work()
        finally:
            await directly.close()

    return asyncio.run(whole())


@pytest.mark.parametrize("said", ["plain", "it's \\ 100% %s “ü” 👋", "x" * 3_000_000, ""])
def test_a_value_comes_as_it_is(said: str) -> None:
    assert on_a_loop(lambda: value_of(ECHO, [said])) == said.encode()


def test_moments_numbers_and_nothing() -> None:
    moment = datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
    statement = (
        "SELECT (%s::timestamptz = '2026-02-03 04:05:06.000789+00', %s::int + 1, %s::text IS NULL)::text"
    )
    assert on_a_loop(lambda: value_of(statement, [moment, 41, None])) == b"(t,42,t)"


def test_many_at_once_are_each_told_their_own() -> None:
    async def work() -> Any:
        return await asyncio.gather(*(value_of(ECHO, [str(number)]) for number in range(40)))

    assert on_a_loop(work) == [str(number).encode() for number in range(40)]


def test_a_refusal_is_djangos_error_and_the_next_is_answered() -> None:
    async def work() -> Any:
        with pytest.raises(DataError, match="invalid input syntax"):
            await value_of("SELECT (%s::text)::int", ["no number"])
        return await value_of(ECHO, ["still here"])

    assert on_a_loop(work) == b"still here"


def test_a_connection_that_the_server_ends_is_noticed_and_another_made() -> None:
    async def work() -> Any:
        ended = int(await value_of("SELECT pg_backend_pid() + %s::int", [0]))
        await asyncio.to_thread(end, ended)
        return ended, int(await value_of("SELECT pg_backend_pid() + %s::int", [0]))

    ended, another = on_a_loop(work)
    assert ended != another


def test_a_connection_that_ends_in_the_middle_is_asked_once_more_elsewhere() -> None:
    async def work() -> Any:
        ended = int(await value_of("SELECT pg_backend_pid() + %s::int", [0]))
        asking = asyncio.create_task(value_of("SELECT pg_sleep(0.3), %s::text", ["now"]))
        await asyncio.sleep(0.1)
        await asyncio.to_thread(end, ended)
        await asking
        return await value_of(ECHO, ["still here"])

    assert on_a_loop(work) == b"still here"


def end(backend: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
    connection.close()


def test_a_plan_that_went_stale_is_made_anew() -> None:
    async def work() -> Any:
        await value_of("SELECT key FROM slackapp_lane WHERE key = %s", ["a"])
        await asyncio.to_thread(widen, 130)
        return await value_of("SELECT key FROM slackapp_lane WHERE key = %s", ["a"])

    try:
        assert on_a_loop(work) is None
    finally:
        widen(120)


def widen(size: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE slackapp_lane ALTER COLUMN key TYPE varchar({size})")
    connection.close()


def test_who_waits_no_longer_disturbs_nobody() -> None:
    async def work() -> Any:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await value_of("SELECT pg_sleep(5), %s::text", [""])
        return await value_of(ECHO, ["still here"])

    assert on_a_loop(work) == b"still here"


def test_nothing_is_prepared_where_a_pool_changes_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "prepare_threshold", None)
    counted = "SELECT (SELECT count(*) FROM pg_prepared_statements)::text || %s"
    assert on_a_loop(lambda: value_of(counted, [" prepared"])) == b"0 prepared"


def test_statements_that_are_sent_together_are_one_transaction() -> None:
    put = "INSERT INTO slackapp_lane (key) VALUES (%s) RETURNING key"

    async def fail_at_the_second() -> list[Any]:
        with pytest.raises(DataError):
            await directly.values_of(
                (put, ["first"]), ("SELECT (%s::text)::int", ["no number"]), (put, ["third"])
            )
        return await directly.values_of(
            (put, ["a"]), (put, ["b"]), ("SELECT count(*)::int + %s FROM slackapp_lane", [0])
        )

    assert on_a_loop(fail_at_the_second) == [b"a", b"b", b"2"]
    assert set(Lane.objects.values_list("key", flat=True)) == {"a", "b"}
