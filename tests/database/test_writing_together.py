"""Writes that wait together share one transaction on SQLite; what befalls one befalls no other."""

import asyncio
import threading
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoDbBlocker

from config import database, hints
from config.sqlite.base import DatabaseWrapper
from slackapp.models import Lane

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite's one writer"),
]
PATIENCE = 5.0


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    database.close()
    yield
    database.close()


def keep(key: str, told: list[str] | None = None) -> str:
    with transaction.atomic():
        Lane.objects.create(key=key)
        if told is not None:
            transaction.on_commit(lambda: hints.give(lambda: told.append(key)), robust=True)
    return key


def refuse(key: str) -> str:
    with transaction.atomic():
        Lane.objects.create(key=key)
        raise ValueError("this is refused")


def all_at_once(*writes: Callable[[], Any]) -> list[Any]:
    """They wait together behind one that takes its time."""
    gate = threading.Event()

    async def play() -> list[Any]:
        first = asyncio.ensure_future(database.db(gate.wait, PATIENCE))
        others = [asyncio.ensure_future(database.write(write)) for write in writes]
        await asyncio.sleep(0.05)
        gate.set()
        await first
        answers = await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0.05)
        return list(answers)

    return asyncio.run(play())


@pytest.fixture
def committed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each transaction that is committed."""
    done: list[int] = []
    real = DatabaseWrapper._commit

    def note(self: DatabaseWrapper) -> None:
        real(self)
        done.append(1)

    monkeypatch.setattr(DatabaseWrapper, "_commit", note)
    return done


def keys() -> list[str]:
    return list(Lane.objects.order_by("pk").values_list("key", flat=True))


def test_writes_that_wait_together_are_committed_together(committed: list[int]) -> None:
    told: list[str] = []
    assert all_at_once(*(lambda key=key: keep(key, told) for key in "abc")) == ["a", "b", "c"]
    assert keys() == told == ["a", "b", "c"]
    assert len(committed) == 1


def test_a_refusal_undoes_its_own_work_alone(committed: list[int]) -> None:
    a, refusal, c = all_at_once(lambda: keep("a"), lambda: refuse("b"), lambda: keep("c"))
    assert (a, str(refusal), c) == ("a", "this is refused", "c")
    assert keys() == ["a", "c"]
    assert len(committed) == 1


def test_where_the_database_refuses_one_each_is_tried_alone() -> None:
    told: list[str] = []
    answers = all_at_once(lambda: keep("a", told), lambda: keep("a"), lambda: keep("c", told))
    assert [answers[0], answers[2]] == ["a", "c"]
    assert isinstance(answers[1], IntegrityError)
    assert keys() == told == ["a", "c"]


def test_a_commit_that_fails_answers_nobody_with_success(monkeypatch: pytest.MonkeyPatch) -> None:
    """The constraint is looked at when all of it is committed: who caused it is told, the others are kept."""

    def points_nowhere() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO slackapp_channelbudget (installation_id, channel_id, next_slot_at)"
                " VALUES (%s, 'C1', '2026-01-01')",
                [uuid.uuid4().hex],
            )

    a, broken, c = all_at_once(lambda: keep("a"), points_nowhere, lambda: keep("c"))
    assert (a, c) == ("a", "c")
    assert isinstance(broken, IntegrityError)
    assert keys() == ["a", "c"]


def test_no_more_than_a_handful_share_one(committed: list[int]) -> None:
    count = database.MOST_TOGETHER + 1
    assert len(all_at_once(*(lambda n=n: keep(f"{n}") for n in range(count)))) == count
    assert len(keys()) == count
    assert len(committed) == 2


def test_who_has_gone_away_in_the_meantime_is_not_answered() -> None:
    gate = threading.Event()

    async def play() -> str:
        first = asyncio.ensure_future(database.db(gate.wait, PATIENCE))
        gone = asyncio.ensure_future(database.write(keep, "gone"))
        stays = asyncio.ensure_future(database.write(keep, "stays"))
        await asyncio.sleep(0.02)
        gone.cancel()
        gate.set()
        await first
        return await stays

    assert asyncio.run(play()) == "stays"
    assert keys() == ["gone", "stays"]


def test_what_waits_when_the_threads_end_is_worked_before() -> None:
    async def play() -> None:
        asyncio.ensure_future(database.write(keep, "last"))  # noqa: RUF006 - nobody waits for it
        await asyncio.sleep(0)
        await asyncio.to_thread(database.close)

    asyncio.run(play())
    assert keys() == ["last"]


@pytest.mark.parametrize("together", [1, 3])
def test_a_connection_left_without_autocommit_serves_nobody_else(together: int) -> None:
    """Whoever is to hear of a commit would never hear of one."""

    async def leave() -> None:
        await database.db(lambda: connection.set_autocommit(False))

    asyncio.run(leave())
    told: list[str] = []
    keys = [f"out:{number}" for number in range(together)]
    assert all_at_once(*(partial(keep, key, told) for key in keys)) == keys
    assert told == keys


@pytest.mark.parametrize("left_half_way", [False, True])
def test_a_thread_outlives_whatever_befalls_its_connection(
    django_db_blocker: DjangoDbBlocker, left_half_way: bool
) -> None:
    """What follows would wait for a dead thread, and Slack's events be kept in a file that nobody records."""

    async def play() -> None:
        await database.db(lambda: connection.set_autocommit(not left_half_way))
        with django_db_blocker.block(), pytest.raises(RuntimeError):
            await database.write(keep, "refused")
        assert await asyncio.wait_for(database.write(keep, "kept"), PATIENCE) == "kept"

    asyncio.run(play())
    assert keys() == ["kept"]
