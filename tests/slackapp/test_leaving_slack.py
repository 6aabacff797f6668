"""Uninstalled or revoked (S23): the queue stops, the owner is told; a late word about an old key changes nothing."""

import time
from typing import Any

import pytest
from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Member
from livechat.models import Site
from livechat.tokens import VisitorClaim
from slackapp import actions, departure, lanes, queries, setup
from slackapp.actions.waking import CHORES
from slackapp.models import Connection, Installation
from tests.cast import say, shop_of
from tests.payloads.slack import envelope
from tests.slackapp.peer import Slack, connected, fresh, install, later, settle, work

pytestmark = pytest.mark.django_db(transaction=True)


def tell(connection: Connection, event: dict[str, Any], at: int | None = None) -> None:
    assert connection.installation is not None
    more = {"event_time": int(time.time()) + 3600 if at is None else at}
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


LAST_WORDS = pytest.mark.parametrize(
    "event", [{"type": "app_uninstalled"}, {"type": "tokens_revoked"}], ids=["uninstalled", "revoked"]
)


def last_word(event: dict[str, Any]) -> dict[str, Any]:
    if event["type"] == "tokens_revoked":
        return {**event, "tokens": {"bot": [Installation.objects.get().bot_user_id]}}
    return event


@LAST_WORDS
def test_a_late_word_about_the_old_key_does_not_touch_the_new_one(
    slack: Slack, connection: Connection, alice: Member, event: dict[str, Any]
) -> None:
    install(slack, alice, connection)
    tell(connection, last_word(event), at=int(time.time()) - 3600)
    assert Installation.objects.get().state == "active"
    assert not slack.calls("auth.test")[2:]
    tell(connection, last_word(event), at=int(time.time()) + 3600)
    assert Installation.objects.get().state == "revoked"


@LAST_WORDS
@pytest.mark.parametrize("seconds", [-200, 0, 200])
def test_close_to_an_installation_the_key_itself_is_asked(
    slack: Slack, connection: Connection, event: dict[str, Any], seconds: int
) -> None:
    at = int(time.time()) + seconds
    tell(connection, last_word(event), at=at)
    assert Installation.objects.get().state == "active"
    slack.fault("error", method="auth.test", error="account_inactive")
    tell(connection, last_word(event), at=at)
    assert Installation.objects.get().state == "revoked"


@LAST_WORDS
@pytest.mark.parametrize(("seconds", "state"), [(-200, "active"), (200, "revoked")])
def test_where_slack_does_not_tell_the_time_decides(
    slack: Slack, connection: Connection, event: dict[str, Any], seconds: int, state: str
) -> None:
    slack.fault("status", method="auth.test", status=503, count=None)
    tell(connection, last_word(event), at=int(time.time()) + seconds)
    assert Installation.objects.get().state == state


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
    work()
    assert not Installation.objects.get().bot_token
    assert slack.calls("auth.revoke")[-1]["answered"]["revoked"] is True
    message = say(claim, "after")
    message.refresh_from_db()
    assert message.mirror_state == "none"


def test_somebody_else_leaving_the_channel_is_no_trouble(slack: Slack, connection: Connection) -> None:
    slack.act("join", user="carol", channel=connection.channel_id)
    slack.act("leave", user="carol", channel=connection.channel_id)
    settle(slack)
    assert fresh(connection).state == "ready"


# --- we part: Slack is told before the key is forgotten -------------------------------------------------------------


@pytest.mark.parametrize("kind", ["status", "reset", "drop_before_commit", "ratelimit"])
def test_slack_is_told_again_until_it_has_heard(
    slack: Slack, connection: Connection, alice: Member, kind: str
) -> None:
    more = {"status": 503} if kind == "status" else {}
    slack.fault(kind, method="auth.revoke", **more)
    actions.disconnect(alice, connection)
    work()
    installation = Installation.objects.get()
    assert installation.state == "revoked"
    assert installation.bot_token
    assert installation.farewell_at is not None
    Installation.objects.update(farewell_at=timezone.now())
    lanes.make_due(f"{CHORES}{installation.pk}")
    settle(slack)
    assert not Installation.objects.get().bot_token


def test_after_a_day_the_key_is_forgotten_whether_slack_has_heard_or_not(
    slack: Slack, connection: Connection, alice: Member
) -> None:
    slack.fault("status", method="auth.revoke", status=503, count=None)
    actions.disconnect(alice, connection)
    Installation.objects.update(farewell_until=timezone.now())
    work()
    installation = Installation.objects.get()
    assert (bool(installation.bot_token), installation.farewell_at) == (False, None)


