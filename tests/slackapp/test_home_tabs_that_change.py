"""S17: what the Home tab shows follows what happens, for whoever looks, however much happens, at Slack's pace."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Member
from livechat.actions.chats import close_chat
from livechat.models import ChatSession
from livechat.tokens import VisitorClaim
from slackapp.actions import homes
from slackapp.home import sweeping
from slackapp.models import Connection, HomeTab
from tests.cast import newcomer, say
from tests.slackapp.home_tabs import (
    blocks_of,
    home_of,
    link_account,
    open_home,
    published,
)
from tests.slackapp.peer import Slack, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def linked(slack: Slack, connection: Connection, alice: Member, bob: Member) -> None:
    link_account(slack, alice, "alice")
    link_account(slack, bob, "bob")


def test_new_words_are_shown_to_whoever_looks_just_now(
    slack: Slack, chat: ChatSession, claim: VisitorClaim, linked: None
) -> None:
    open_home(slack, "bob")
    say(claim, "Anybody?")
    at_home(slack)
    assert "Anybody?" in home_of(slack, "bob")


def at_home(slack: Slack) -> None:
    """The sweep has looked, and what was to wait a moment has waited."""
    sweeping.find_moved()
    HomeTab.objects.exclude(due_at=None).update(due_at=timezone.now())
    for installation_id in HomeTab.objects.values_list("installation_id", flat=True).distinct():
        homes.wake(installation_id)
    settle(slack)


def test_who_looked_long_ago_is_shown_it_when_they_look_again(
    slack: Slack, chat: ChatSession, claim: VisitorClaim, linked: None
) -> None:
    open_home(slack, "bob")
    HomeTab.objects.update(opened_at=timezone.now() - timedelta(hours=2))
    before = published(slack)
    say(claim, "Anybody?")
    at_home(slack)
    assert published(slack) == before
    assert "Anybody?" in open_home(slack, "bob")


def test_a_chat_that_was_closed_leaves_the_page(slack: Slack, chat: ChatSession, linked: None) -> None:
    open_home(slack, "bob")
    close_chat(chat.pk)
    homes.note_moved(chat.pk)
    at_home(slack)
    assert "Nobody is waiting." in home_of(slack, "bob")


def test_a_hundred_changes_are_one_publication(
    slack: Slack, chat: ChatSession, claim: VisitorClaim, linked: None
) -> None:
    open_home(slack, "bob")
    before = published(slack)
    for number in range(100):
        say(claim, f"line {number}")
        homes.note_moved(chat.pk)
    at_home(slack)
    assert published(slack) == before + 1


def test_more_than_there_is_room_for_is_counted(slack: Slack, connection: Connection, linked: None) -> None:
    for number in range(23):
        say(newcomer(connection.site), f"I am number {number}")
    shown = open_home(slack, "bob")
    assert "Waiting · 23" in shown
    assert "I am number 19" in shown
    assert "I am number 20" not in shown
    assert "And 3 more, in the console." in shown


def test_whatever_a_visitor_types_does_nothing_at_home(
    slack: Slack, connection: Connection, claim: VisitorClaim, linked: None
) -> None:
    hostile = "<!channel> *bold* <https://evil.example|Take> :wave:"
    say(claim, hostile)
    assert hostile in open_home(slack, "bob")
    assert "mrkdwn" not in str(blocks_of(slack, "bob"))
