"""S23: a key that Slack calls dead is asked once more and then forgotten, though no event ever told of its end."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Member
from livechat.models import Site
from livechat.tokens import VisitorClaim
from slackapp import lanes
from slackapp.actions.waking import CHORES
from slackapp.models import Connection, Installation
from tests.cast import say
from tests.serving import eventually
from tests.slackapp.peer import Slack, at_rest, connected, fresh, install, settle, state_of, work

pytestmark = pytest.mark.django_db(transaction=True)


def row() -> Installation:
    return Installation.objects.get()


def an_hour_later() -> None:
    Installation.objects.exclude(doubted_until=None).update(doubted_until=timezone.now())
    lanes.make_due(f"{CHORES}{row().pk}")
    work()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr("slackapp.tasks.tell_owners", lambda connection_id, problem: said.append(problem))
    return said


@pytest.fixture
def dead(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None, told: list[str]
) -> Connection:
    """The app was removed from Slack, the events that say so are lost, and a visitor's line has met the key."""
    slack.act("delayed_events", on=False)
    slack.act("socket_mode", on=True)
    slack.act("uninstall", team="Acme")
    eventually(slack.is_quiet, seconds=10)
    slack.act("socket_mode", on=False)
    say(claim, "second")
    work()
    assert (row().state, bool(row().bot_token), row().delete_at) == ("needs_reauth", True, None)
    return connection


def test_an_hour_later_it_is_asked_once_and_forgotten_with_a_day_to_delete(
    slack: Slack, dead: Connection, told: list[str]
) -> None:
    until = row().doubted_until
    assert until is not None
    assert timedelta(minutes=59) < until - timezone.now() <= timedelta(hours=1)
    asked = len(slack.calls("auth.test"))
    an_hour_later()
    after = row()
    assert (after.state, bool(after.bot_token), after.doubted_until) == ("revoked", False, None)
    assert after.delete_at is not None
    assert timedelta(days=29) < after.delete_at - timezone.now() <= timedelta(days=30)
    assert len(slack.calls("auth.test")) == asked + 1
    assert state_of("second") == "queued"
    assert len(told) == 1, "what there is to do has not changed"


def test_before_that_hour_nothing_is_forgotten(slack: Slack, dead: Connection) -> None:
    lanes.make_due(f"{CHORES}{row().pk}")
    work()
    assert (row().state, bool(row().bot_token)) == ("needs_reauth", True)


def test_whoever_connects_again_in_between_keeps_everything(
    slack: Slack, dead: Connection, alice: Member
) -> None:
    install(slack, alice, fresh(dead))
    slack.act("invite", channel=dead.channel_id)
    settle(slack)
    an_hour_later()
    now = row()
    assert (now.state, bool(now.bot_token), now.doubted_until, now.delete_at) == ("active", True, None, None)
    at_rest(slack)
    assert slack.lines(dead) == ["first", "second"]


def test_whoever_connects_again_while_it_is_asked_keeps_everything(
    slack: Slack, dead: Connection, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    from slackapp import client, last_look

    call = client.call

    def meanwhile(method: str, token: str, **arguments: object) -> dict[str, object]:
        monkeypatch.setattr(client, "call", call)
        try:
            return call(method, token, **arguments)
        finally:
            install(slack, alice, fresh(dead))

    old = row()
    monkeypatch.setattr(client, "call", meanwhile)
    last_look.take(old)
    assert (row().state, bool(row().bot_token), row().delete_at) == ("active", True, None)


@pytest.mark.parametrize("code", ["token_revoked", "account_inactive", "invalid_auth"])
def test_a_key_that_opens_after_all_sends_what_waited(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None, told: list[str], code: str
) -> None:
    slack.fault("error", error=code)
    say(claim, "second")
    work()
    assert (row().state, state_of("second")) == ("needs_reauth", "queued")
    an_hour_later()
    settle(slack)
    assert (row().state, row().problem, row().doubted_until) == ("active", "", None)
    assert slack.lines(connection) == ["first", "second"]


@pytest.mark.parametrize("kind", ["status", "ratelimit", "reset", "garbage"])
def test_while_slack_gives_no_answer_nothing_is_forgotten(slack: Slack, dead: Connection, kind: str) -> None:
    slack.fault(kind, method="auth.test", **({"status": 503} if kind == "status" else {}))
    an_hour_later()
    until = row().doubted_until
    assert until is not None
    assert until > timezone.now()
    assert (row().state, bool(row().bot_token)) == ("needs_reauth", True)
    an_hour_later()
    assert (row().state, bool(row().bot_token)) == ("revoked", False)


def test_a_key_that_lives_and_may_not_is_kept(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None, told: list[str]
) -> None:
    slack.fault("error", error="missing_scope")
    say(claim, "second")
    work()
    assert (row().state, row().doubted_until) == ("needs_reauth", None)


def test_what_else_slack_has_against_the_app_deletes_nothing(slack: Slack, dead: Connection) -> None:
    slack.fault("error", method="auth.test", error="org_login_required")
    an_hour_later()
    assert (row().state, bool(row().bot_token)) == ("needs_reauth", True)
    assert row().doubted_until is not None


# --- keys that end ------------------------------------------------------------------------------------------------


@pytest.fixture
def ended(slack: Slack, alice: Member, site: Site, claim: VisitorClaim, told: list[str]) -> Connection:
    """A pair whose access token has had its time, and could not be renewed when a line met it."""
    slack.act("rotation")
    connection = connected(slack, alice, site)
    slack.fault("error", method="oauth.v2.access", error="invalid_refresh_token")
    slack.act("end_tokens", team="Acme")
    say(claim, "meanwhile")
    work()
    assert (row().state, state_of("meanwhile")) == ("needs_reauth", "queued")
    return connection


def test_a_pair_that_can_be_renewed_after_all_goes_on(slack: Slack, ended: Connection) -> None:
    an_hour_later()
    settle(slack)
    assert (row().state, slack.lines(ended)) == ("active", ["meanwhile"])


def test_a_pair_that_cannot_be_renewed_is_forgotten(slack: Slack, ended: Connection) -> None:
    slack.fault("error", method="oauth.v2.access", error="invalid_refresh_token", count=None)
    an_hour_later()
    now = row()
    assert (now.state, bool(now.bot_token), bool(now.refresh_token)) == ("revoked", False, False)
    assert now.delete_at is not None


def test_a_server_that_is_set_up_wrongly_forgets_no_pair(slack: Slack, ended: Connection) -> None:
    slack.fault("error", method="oauth.v2.access", error="bad_client_secret", count=None)
    an_hour_later()
    assert (row().state, bool(row().refresh_token)) == ("needs_reauth", True)
    assert row().doubted_until is not None
