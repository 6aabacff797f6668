"""Workers that die or lose their lease between a call and its note: nothing is lost, nothing doubled."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from livechat.tokens import VisitorClaim
from slackapp import client, lanes, mirror
from slackapp.models import Connection, Delivery, Lane
from tests.cast import chat_of, say
from tests.slackapp.peer import Slack, at_rest, link_of, state_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_worker_that_dies_between_call_and_note_doubles_nothing(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack.fault("no_echo", method="events", count=None)
    say(claim, "second")
    with monkeypatch.context() as doomed:
        doomed.setattr(mirror, "_sent", lambda *anything: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            mirror.deliver(link_of(chat_of(claim)).lane_id)
    assert Delivery.objects.get(message__body="second").state == "sending"
    lanes.free_all()
    at_rest(slack)
    assert (state_of("second"), slack.lines(connection)) == ("sent", ["first", "second"])


def test_a_worker_that_dies_before_the_call_loses_nothing(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(claim, "second")
    with monkeypatch.context() as doomed:
        doomed.setattr(client, "call", lambda *anything, **more: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            mirror.deliver(link_of(chat_of(claim)).lane_id)
    lanes.free_all()
    at_rest(slack)
    assert slack.lines(connection) == ["first", "second"]


def test_who_lost_the_lease_writes_nothing(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the first worker is in its call the lease passes to another: only the other's notes count."""
    lane = link_of(chat_of(claim)).lane_id
    real_call = client.call
    taken: list[object] = []

    def slow_call(method: str, token: str, /, **arguments: Any) -> dict[str, Any]:
        answer = real_call(method, token, **arguments)
        if not taken:
            Lane.objects.filter(pk=lane).update(lease_until=timezone.now() - timedelta(seconds=1))
            taken.append(lanes.claim(lane))
        return answer

    slack.fault("no_echo", method="events", count=None)
    say(claim, "second")
    with monkeypatch.context() as slow:
        slow.setattr(client, "call", slow_call)
        mirror.deliver(lane)
    assert Delivery.objects.get(message__body="second").state == "sending"
    lanes.free_all()
    at_rest(slack)
    assert (state_of("second"), slack.lines(connection)) == ("sent", ["first", "second"])


def test_a_lane_has_one_worker_at_a_time(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None
) -> None:
    say(claim, "second")
    lane = link_of(chat_of(claim)).lane_id
    token = lanes.claim(lane)
    assert token is not None
    assert lanes.claim(lane) is None
    mirror.deliver(lane)
    assert slack.lines(connection) == ["first"]
