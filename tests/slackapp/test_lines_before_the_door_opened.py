"""S27: after a start, however short the outage was, lines reach the visitor in the order in which they were written."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Member
from livechat.models import ChatSession, Message, Site
from livechat.tokens import VisitorClaim
from slackapp import door
from slackapp.models import InboundEvent, Lane
from tests.cast import chat_of, newcomer, say
from tests.serving import eventually
from tests.slackapp.peer import Slack, link_of, settle
from tests.slackapp.rooms import noisy

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def shut(slack: Slack) -> Iterator[None]:
    """Slack speaks to nobody for a moment, then the door opens."""
    slack.act("delayed_events", on=False)
    slack.act("socket_mode", on=True)
    yield
    eventually(slack.is_quiet, seconds=10)
    slack.act("socket_mode", on=False)
    door.opens()


def write(slack: Slack, chat: ChatSession, text: str, user: str = "bob") -> str:
    link = link_of(chat)
    thread = {} if link.is_noisy else {"thread_ts": link.root_ts}
    said = slack.act("say", user=user, channel=link.channel_id, text=text, team="Acme", **thread)
    return str(said["ts"])


def told(chat: ChatSession) -> list[str]:
    shown = Message.unscoped.filter(chat=chat, author_kind="agent", is_note=False, deleted_at=None)
    return list(shown.order_by("seq").values_list("body", flat=True))


def reads(slack: Slack) -> int:
    return len(slack.calls("conversations.replies")) + len(slack.calls("conversations.history"))


def test_what_was_written_before_comes_before(slack: Slack, chat: ChatSession) -> None:
    write(slack, chat, "zero")
    settle(slack)
    with shut(slack):
        write(slack, chat, "one")
        write(slack, chat, "two", user="carol")
    write(slack, chat, "three")
    settle(slack)
    assert told(chat) == ["zero", "one", "two", "three"]


def test_what_slack_repeats_afterwards_is_the_same_line(slack: Slack, chat: ChatSession) -> None:
    slack.fault("drop", method="events", count=1)
    write(slack, chat, "one")
    door.opens()
    write(slack, chat, "two")
    eventually(lambda: InboundEvent.objects.filter(payload__event__text="one").exists(), seconds=10)
    settle(slack)
    assert told(chat) == ["one", "two"]


def test_the_mark_is_written_last_so_that_a_chat_is_locked_before_its_link(
    slack: Slack, chat: ChatSession
) -> None:
    door.opens()
    write(slack, chat, "one")
    eventually(lambda: InboundEvent.objects.filter(state="pending").exists(), seconds=10)
    with CaptureQueriesContext(connection) as said:
        settle(slack)
    statements = [one["sql"] for one in said]
    marked = next(n for n, sql in enumerate(statements) if sql.startswith('UPDATE "slackapp_chatlink"'))
    recorded = next(n for n, sql in enumerate(statements) if sql.startswith('INSERT INTO "livechat_message"'))
    assert recorded < marked


def test_it_is_asked_once_for_each_chat_that_speaks(slack: Slack, chat: ChatSession, site: Site) -> None:
    other = newcomer(site)
    say(other, "Me too")
    settle(slack)
    before = reads(slack)
    door.opens()
    for _ in range(3):
        write(slack, chat, "hello")
        settle(slack)
    assert reads(slack) == before + 1
    write(slack, chat_of(other), "hello")
    settle(slack)
    assert reads(slack) == before + 2
    door.opens()
    write(slack, chat, "again")
    settle(slack)
    assert reads(slack) == before + 3


def test_chats_that_began_after_it_and_doors_long_open_ask_nothing(
    slack: Slack, chat: ChatSession, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = reads(slack)
    monkeypatch.setattr(door, "_opened_at", timezone.now() - timedelta(minutes=7))
    write(slack, chat, "hello")
    settle(slack)
    door.opens()
    new = newcomer(site)
    say(new, "Hello?")
    settle(slack)
    write(slack, chat_of(new), "hello")
    settle(slack)
    assert (reads(slack), told(chat), told(chat_of(new))) == (before, ["hello"], ["hello"])


def test_a_clock_that_is_set_back_leaves_no_door_in_the_future(
    slack: Slack, chat: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every chat would be older than the door, and each of its lines would be asked about for ever."""
    before = reads(slack)
    monkeypatch.setattr(door, "_opened_at", timezone.now() + timedelta(hours=1))
    write(slack, chat, "hello")
    settle(slack)
    assert (reads(slack), told(chat)) == (before, ["hello"])


@pytest.mark.parametrize("kind", ["ratelimit", "status", "drop_before_commit", "error"])
def test_where_slack_gives_no_answer_the_line_is_taken_as_it_is(
    slack: Slack, chat: ChatSession, kind: str
) -> None:
    more = {"error": "thread_not_found"} if kind == "error" else {}
    slack.fault(kind, method="conversations.replies", count=1, **more)
    door.opens()
    write(slack, chat, "one")
    settle(slack)
    write(slack, chat, "two")
    settle(slack)
    assert told(chat) == ["one", "two"]
    assert not Lane.objects.filter(key__startswith="in:").exclude(lease_until=None).exists()


def test_in_a_channel_of_its_own_too(slack: Slack, alice: Member, site: Site, claim: VisitorClaim) -> None:
    noisy(slack, alice, site)
    say(claim, "Hello?")
    settle(slack)
    chat = chat_of(claim)
    with shut(slack):
        write(slack, chat, "one")
        write(slack, chat, "two")
    write(slack, chat, "three")
    settle(slack)
    assert told(chat) == ["one", "two", "three"]


def test_a_note_and_an_edited_line_are_what_they_were(slack: Slack, chat: ChatSession) -> None:
    with shut(slack):
        write(slack, chat, ";; among us")
        ts = write(slack, chat, "wrnog")
        slack.act("edit", user="bob", channel=link_of(chat).channel_id, ts=ts, text="right")
    write(slack, chat, "last")
    settle(slack)
    assert told(chat) == ["right", "last"]
    assert Message.unscoped.filter(chat=chat, is_note=True, body__contains="among us").count() == 1
