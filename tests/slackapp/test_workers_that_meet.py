"""Two workers, or a worker and an owner, in the same moment: nothing is lost, undone or worked twice."""

import time
from typing import Any

import pytest
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from livechat.models import ChatSession
from livechat.tokens import VisitorClaim
from slackapp import actions, inbound, lanes, mirror
from slackapp.handlers.heard import Act
from slackapp.models import ChatLink, Connection, Delivery, InboundEvent, Installation, Lane, SlackIdentity
from tests.cast import lines_of, say
from tests.payloads.slack import envelope, typed
from tests.slackapp.peer import Slack, link_of

pytestmark = pytest.mark.django_db(transaction=True)


def told(slack: Slack, chat: ChatSession, *texts: str) -> str:
    """Bob's lines are recorded and wait in a lane: its key."""
    link = link_of(chat)
    SlackIdentity.objects.update_or_create(
        slack_team_id=link.installation.slack_team_id,
        slack_user_id=slack.person("bob"),
        defaults={
            "name": "Bob",
            "seen_from": link.installation.slack_team_id,
            "fetched_at": timezone.now(),
        },
    )
    for number, text in enumerate(texts):
        line = typed(text, user=slack.person("bob"), channel=link.channel_id, thread_ts=link.root_ts)
        actions.record_event(envelope(link.installation, line | {"ts": f"1999999999.00010{number}"}))
    return InboundEvent.objects.filter(state="pending").latest("pk").lane_key


def states(lane_key: str) -> list[tuple[str, int]]:
    rows = InboundEvent.objects.filter(lane_key=lane_key, event_id__startswith="Ev").order_by("pk")
    return list(rows.values_list("state", "attempts"))


def test_an_answer_is_not_lost_when_its_card_is_settled_between_two_looks(
    slack: Slack, chat: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    lane_key, link = told(slack, chat, "I answer at once"), link_of(chat)
    card = Delivery.objects.filter(link=link, kind="card")
    card.update(state="sending")
    ChatLink.objects.filter(pk=link.pk).update(root_ts=None)
    real = inbound._link

    def settled_meanwhile(*where: Any) -> ChatLink | None:
        found = real(*where)
        card.update(state="sent")
        ChatLink.objects.filter(pk=link.pk).update(root_ts=link.root_ts)
        return found

    monkeypatch.setattr(inbound, "_link", settled_meanwhile)
    inbound.work_inbound(lane_key)
    assert lines_of(chat) == ["Hello?", "I answer at once"]


def test_who_fails_does_not_undo_what_another_worker_did(
    slack: Slack, chat: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    lane_key = told(slack, chat, "one", "two")
    real = inbound.read_event
    failed: list[InboundEvent] = []

    def too_late(row: InboundEvent, *, may_ask: bool) -> Act | None:
        if failed:
            return real(row, may_ask=may_ask)
        failed.append(row)
        inbound._work(lane_key, None, row, real(row, may_ask=may_ask))
        raise RuntimeError("the connection broke")

    monkeypatch.setattr(inbound, "read_event", too_late)
    inbound.work_inbound(lane_key)
    assert lines_of(chat) == ["Hello?", "one", "two"]
    assert set(states(lane_key)) == {("done", 0)}


def test_what_slack_says_of_the_old_key_does_not_wipe_the_new_one(
    slack: Slack, connection: Connection
) -> None:
    installation = connection.installation
    assert installation is not None
    said = {"type": "tokens_revoked", "tokens": {"bot": [installation.bot_user_id]}}
    actions.record_event(envelope(installation, said, event_time=int(time.time()) + 3600))
    # the installing itself is heard of, too, whenever it arrives
    heard = InboundEvent.objects.get(kind="tokens_revoked")
    act = inbound.read_event(heard, may_ask=False)
    assert act is not None
    columns = ("slack_team_id", "enterprise_id", "app_id", "bot_user_id", "bot_id", "scopes")
    found = {name: getattr(installation, name) for name in columns}
    actions.store_installation({**found, "bot_token": "xoxb-new"})
    with transaction.atomic():
        act()
    installation = Installation.objects.get(pk=installation.pk)
    assert (installation.state, installation.bot_token.reveal()) == ("active", "xoxb-new")


def test_a_lane_whose_next_job_cannot_be_read_rests(connection: Connection, claim: VisitorClaim) -> None:
    say(claim, "Hello?")
    with database.cursor() as cursor:
        cursor.execute("UPDATE slackapp_installation SET bot_token = 'junk'")
    lane = Lane.objects.get(key__startswith="out:")
    with pytest.raises(Exception, match="bot_token"):
        mirror.deliver(lane.pk)
    assert lane.pk not in [pk for pk, _ in lanes.due()]
    lane.refresh_from_db()
    assert lane.due_at is not None
    assert lane.due_at > timezone.now()
