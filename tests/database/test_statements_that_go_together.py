"""On PostgreSQL a statement that nobody waits for goes with the next, or with the commit. Nothing else is different."""

import threading
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import cast

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import (
    DataError,
    IntegrityError,
    InternalError,
    OperationalError,
    connection,
    connections,
    transaction,
)
from django.db.backends.utils import CursorWrapper
from django.test.utils import CaptureQueriesContext

from config import env
from config.postgresql.base import DatabaseWrapper
from config.postgresql.pipeline import Outcome, Pipeline, Ready, numbered
from slackapp.models import Lane

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is no way away"),
]
REFUSED = ValueError
PUT = "INSERT INTO slackapp_lane (key) VALUES (%s)"
KEYS = "SELECT key FROM slackapp_lane WHERE key LIKE %s ORDER BY id"


def known() -> DatabaseWrapper:
    return cast(DatabaseWrapper, connections["default"])


def keys() -> list[str]:
    return list(Lane.objects.order_by("pk").values_list("key", flat=True))


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What went to the server together, each time."""
    gone: list[list[str]] = []
    send = Pipeline.send

    def noted(self: Pipeline, statements: Sequence[Ready]) -> Outcome:
        gone.append([one.sql.split()[0] for one in statements])
        return send(self, statements)

    monkeypatch.setattr(Pipeline, "send", noted)
    return gone


def elsewhere(work: Callable[[], object]) -> None:
    """On another thread, which has a connection of its own."""

    def run() -> None:
        work()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def test_a_transaction_goes_two_ways(ways: list[list[str]]) -> None:
    with transaction.atomic():
        assert known().rows_of(KEYS, ["%"]) == []
        known().later(PUT, ["a"])
        known().later(PUT, ["b"])
    assert ways == [["BEGIN", "SELECT"], ["INSERT", "INSERT", "COMMIT"]]
    assert keys() == ["a", "b"]


def test_a_cursor_that_was_open_before_copies_what_waits() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        known().later(PUT, ["a"])
        with cursor.copy("COPY (SELECT key FROM slackapp_lane) TO STDOUT") as copied:
            assert [row[0] for row in copied.rows()] == ["a"]


def test_a_request_that_begins_on_a_dead_connection_gets_another() -> None:
    [[number]] = known().rows_of("SELECT pg_backend_pid()", [])
    elsewhere(lambda: _end(number))
    connection.close_if_unusable_or_obsolete()
    assert known().rows_of("SELECT 1", []) == [(1,)]


def test_whatever_is_read_next_sees_it(ways: list[list[str]]) -> None:
    with transaction.atomic():
        known().later(PUT, ["a"])
        assert keys() == ["a"]
        known().later(PUT, ["b"])
        assert known().rows_of(KEYS, ["%"]) == [("a",), ("b",)]
        known().later(PUT, ["c"])
        assert known().count_of("UPDATE slackapp_lane SET due_at = NULL WHERE key LIKE %s", ["%"]) == 3


def test_also_through_a_cursor_that_was_open_before() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(KEYS, ["%"])
        known().later(PUT, ["a"])
        cursor.execute(KEYS, ["%"])
        assert cursor.fetchall() == [("a",)]


def test_nobody_else_sees_it_before_the_commit_and_all_of_it_after() -> None:
    seen: list[list[str]] = []
    with transaction.atomic():
        known().later(PUT, ["a"])
        known().send_waiting()
        known().later(PUT, ["b"])
        elsewhere(lambda: seen.append(keys()))
        transaction.on_commit(lambda: elsewhere(lambda: seen.append(keys())))
    assert seen == [[], ["a", "b"]]


def say(*said: str, then: Exception | None = None) -> None:
    with transaction.atomic():
        for key in said:
            known().later(PUT, [key])
        if then is not None:
            raise then


def test_the_commit_raises_the_error_and_nothing_was_written() -> None:
    with pytest.raises(IntegrityError, match="one_lane_per_key"):
        say("a", "b", "a")
    assert keys() == []
    say("a")
    assert keys() == ["a"]


def swallow(watch: AbstractContextManager[object]) -> None:
    with transaction.atomic():
        known().later(PUT, ["a"])
        with pytest.raises(IntegrityError), watch:
            known().count_of(PUT, ["a"])


@pytest.mark.parametrize("watch", [nullcontext(), CaptureQueriesContext(connection)])
def test_whoever_swallows_an_error_hears_that_nothing_was_written(
    watch: AbstractContextManager[object],
) -> None:
    with pytest.raises(InternalError, match="can be kept"):
        swallow(watch)
    assert keys() == []
    say("a")
    assert keys() == ["a"]


def test_what_is_left_alone_is_not_counted() -> None:
    Lane.objects.create(key="a")
    assert known().count_of(f"{PUT} ON CONFLICT DO NOTHING", ["a"]) == 0
    assert known().rows_of(f"{PUT} ON CONFLICT DO NOTHING RETURNING id", ["a"]) == []


def test_going_back_takes_what_waits_with_it() -> None:
    with transaction.atomic():
        known().later(PUT, ["before"])
        with pytest.raises(REFUSED):
            say("inside", then=REFUSED())
        known().later(PUT, ["after"])
    assert keys() == ["before", "after"]
    with pytest.raises(REFUSED):
        say("never", then=REFUSED())
    assert keys() == ["before", "after"]


def test_an_error_inside_a_savepoint_undoes_the_savepoint_alone() -> None:
    with transaction.atomic():
        known().later(PUT, ["a"])
        with pytest.raises(IntegrityError):
            say("b", "a")
        known().later(PUT, ["c"])
    assert keys() == ["a", "c"]


@pytest.mark.parametrize("said", ["it's \\ 100% %s “ü” 👋", "x" * 3_000_000, ""])
def test_a_value_comes_as_it_is(said: str) -> None:
    assert known().rows_of("SELECT %s::text, '100 %%', %s::int + 1", [said, 41]) == [(said, "100 %", 42)]


def test_what_no_column_keeps_is_refused_where_it_is_said_and_undoes_nothing() -> None:
    with transaction.atomic():
        known().later(PUT, ["a"])
        with pytest.raises(DataError, match="NUL"):
            known().later(PUT, ["\x00"])
        known().later(PUT, ["b"])
    assert keys() == ["a", "b"]


def test_a_commit_never_connects_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what was said on the connection before, the new one knows nothing."""

    def connect(*ignored: object) -> None:
        raise AssertionError("this is no time for another connection")

    with transaction.atomic():
        known().later(PUT, ["a"])
        known().rows_of(KEYS, ["%"])
        with monkeypatch.context() as patch:
            patch.setattr(known(), "ensure_connection", connect)
            patch.setattr(known(), "close_if_health_check_failed", connect)
            known()._commit()
    assert keys() == ["a"]


