"""When hints arrive faster than they are worked, they must not pile up nor stand in the way of visitors' writes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from huey.contrib.djhuey import HUEY

from accounts.models import Member
from config import engine
from slackapp import lanes, mirror, tasks
from slackapp.models import ChatLink, Connection, Installation, Lane
from tests.cast import newcomer, say, shop_of


def test_a_hint_for_a_lane_that_is_not_due_writes_nothing(alice: Member) -> None:
    site = shop_of(alice)
    chat = say(newcomer(site)).chat
    lane = Lane.objects.create(key="out:worked-already")
    installation = Installation.objects.create(installed_at=timezone.now())
    found = Connection.unscoped.create(workspace=site.workspace, site=site, installation=installation)
    ChatLink.objects.create(chat=chat, connection=found, installation=installation, lane=lane)
    with CaptureQueriesContext(connection) as queries:
        mirror.deliver(lane.pk)
    assert [query["sql"].split()[0] for query in queries] == ["SELECT"]


def test_a_sweep_adds_no_hints_while_many_still_wait(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    Lane.objects.create(key="in:team:channel:thread", due_at=timezone.now() - lanes.LEASE)
    rung: list[str] = []
    monkeypatch.setattr(tasks, "ring_inbound", rung.append)
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)
    monkeypatch.setattr(HUEY, "pending_count", lambda: engine.THREADS + 1)
    tasks.sweep()
    assert rung == []
    monkeypatch.setattr(HUEY, "pending_count", lambda: engine.THREADS)
    tasks.sweep()
    assert rung == ["in:team:channel:thread"]
