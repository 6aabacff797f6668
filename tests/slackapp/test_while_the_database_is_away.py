"""Slack's events while the database is away: answered, kept on the disk, recorded in order afterwards (S6, S29)."""

import fcntl
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DataError, OperationalError

from slackapp import intake, spool
from slackapp.actions import recording
from slackapp.models import InboundEvent
from tests.payloads.slack import post
from tests.serving import Served
from tests.slackapp.peer import records_by

INNER = {"type": "message", "channel": "C1", "ts": "1.1", "text": "hi", "user": "U1"}

pytestmark = pytest.mark.django_db(transaction=True)


def event(event_id: str = "Ev1") -> dict[str, Any]:
    return {
        "type": "event_callback",
        "event_id": event_id,
        "team_id": "T1",
        "api_app_id": "A0SANDBOX1",
        "event": INNER,
    }


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[spool.Spool]:
    here = spool.Spool(tmp_path / "spool")
    monkeypatch.setattr(spool, "kept_here", here)
    yield here
    while here.replay():
        pass


@pytest.fixture
def away(kept: spool.Spool, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The database is away until this is undone."""

    def refuse(payload: dict[str, Any], said: str | None = None) -> str:
        raise OperationalError("the server closed the connection unexpectedly")

    with monkeypatch.context() as broken:
        records_by(broken, refuse)
        yield broken


def tell(server: Served, *ids: str) -> None:
    for one in ids:
        assert post(server.url, "/slack/events", event(event_id=one)).status_code == 200


def recorded() -> list[str]:
    return list(InboundEvent.objects.order_by("pk").values_list("event_id", flat=True))


def files(here: spool.Spool) -> list[Path]:
    return list(here._folder.glob("*"))


def drain(here: spool.Spool) -> None:
    while here.replay():
        pass


def test_slack_is_answered_and_the_event_is_recorded_when_the_database_is_back(
    server: Served, kept: spool.Spool, away: pytest.MonkeyPatch
) -> None:
    tell(server, "Ev1")
    drain(kept)
    assert (recorded(), kept.is_holding) == ([], True)
    away.undo()
    drain(kept)
    assert (recorded(), kept.is_holding, files(kept)) == (["Ev1"], False, [])


def test_nothing_overtakes_what_is_kept(server: Served, kept: spool.Spool, away: pytest.MonkeyPatch) -> None:
    tell(server, "Ev1", "Ev2")
    away.undo()
    tell(server, "Ev3", "Ev1")
    assert recorded() == []
    drain(kept)
    tell(server, "Ev4")
    assert recorded() == ["Ev1", "Ev2", "Ev3", "Ev4"]


def test_more_than_fits_into_one_go_keeps_its_order(
    server: Served, kept: spool.Spool, away: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [f"Ev{number}" for number in range(7)]
    tell(server, *ids)
    away.undo()
    monkeypatch.setattr(spool, "AT_ONCE", 3)
    assert kept.replay()
    assert recorded() == ids[:3]
    drain(kept)
    assert recorded() == ids


def test_a_database_that_says_nothing_is_not_waited_for(
    server: Served, kept: spool.Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, gate = recording.write_down, threading.Event()

    def slow(payload: dict[str, Any], said: str | None = None) -> str:
        gate.wait(5)
        return real(payload)

    with monkeypatch.context() as silent:
        silent.setattr(intake, "DATABASE_SECONDS", 0.05)
        records_by(silent, slow)
        tell(server, "Ev1")
        assert kept.is_holding
        gate.set()
    drain(kept)
    assert recorded() == ["Ev1"]


def left_behind(folder: Path, *lines: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "earlier.jsonl"
    path.write_bytes(b"".join(lines))
    return path


def line(event_id: str) -> bytes:
    return json.dumps(event(event_id=event_id)).encode() + b"\n"


def test_what_a_dead_process_kept_is_recorded_by_the_next(kept: spool.Spool) -> None:
    left_behind(kept._folder, line("Ev1"), line("Ev2"))
    drain(kept)
    assert (recorded(), files(kept)) == (["Ev1", "Ev2"], [])


def test_what_a_living_process_keeps_is_its_own(kept: spool.Spool) -> None:
    path = left_behind(kept._folder, line("Ev1"))
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        drain(kept)
        assert recorded() == []
    drain(kept)
    assert recorded() == ["Ev1"]


def test_a_line_torn_by_a_crash_stops_nothing(
    server: Served, kept: spool.Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_behind(kept._folder, line("Ev1"), line("Ev2")[:40])
    monkeypatch.setattr(spool, "AT_ONCE", 1)
    assert kept.replay()
    tell(server, "Ev3")
    drain(kept)
    assert recorded() == ["Ev1", "Ev3"]


def test_what_the_database_never_takes_is_given_up_and_the_others_follow(
    kept: spool.Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[[dict[str, Any]], str] = recording.write_down

    def picky(payload: dict[str, Any], said: str | None = None) -> str:
        if payload["event_id"] == "Ev1":
            raise DataError("this is not to be stored")
        return real(payload)

    records_by(monkeypatch, picky)
    left_behind(kept._folder, line("Ev1"), line("Ev2"))
    drain(kept)
    assert recorded() == ["Ev2"]


def test_a_full_spool_asks_slack_to_repeat(
    server: Served, kept: spool.Spool, away: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "MOST_BYTES", 10)
    assert post(server.url, "/slack/events", event()).status_code == 503


def test_nobody_else_reads_what_is_kept(server: Served, kept: spool.Spool, away: pytest.MonkeyPatch) -> None:
    tell(server, "Ev1")
    assert [path.stat().st_mode & 0o777 for path in (kept._folder, *files(kept))] == [0o700, 0o600]