def test_nothing_is_posted_while_slack_has_not_heard(
    slack: Slack, connection: Connection, alice: Member, claim: VisitorClaim
) -> None:
    slack.fault("status", method="auth.revoke", status=503, count=None)
    say(claim, "first")
    settle(slack)
    calls = len(slack.calls("chat.postMessage"))
    actions.disconnect(alice, connection)
    say(claim, "second")
    work()
    assert len(slack.calls("chat.postMessage")) == calls


def test_a_key_that_slack_ended_by_itself_is_forgotten_too(
    slack: Slack, connection: Connection, alice: Member
) -> None:
    slack.fault("error", method="auth.revoke", error="account_inactive")
    actions.disconnect(alice, connection)
    work()
    assert not Installation.objects.get().bot_token


def test_where_keys_rotate_the_app_is_uninstalled(slack: Slack, alice: Member, site: Site) -> None:
    slack.act("rotation")
    connection = connected(slack, alice, site)
    actions.disconnect(alice, connection)
    settle(slack)
    installation = Installation.objects.get()
    assert (bool(installation.bot_token), bool(installation.refresh_token)) == (False, False)
    assert slack.calls("apps.uninstall")[-1]["answered"]["ok"] is True
    assert slack.team()["installation"] is None


def test_where_the_key_has_ended_it_is_renewed_to_say_farewell(
    slack: Slack, alice: Member, site: Site
) -> None:
    slack.act("rotation")
    connection = connected(slack, alice, site)
    slack.act("end_tokens", team="Acme")
    actions.disconnect(alice, connection)
    settle(slack)
    assert slack.team()["installation"] is None
    assert not Installation.objects.get().refresh_token


def test_a_key_that_slack_calls_ended_each_time_is_renewed_once_and_forgotten(
    slack: Slack, alice: Member, site: Site
) -> None:
    slack.act("rotation")
    connection = connected(slack, alice, site)
    slack.fault("error", method="apps.uninstall", error="token_expired", count=None)
    actions.disconnect(alice, connection)
    work()
    installation = Installation.objects.get()
    assert (bool(installation.bot_token), bool(installation.refresh_token)) == (False, False)
    assert (installation.farewell_at, installation.renew_at) == (None, None)
    assert len(slack.calls("apps.uninstall")) == 2


def test_while_the_key_cannot_be_renewed_it_is_kept_to_say_farewell_later(
    slack: Slack, alice: Member, site: Site
) -> None:
    slack.act("rotation")
    connection = connected(slack, alice, site)
    slack.fault("error", method="apps.uninstall", error="token_expired")
    slack.fault("status", method="oauth.v2.access", status=503)
    actions.disconnect(alice, connection)
    work()
    installation = Installation.objects.get()
    assert installation.refresh_token
    assert installation.farewell_at is not None
    assert installation.farewell_at > timezone.now()
    Installation.objects.update(farewell_at=timezone.now())
    lanes.make_due(f"{CHORES}{installation.pk}")
    settle(slack)
    assert slack.team()["installation"] is None
    assert not Installation.objects.get().refresh_token


def test_another_site_keeps_the_key(slack: Slack, connection: Connection, alice: Member) -> None:
    other = connected(slack, alice, shop_of(alice, "Acme Outlet"), "outlet-chat")
    actions.disconnect(alice, connection)
    settle(slack)
    assert not slack.calls("auth.revoke")
    assert Installation.objects.get().state == "active"
    actions.disconnect(alice, other)
    settle(slack)
    assert len(slack.calls("auth.revoke")) == 1


def test_connecting_again_keeps_the_key_that_was_to_go(
    slack: Slack, connection: Connection, alice: Member, site: Site
) -> None:
    slack.fault("status", method="auth.revoke", status=503)
    actions.disconnect(alice, connection)
    work()
    connected(slack, alice, site, "website-chat-2")
    settle(slack)
    installation = Installation.objects.get()
    assert (installation.state, installation.farewell_at, installation.delete_at) == ("active", None, None)
    assert len(slack.calls("auth.revoke")) == 1


def test_a_farewell_that_hits_the_new_key_is_noticed(
    slack: Slack, connection: Connection, alice: Member, site: Site
) -> None:
    """Slack gives the same key again to whoever connects again: the late revocation ends the new one."""
    actions.disconnect(alice, connection)
    old = Installation.objects.get()
    connected(slack, alice, site, "website-chat-2")
    departure.say_farewell(old)
    assert Installation.objects.get().state == "needs_reauth"
    settle(slack)
    assert Installation.objects.get().state in ("needs_reauth", "revoked")
