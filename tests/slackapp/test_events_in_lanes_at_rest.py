"""A pending event is work by itself: its lane needs no mark, and nothing is left asleep in one without (S29)."""

import asyncio
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from slackapp import inbound, lanes, tasks
from slackapp.actions import recording
from slackapp.models import InboundEvent, Lane

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "in:T1:C1:"


def record(number: int, channel: str = "C1") -> int:
    inner = {"type": "reaction_added", "channel": channel, "user": "U1"}
    payload: dict[str, Any] = {
        "type": "event_callback",
        "event_id": f"Ev{number}",
        "team_id": "T1",
        "event": inner,
    }
    return Lane.objects.values_list("pk", flat=True).get(key=recording.write_down(payload))


def work(key: str = KEY) -> None:
    inbound.work_inbound(key)


def states() -> list[str]:
    return list(InboundEvent.objects.order_by("pk").values_list("state", flat=True))


def lane() -> Lane:
    return Lane.objects.get(key=KEY)


def test_a_lane_at_rest_stays_so_and_its_event_is_worked() -> None:
    record(1)
    work()
    assert lane().due_at is None
    record(2)
    assert lane().due_at is None
    work()
    assert (states(), lane().due_at) == (["done", "done"], None)


def test_a_lost_ring_is_found_by_the_sweep() -> None:
    record(1)
    work()
    assert lanes.due() == []
    lane_id = record(2)
    record(3)
    assert lanes.due() == [(lane_id, KEY)]
    work()
    assert states() == ["done"] * 3
    assert lanes.due() == []


def test_an_event_makes_a_parked_lane_due_at_once() -> None:
    lane_id = record(1)
    in_a_while = timezone.now() + timedelta(minutes=5)
    Lane.objects.filter(pk=lane_id).update(due_at=in_a_while)
    assert lanes.due() == []
    assert record(2) == lane_id
    assert lanes.due() == [(lane_id, KEY)]


def test_each_lane_with_events_is_rung_once_however_many_wait_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    channels = [f"C{number}" for number in range(1, 6)]
    found = dict(_rested(channel) for channel in channels)
    for number, channel in enumerate(channels * 4):
        record(100 + number, channel)
    Lane.objects.filter(key="in:T1:C2:").update(due_at=timezone.now() + timedelta(minutes=5))
    assert sorted(lanes.due()) == sorted((pk, key) for pk, key in found.items() if "C2" not in key)
    monkeypatch.setattr(lanes, "SWEPT_AT_ONCE", 3)
    assert len(lanes.due()) == 3


def _rested(channel: str) -> tuple[int, str]:
    key = f"in:T1:{channel}:"
    lane_id = record(int(channel[1:]), channel)
    work(key)
    return lane_id, key


def test_a_lane_that_waits_for_its_moment_is_not_rung_before() -> None:
    lane_id = record(1)
    Lane.objects.filter(pk=lane_id).update(due_at=timezone.now() + timedelta(minutes=5))
    assert lanes.due() == []
    work()
    assert states() == ["pending"]


@pytest.mark.parametrize("says_its_number", [False, True])
def test_what_an_older_web_process_rang_is_worked_too(says_its_number: bool) -> None:
    lane_id = record(1)
    tasks._inbound.call_local(*([lane_id, KEY] if says_its_number else [KEY]))
    assert states() == ["done"]


def test_a_leased_lane_is_nobody_elses_until_the_lease_is_over() -> None:
    record(1)
    work()
    lane_id = record(2)
    assert lanes.claim_inbound(KEY) is not None
    assert lanes.due() == []
    work()
    assert states() == ["done", "pending"]
    Lane.objects.filter(pk=lane_id).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert lanes.due() == [(lane_id, KEY)]
    work()
    assert states() == ["done", "done"]


def test_a_lane_that_is_gone_is_made_anew() -> None:
    Lane.objects.filter(pk=record(1)).delete()
    assert [key for _, key in lanes.due()] == [KEY]
    work()
    assert states() == ["done"]


def test_towards_slack_only_what_is_due_is_entered() -> None:
    lane_id = lanes.make_due("out:0e4c5c3e-0000-4000-8000-000000000000")
    Lane.objects.filter(pk=lane_id).update(due_at=None)
    assert lanes.claim(lane_id) is None
    assert lanes.due() == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
@pytest.mark.parametrize("is_direct", [False, True])
def test_an_event_waits_for_whoever_is_in_its_lane(is_direct: bool) -> None:
    """So it is either seen by the worker that gives the lane back, or finds the lane given back."""
    lane_id = record(1)
    work()
    is_in = threading.Event()

    def tell() -> None:
        is_in.set()
        if is_direct:
            asyncio.run(_directly())
        else:
            record(2)
        connection.close()

    thread = threading.Thread(target=tell)
    with transaction.atomic():
        assert lanes.join(KEY) is not None
        thread.start()
        is_in.wait(5)
        thread.join(0.3)
        assert thread.is_alive()
        assert states() == ["done"]
    thread.join(10)
    assert states() == ["done", "pending"]
    assert lanes.due() == [(lane_id, KEY)]


async def _directly() -> None:
    from config import directly

    try:
        await lanes.put_event_directly("Ev2", "reaction_added", KEY, '{"team_id": "T1", "event": {}}')
    finally:
        await directly.close()
