"""S23: where tokens rotate, keys are renewed ahead of time, by one worker; at its end no line is lost."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.errors import Refused
from accounts.models import Member
from livechat.models import Site
from livechat.tokens import VisitorClaim
from slackapp import chores, keys, lanes, setup
from slackapp.actions.keys import Pair
from slackapp.actions.waking import CHORES
from slackapp.errors import NotSent
from slackapp.models import Connection, Installation
from tests.cast import say
from tests.slackapp.peer import Slack, at_rest, connected, fresh, install, settle, state_of, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pair(slack: Slack, alice: Member, site: Site) -> Connection:
    """Acme's site, connected with keys that end."""
    slack.act("rotation")
    return connected(slack, alice, site)


def row() -> Installation:
    return Installation.objects.get()


def due_now(**columns: Any) -> None:
    Installation.objects.update(**columns)
    lanes.make_due(f"{CHORES}{row().pk}")


def refreshes(slack: Slack) -> int:
    calls = slack.calls("oauth.v2.access")
    return len([call for call in calls if call["args"].get("grant_type") == "refresh_token"])


def test_a_pair_is_stored_with_its_end_and_renewed_two_hours_before_it(pair: Connection) -> None:
    installation = row()
    assert installation.bot_token.reveal().startswith("xoxe.xoxb-")
    assert installation.refresh_token.reveal().startswith("xoxe-1-")
    assert installation.expires_at is not None
    assert installation.renew_at is not None
    assert installation.expires_at - installation.renew_at == timedelta(hours=2)


def test_a_short_life_is_renewed_at_its_half() -> None:
    columns = Pair("a", "r", 60).columns()
    expires_at, renew_at = columns["expires_at"], columns["renew_at"]
    assert not isinstance(expires_at, str)
    assert not isinstance(renew_at, str)
    assert expires_at is not None
    assert renew_at is not None
    assert expires_at - renew_at == timedelta(seconds=30)


def test_long_lived_keys_have_no_end(connection: Connection) -> None:
    installation = row()
    assert (installation.refresh_token.reveal(), installation.expires_at, installation.renew_at) == (
        "",
        None,
        None,
    )


def test_a_key_is_renewed_ahead_of_time(slack: Slack, pair: Connection) -> None:
    before = row()
    due_now(renew_at=timezone.now())
    work()
    after = row()
    assert after.bot_token.reveal() != before.bot_token.reveal()
    assert after.refresh_token.reveal() != before.refresh_token.reveal()
    assert after.renew_at is not None
    assert after.renew_at > timezone.now()
    assert refreshes(slack) == 1


def test_a_key_that_has_had_its_time_is_renewed_by_the_line_that_meets_it(
    slack: Slack, pair: Connection, claim: VisitorClaim
) -> None:
    slack.act("end_tokens", team="Acme")
    say(claim, "while the key ended")
    settle(slack)
    assert (slack.lines(pair), state_of("while the key ended")) == (["while the key ended"], "sent")
    assert (refreshes(slack), row().state) == (1, "active")


def test_a_key_that_was_changed_under_our_feet_is_read_anew(slack: Slack, pair: Connection) -> None:
    stale = row()
    due_now(renew_at=timezone.now())
    work()
    slack.act("end_tokens", team="Acme")
    assert refreshes(slack) == 1
    due_now(renew_at=timezone.now())
    work()
    assert keys.call(stale, "auth.test")["ok"]
    assert stale.bot_token.reveal() == row().bot_token.reveal()
    assert refreshes(slack) == 2


def test_while_another_worker_renews_the_line_waits(
    slack: Slack, pair: Connection, claim: VisitorClaim
) -> None:
    slack.act("end_tokens", team="Acme")
    key = f"{CHORES}{row().pk}"
    token = lanes.claim(lanes.make_due(key))
    assert token is not None
    with pytest.raises(NotSent):
        keys.call(row(), "auth.test")
    say(claim, "waiting")
    work_all_but_chores()
    assert (state_of("waiting"), refreshes(slack)) == ("queued", 0)
    lanes.free_all()
    at_rest(slack)
    assert (state_of("waiting"), refreshes(slack)) == ("sent", 1)


