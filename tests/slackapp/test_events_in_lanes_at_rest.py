"""A pending event is work by itself: its lane needs no mark, and nothing is left asleep in one without (S29)."""

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from slackapp import inbound, lanes, tasks
from slackapp.actions import recording
from slackapp.handlers.heard import NotYet
from slackapp.models import InboundEvent, Lane

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "in:T1:C1:"


def record(number: int, channel: str = "C1") -> str:
    """Key of its lane."""
    inner = {"type": "reaction_added", "channel": channel, "user": "U1"}
    payload: dict[str, Any] = {
        "type": "event_callback",
        "event_id": f"Ev{number}",
        "team_id": "T1",
        "event": inner,
    }
    return recording.write_down(payload)


def work(key: str = KEY) -> None:
    inbound.work_inbound(key)


def states() -> list[str]:
    return list(InboundEvent.objects.order_by("pk").values_list("state", flat=True))


def lane(key: str = KEY) -> Lane:
    return Lane.objects.get(key=key)


def park(key: str = KEY) -> None:
    """As a worker does when the first event must wait."""
    with transaction.atomic():
        found = lanes.join(key)
        assert found is not None
        lanes.park(found, timezone.now() + timedelta(minutes=5))


def test_a_lane_at_rest_stays_so_and_its_event_is_worked() -> None:
    record(1)
    work()
    assert lane().due_at is None
    record(2)
    assert lane().due_at is None
    work()
    assert (states(), lane().due_at) == (["done", "done"], None)


def test_a_lane_is_there_when_somebody_comes_to_work() -> None:
    record(1)
    assert not Lane.objects.exists()
    work()
    assert (states(), lane().due_at) == (["done"], None)


def test_a_lost_ring_is_found_by_the_sweep() -> None:
    record(1)
    work()
    assert lanes.due() == []
    record(2)
    record(3)
    assert lanes.due() == [(lane().pk, KEY)]
    work()
    assert states() == ["done"] * 3
    assert lanes.due() == []


def test_an_event_makes_a_parked_lane_try_at_once() -> None:
    """Whoever writes once more must not wait for the whole patience that is had with the first."""
    record(1)
    park()
    assert lanes.due() == []
    record(2)
    assert lanes.due() == [(lane().pk, KEY)]
    work()
    assert (states(), lane().due_at, lane().told_until) == (["done", "done"], None, None)


def test_what_was_told_before_a_lane_was_parked_waits_with_it() -> None:
    """Else three events that came together would use up three tries in a moment."""
    record(1)
    record(2)
    park()
    for _ in range(2):
        work()
    assert lanes.due() == []
    assert states() == ["pending", "pending"]


def test_a_parked_lane_that_is_worked_by_somebody_is_not_rung() -> None:
    record(1)
    park()
    record(2)
    assert lanes.claim_inbound(KEY) is not None
    assert lanes.due() == []


def test_each_lane_with_events_is_rung_once_however_many_wait_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    channels = [f"C{number}" for number in range(1, 6)]
    found = dict(_rested(channel) for channel in channels)
    for number, channel in enumerate(channels * 4):
        record(100 + number, channel)
    park("in:T1:C2:")
    assert sorted(lanes.due()) == sorted((pk, key) for pk, key in found.items() if "C2" not in key)
    monkeypatch.setattr(lanes, "SWEPT_AT_ONCE", 3)
    assert len(lanes.due()) == 3


def _rested(channel: str) -> tuple[int, str]:
    key = record(int(channel[1:]), channel)
    work(key)
    return lane(key).pk, key


@pytest.mark.parametrize("says_its_number", [False, True])
def test_what_an_older_web_process_rang_is_worked_too(says_its_number: bool) -> None:
    record(1)
    tasks._inbound.call_local(*([7, KEY] if says_its_number else [KEY]))
    assert states() == ["done"]


def test_a_leased_lane_is_nobody_elses_until_the_lease_is_over() -> None:
    record(1)
    work()
    record(2)
    assert lanes.claim_inbound(KEY) is not None
    assert lanes.due() == []
    work()
    assert states() == ["done", "pending"]
    Lane.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert lanes.due() == [(lane().pk, KEY)]
    work()
    assert states() == ["done", "done"]


def test_a_lane_that_is_not_there_is_found_by_the_sweep_and_made_by_who_works() -> None:
    record(1)
    assert lanes.due() == [(0, KEY)]
    assert not Lane.objects.exists()
    work()
    assert states() == ["done"]


def test_a_ring_without_an_event_makes_no_lane() -> None:
    work()
    assert not Lane.objects.exists()


def test_who_was_too_early_for_what_another_did_since_parks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else what is told next would wait for an event that is done."""
    record(1)
    real = inbound.read_event
    met: list[InboundEvent] = []

    def too_early(row: InboundEvent, *, may_ask: bool) -> Any:
        if met:
            return real(row, may_ask=may_ask)
        met.append(row)
        work()
        raise NotYet(timedelta(hours=1))

    monkeypatch.setattr(inbound, "read_event", too_early)
    work()
    assert (states(), lane().due_at) == (["done"], None)
    record(2)
    work()
    assert states() == ["done", "done"]


def test_towards_slack_only_what_is_due_is_entered() -> None:
    lane_id = lanes.make_due("out:0e4c5c3e-0000-4000-8000-000000000000")
    Lane.objects.filter(pk=lane_id).update(due_at=None)
    assert lanes.claim(lane_id) is None
    assert lanes.due() == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
@pytest.mark.parametrize("is_direct", [False, True])
def test_an_event_waits_for_nobody_and_is_found_behind_whoever_gives_its_lane_back(is_direct: bool) -> None:
    record(1)
    token = lanes.claim_inbound(KEY)
    assert token is not None
    InboundEvent.objects.update(state="done")
    with transaction.atomic():
        held = lanes.keep(KEY, token)
        assert held is not None
        assert inbound._rests(held, KEY)
        # too late for that look, and before the lane is free for others
        elsewhere(lambda: tell(2, is_direct)).join(10)
        rung = elsewhere(work)
        rung.join(0.3)
        assert rung.is_alive()
        assert states() == ["done", "pending"]
    rung.join(10)
    assert states() == ["done", "done"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
def test_two_who_come_to_a_new_lane_at_once_work_one_behind_the_other() -> None:
    record(1)
    with transaction.atomic():
        assert lanes.join(KEY) is not None
        rung = elsewhere(work)
        rung.join(0.3)
        assert rung.is_alive()
    rung.join(10)
    assert (states(), Lane.objects.count()) == (["done"], 1)


def elsewhere(function: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            function()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def tell(number: int, is_direct: bool) -> None:
    if is_direct:
        asyncio.run(_directly(number))
    else:
        record(number)


async def _directly(number: int) -> None:
    from config import directly

    try:
        await lanes.put_event_directly(f"Ev{number}", "reaction_added", KEY, '{"team_id": "T1", "event": {}}')
    finally:
        await directly.close()
