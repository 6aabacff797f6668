"""Slack does not let us look whether a post arrived (S22): nothing is repeated, nobody else waits, people are told."""

import pytest

from accounts.models import Member
from livechat.models import Site
from livechat.tokens import VisitorClaim
from slackapp import setup
from slackapp.models import Connection, Delivery, Installation
from tests.cast import chat_of, newcomer, say
from tests.slackapp.peer import Slack, at_rest, fresh, install, later, link_of, settle, state_of, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def in_doubt(slack: Slack, connection: Connection, claim: VisitorClaim, card: None) -> None:
    """A line of which nobody knows whether it is in Slack; it is."""
    slack.fault("no_echo", method="events", count=None)
    slack.fault("drop_after_commit")
    say(claim, "second")
    work()


def test_a_refused_look_asks_the_owner_to_connect_again(
    slack: Slack, connection: Connection, alice: Member, in_doubt: None
) -> None:
    slack.fault("error", method="conversations.replies", error="missing_scope", count=None)
    at_rest(slack)
    assert (Installation.objects.get().state, state_of("second")) == ("needs_reauth", "checking")
    slack.clear_faults()
    install(slack, alice, fresh(connection))
    at_rest(slack)
    assert (slack.lines(connection), state_of("second")) == (["first", "second"], "sent")


def test_a_look_into_a_closed_channel_tells_the_owner(
    slack: Slack, connection: Connection, in_doubt: None
) -> None:
    slack.fault("error", method="conversations.replies", error="not_in_channel", count=None)
    at_rest(slack)
    assert (fresh(connection).state, state_of("second")) == ("broken", "checking")


def test_in_a_channel_that_was_left_a_person_decides(
    slack: Slack, connection: Connection, alice: Member, claim: VisitorClaim, in_doubt: None
) -> None:
    setup.create_channel(alice, fresh(connection), "elsewhere")
    slack.fault("error", method="conversations.replies", error="channel_not_found", count=None)
    at_rest(slack)
    assert (fresh(connection).state, state_of("second")) == ("ready", "failed")


def test_a_look_without_end_makes_no_other_chat_wait(
    slack: Slack, connection: Connection, site: Site, in_doubt: None
) -> None:
    slack.fault("status", method="conversations.replies", status=500, count=None)
    for _ in range(8):
        later()
        settle(slack)
    installation = Installation.objects.get()
    assert (installation.paused_until, state_of("second")) == (None, "checking")
    say(newcomer(site), "another visitor")
    settle(slack)
    assert state_of("another visitor") == "sent"


def test_a_long_look_goes_on_with_the_page_that_slack_did_not_give(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None
) -> None:
    """Outside of the Marketplace Slack gives one page of fifteen a minute."""
    slack.fault("drop_before_commit")
    say(claim, "second")
    work()
    link = link_of(chat_of(claim))
    for number in range(40):
        slack.act("say", user="bob", channel=link.channel_id, thread_ts=link.root_ts, text=f"line {number}")
    slack.act("limits", factor=1, replies_per_minute=1)
    for _ in range(12):
        settle(slack)
        later()
        slack.act("clock", ahead=61)
    assert (state_of("second"), slack.lines(connection).count("second")) == ("sent", 1)
    assert Delivery.objects.get(message__body="second").args == {}
    assert len(slack.calls("conversations.replies")) <= 6
