"""SQLite's one writer: threads of a process write in turn, and whoever a person waits for goes first."""

import threading
from typing import cast

import pytest
from django.db import IntegrityError, OperationalError, transaction
from django.db import connection as default_connection

from accounts.models import User, Workspace
from config.sqlite.base import DatabaseWrapper
from config.sqlite.turns import Turns, go_first
from slackapp.models import Lane

pytestmark = pytest.mark.skipif(default_connection.vendor != "sqlite", reason="about SQLite's one writer")
connection = cast(DatabaseWrapper, default_connection)
PATIENCE = 5.0


def waiting(turns: Turns, name: str, done: list[str], first: bool = False) -> threading.Thread:
    """A thread that stands in the queue when this returns."""

    def work() -> None:
        if first:
            go_first()
        assert turns.take(PATIENCE)
        done.append(name)
        turns.give_back()

    before = sum(map(len, turns._waiting))
    thread = threading.Thread(target=work)
    thread.start()
    while sum(map(len, turns._waiting)) == before:
        thread.join(0.001)
    return thread


def test_who_asked_first_writes_first_and_a_persons_thread_before_all() -> None:
    turns, done = Turns(), list[str]()
    assert turns.take(PATIENCE)
    threads = [
        waiting(turns, "one", done),
        waiting(turns, "two", done),
        waiting(turns, "visitor", done, True),
    ]
    turns.give_back()
    for thread in threads:
        thread.join(PATIENCE)
    assert done == ["visitor", "one", "two"]
    assert turns.take(0.01)


def test_patience_ends_and_the_queue_goes_on_without_the_impatient() -> None:
    turns = Turns()
    assert turns.take(PATIENCE)
    assert not turns.take(0.01)
    turns.give_back()
    assert turns.take(0.01)


def is_our_turn() -> bool:
    return connection.has_turn


def fail_in_the_middle() -> None:
    with transaction.atomic():
        Workspace.objects.create(name="Acme")
        raise ValueError("on purpose")


@pytest.mark.django_db(transaction=True)
def test_a_turn_ends_with_its_transaction_however_that_ends() -> None:
    with pytest.raises(ValueError, match="on purpose"):
        fail_in_the_middle()
    assert not is_our_turn()
    with transaction.atomic():
        assert is_our_turn()
        with transaction.atomic():
            User.objects.create_user("alice@acme.example", None, name="Alice")
        assert is_our_turn()
    assert not is_our_turn()
    with transaction.atomic():
        connection.close()
    assert not is_our_turn()


@pytest.mark.django_db(transaction=True)
def test_a_statement_alone_takes_a_turn_and_a_reader_takes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.ensure_connection()
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.05)
    with connection.turn():
        connection.has_turn = False
        assert Workspace.objects.count() == 0
        with pytest.raises(OperationalError, match="locked"):
            User.objects.update(name="Somebody")
        connection.has_turn = True
    assert User.objects.update(name="Somebody") == 0


@pytest.mark.django_db(transaction=True)
def test_a_short_write_is_kept_whole_or_not_at_all_and_gives_its_turn_back() -> None:
    with pytest.raises(IntegrityError):
        put_shortly("one", "one")
    assert not is_our_turn()
    assert not connection.connection.in_transaction
    assert not Lane.objects.exists()
    put_shortly("one")
    assert not is_our_turn()
    assert [lane.key for lane in Lane.objects.all()] == ["one"]


@pytest.mark.django_db(transaction=True)
def test_a_short_write_is_refused_where_a_transaction_was_left_open() -> None:
    """It would be answered for, and lost with that transaction."""
    connection.ensure_connection()
    connection.connection.execute("BEGIN")
    with pytest.raises(OperationalError, match="left open"):
        put_shortly("one")
    assert not is_our_turn()
    connection.connection.execute("ROLLBACK")


@pytest.mark.django_db(transaction=True)
def test_a_short_write_waits_for_its_turn() -> None:
    with transaction.atomic():
        thread = threading.Thread(target=put_elsewhere)
        thread.start()
        while not any(connection._of_this_file._waiting):
            thread.join(0.001)
        assert not Lane.objects.exists()
    thread.join(PATIENCE)
    assert Lane.objects.exists()


def put_shortly(*keys: str) -> None:
    connection.write_shortly(f"INSERT INTO slackapp_lane (key) VALUES {', '.join('(?)' for _ in keys)}", keys)


def put_elsewhere() -> None:
    put_shortly("one")
    connection.close()
