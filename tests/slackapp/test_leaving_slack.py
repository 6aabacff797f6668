"""Uninstalled or revoked (S23): the queue stops, the owner is told; a late word about an old key changes nothing."""

import time
from typing import Any

import pytest

from accounts.errors import Refused
from accounts.models import Member
from livechat.tokens import VisitorClaim
from slackapp import actions, queries, setup
from slackapp.models import Connection, Installation
from tests.cast import say
from tests.payloads.slack import envelope
from tests.slackapp.peer import Slack, fresh, install, later, settle, work

pytestmark = pytest.mark.django_db(transaction=True)


def tell(connection: Connection, event: dict[str, Any], at: int | None = None) -> None:
    assert connection.installation is not None
    more = {} if at is None else {"event_time": at}
    actions.record_event(envelope(connection.installation, event, **more))
    work()


@pytest.mark.parametrize("act", ["uninstall", "revoke"])
def test_leaving_stops_the_queue_wipes_the_token_and_tells_the_owner(
    slack: Slack, connection: Connection, claim: VisitorClaim, act: str
) -> None:
    say(claim, "first")
    settle(slack)
    slack.act(act, team="Acme")
    settle(slack)
    installation = Installation.objects.get()
    assert (installation.state, bool(installation.bot_token)) == ("revoked", False)
    health = queries.health_of(fresh(connection))
    assert health.state == "reconnect"
    assert health.problem.endswith("Connect Slack again.")
    calls = len(slack.calls("chat.postMessage"))
    message = say(claim, "second")
    work()
    message.refresh_from_db()
    assert (message.seq, message.mirror_state, len(slack.calls("chat.postMessage"))) == (2, "queued", calls)


def test_connecting_again_sends_what_waited(
    slack: Slack, connection: Connection, alice: Member, claim: VisitorClaim
) -> None:
    slack.act("uninstall", team="Acme")
    settle(slack)
    say(claim, "while away")
    install(slack, alice, fresh(connection))
    slack.act("invite", channel=connection.channel_id)
    settle(slack)
    later()
    settle(slack)
    assert fresh(connection).state == "ready"
    assert slack.lines(connection) == ["while away"]


@pytest.mark.parametrize(
    "event", [{"type": "app_uninstalled"}, {"type": "tokens_revoked"}], ids=["uninstalled", "revoked"]
)
def test_a_late_word_about_the_old_key_does_not_touch_the_new_one(
    slack: Slack, connection: Connection, alice: Member, event: dict[str, Any]
) -> None:
    install(slack, alice, connection)
    if event["type"] == "tokens_revoked":
        event = {**event, "tokens": {"bot": [Installation.objects.get().bot_user_id]}}
    tell(connection, event, at=int(time.time()) - 3600)
    assert Installation.objects.get().state == "active"
    tell(connection, event, at=int(time.time()) + 1)
    assert Installation.objects.get().state == "revoked"


@pytest.mark.parametrize(
    "tokens", [None, [], {}, {"bot": None}, {"bot": ["USOMEBODY"]}, {"oauth": ["U1"]}, "x"]
)
def test_other_peoples_tokens_are_not_ours(connection: Connection, tokens: object) -> None:
    tell(connection, {"type": "tokens_revoked", "tokens": tokens})
    assert Installation.objects.get().state == "active"


@pytest.mark.parametrize("when", [True, "soon", -1, 2**40, None, 0])
def test_a_strange_time_counts_as_now(connection: Connection, when: object) -> None:
    assert connection.installation is not None
    actions.record_event(envelope(connection.installation, {"type": "app_uninstalled"}, event_time=when))
    work()
    assert Installation.objects.get().state == "revoked"


def test_hearing_it_twice_is_harmless(connection: Connection) -> None:
    for _ in range(2):
        tell(connection, {"type": "app_uninstalled"})
    assert Installation.objects.get().state == "revoked"


def test_without_a_token_the_owner_gets_a_sentence_and_slack_no_message(
    slack: Slack, connection: Connection, alice: Member
) -> None:
    tell(connection, {"type": "app_uninstalled"})
    before = len(slack.channel(connection))
    with pytest.raises(Refused, match="Connect Slack again"):
        setup.send_test_message(alice, fresh(connection))
    assert len(slack.channel(connection)) == before


def test_disconnecting_the_last_site_forgets_the_token(
    slack: Slack, connection: Connection, alice: Member, claim: VisitorClaim
) -> None:
    actions.disconnect(alice, connection)
    assert not Installation.objects.get().bot_token
    message = say(claim, "after")
    message.refresh_from_db()
    assert message.mirror_state == "none"


def test_somebody_else_leaving_the_channel_is_no_trouble(slack: Slack, connection: Connection) -> None:
    slack.act("join", user="carol", channel=connection.channel_id)
    slack.act("leave", user="carol", channel=connection.channel_id)
    settle(slack)
    assert fresh(connection).state == "ready"