def work_all_but_chores() -> None:
    from slackapp.mirror import deliver

    for lane_id, lane_key in lanes.due():
        if lane_key.startswith("out:"):
            deliver(lane_id)


@pytest.mark.parametrize("kind", ["drop_after_commit", "garbage", "status"])
def test_an_answer_that_was_lost_costs_a_repeat_within_slacks_grace(
    slack: Slack, pair: Connection, kind: str
) -> None:
    more = (
        {"status": 502, "commit": True} if kind == "status" else {"commit": True} if kind == "garbage" else {}
    )
    slack.fault(kind, method="oauth.v2.access", **more)
    due_now(renew_at=timezone.now())
    work()
    assert row().tries == 1
    due_now(renew_at=timezone.now())
    work()
    assert (row().tries, row().state) == (0, "active")
    assert keys.call(row(), "auth.test")["ok"]


def test_slack_being_busy_puts_it_off(slack: Slack, pair: Connection) -> None:
    slack.fault("ratelimit", method="oauth.v2.access", retry_after=30)
    due_now(renew_at=timezone.now())
    work()
    waits_until = row().renew_at
    assert waits_until is not None
    assert timedelta(seconds=20) < waits_until - timezone.now() <= timedelta(seconds=30)


def test_a_refresh_token_that_slack_no_longer_takes_needs_a_person(
    slack: Slack, pair: Connection, alice: Member, claim: VisitorClaim
) -> None:
    slack.fault("error", method="oauth.v2.access", error="invalid_refresh_token")
    slack.act("end_tokens", team="Acme")
    say(claim, "meanwhile")
    work()
    assert (row().state, state_of("meanwhile")) == ("needs_reauth", "queued")
    install(slack, alice, fresh(pair))
    at_rest(slack)
    assert slack.lines(pair) == ["meanwhile"]


def test_what_slack_gave_for_an_older_key_does_not_replace_a_newer_one(
    slack: Slack, pair: Connection, alice: Member
) -> None:
    old = row()
    install(slack, alice, fresh(pair))
    newer = row().bot_token.reveal()
    from slackapp.rotation import renew

    assert not renew(old)
    assert row().bot_token.reveal() == newer


def test_a_long_lived_key_becomes_a_pair_once_the_operator_asks(
    slack: Slack, connection: Connection, claim: VisitorClaim, settings: Settings
) -> None:
    with pytest.raises(CommandError, match="SLACK_TOKEN_ROTATION"):
        call_command("slack_rotate_keys")
    settings.SLACK_TOKEN_ROTATION = True
    slack.act("rotation")
    said = StringIO()
    call_command("slack_rotate_keys", stdout=said)
    assert "1 " in said.getvalue()
    work()
    assert row().refresh_token.reveal().startswith("xoxe-1-")
    say(claim, "after")
    settle(slack)
    assert slack.lines(connection) == ["after"]


def test_an_exchange_that_slack_refuses_leaves_the_key_as_it_was(
    slack: Slack, connection: Connection, claim: VisitorClaim, settings: Settings
) -> None:
    settings.SLACK_TOKEN_ROTATION = True
    call_command("slack_rotate_keys", stdout=StringIO())
    work()
    installation = row()
    assert (installation.state, installation.renew_at) == ("active", None)
    say(claim, "still here")
    settle(slack)
    assert slack.lines(connection) == ["still here"]


def test_pages_say_to_try_again_while_the_key_is_renewed(
    slack: Slack, pair: Connection, alice: Member
) -> None:
    slack.act("end_tokens", team="Acme")
    lanes.claim(lanes.make_due(f"{CHORES}{row().pk}"))
    with pytest.raises(Refused, match="try again"):
        setup.send_test_message(alice, fresh(pair))


def test_a_chore_that_fails_rests_and_stops_nothing(
    pair: Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(installation: Installation) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(chores, "TABLE", (chores.Chore(lambda installation: timezone.now(), fail),))
    lane_id = lanes.make_due(f"{CHORES}{row().pk}")
    chores.work_chores(lane_id, f"{CHORES}{row().pk}")
    assert "a chore failed" in caplog.text
    assert lane_id not in [due for due, _ in lanes.due()]