def test_outside_of_a_transaction_it_is_done_at_once() -> None:
    known().later(PUT, ["a"])
    elsewhere(lambda: Lane.objects.filter(key="a").update(key="b"))
    assert keys() == ["b"]


def test_whoever_counts_statements_sees_each(
    django_assert_num_queries: Callable[[int], CursorWrapper],
) -> None:
    with django_assert_num_queries(5), transaction.atomic():
        known().later(PUT, ["a"])
        known().rows_of(KEYS, ["%"])
        known().count_of(PUT, ["b"])


@pytest.mark.parametrize(
    "forget", ["ALTER TABLE slackapp_lane ALTER key SET STATISTICS -1", "DEALLOCATE ALL", "discard all"]
)
def test_statements_that_are_forgotten_are_prepared_anew(forget: str) -> None:
    for number in range(4):  # as often as psycopg needs to prepare the one that it is asked for
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::text", [str(number)])
        say(f"before {number}")
    with connection.cursor() as cursor:
        cursor.execute(forget)
    say("after")
    assert len(keys()) == 5


def test_and_so_they_are_after_going_back() -> None:
    for number in range(4):
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::text", [str(number)])
        say(f"before {number}")
        with pytest.raises(REFUSED):
            say("never", then=REFUSED())
        with transaction.atomic():
            say(f"inside {number}")
            with pytest.raises(REFUSED):
                say("never", then=REFUSED())
            say(f"after {number}")
    assert len(keys()) == 12


def there() -> int:
    """How many statements the server keeps for this connection."""
    [[count]] = known().rows_of("SELECT count(*) FROM pg_prepared_statements", [])
    return int(count)


def test_going_back_leaves_nothing_behind_at_the_server() -> None:
    say("first")
    at_first = there()
    for number in range(30):
        with pytest.raises(REFUSED):
            say("never", then=REFUSED())
        with transaction.atomic():
            known().rows_of(KEYS, ["%"])
            with pytest.raises(REFUSED):
                say("never", then=REFUSED())
            known().later(PUT, [str(number)])
    assert there() <= at_first + 6
    assert len(keys()) == 31


def test_behind_a_pool_nothing_is_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.ensure_connection()
    monkeypatch.setattr(connection.connection, "prepare_threshold", None)
    with transaction.atomic():
        known().later(PUT, ["a"])
    assert known().rows_of(KEYS, ["%"]) == [("a",)]
    assert known().rows_of(
        "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE %s", ["together%"]
    ) == [(0,)]


def lose_the_connection() -> None:
    with transaction.atomic():
        [[number]] = known().rows_of("SELECT pg_backend_pid()", [])
        known().later(PUT, ["a"])
        elsewhere(lambda: _end(number))


def test_a_connection_that_the_server_ends_is_a_lost_one_and_the_next_works() -> None:
    with pytest.raises(OperationalError):
        lose_the_connection()
    connection.close()
    assert keys() == []
    known().later(PUT, ["b"])
    assert keys() == ["b"]


def _end(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [number])


def test_an_answer_in_doubt_closes_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody may read the answer to another's question."""

    def interrupted(self: Pipeline, events: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Pipeline, "_wait", interrupted)
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            known().rows_of("SELECT pg_sleep(0.05)", [])
    connection.close()
    token = str(uuid.uuid4())
    assert known().rows_of("SELECT %s::text", [token]) == [(token,)]


def test_places_are_numbered() -> None:
    assert numbered("a = %s AND b LIKE '%%s%%' AND c = %s") == b"a = $1 AND b LIKE '%s%' AND c = $2"


def test_psycopg_itself_may_be_in_the_middle_of_a_transaction() -> None:
    with transaction.atomic():
        assert isinstance(connection.connection, psycopg.Connection)
        assert keys() == []
        known().later(PUT, ["a"])
        assert keys() == ["a"]
        known().later(PUT, ["b"])
    assert keys() == ["a", "b"]


def test_another_isolation_level_is_refused_at_the_start() -> None:
    with pytest.raises(ImproperlyConfigured, match="READ COMMITTED"):
        env.prepared({"isolation_level": 3})
