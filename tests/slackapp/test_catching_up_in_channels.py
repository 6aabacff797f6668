"""S27, S8: a chat with a channel of its own is read again too, in the order in which it was written."""

import pytest

from accounts.models import Member
from livechat.models import ChatSession, Site
from livechat.tokens import VisitorClaim
from tests.cast import chat_of, say
from tests.slackapp.peer import Slack, link_of, settle
from tests.slackapp.rooms import noisy, room_state
from tests.slackapp.test_catching_up_after_an_outage import caught_up, deaf, shut_for, told


@pytest.fixture
def room(slack: Slack, alice: Member, site: Site, claim: VisitorClaim) -> ChatSession:
    """A chat in a channel of its own."""
    noisy(slack, alice, site)
    say(claim, "Hello?")
    settle(slack)
    chat = chat_of(claim)
    assert room_state(chat) == "open"
    return chat


def write(slack: Slack, chat: ChatSession, text: str, **more: str) -> str:
    said = slack.act("say", user="bob", channel=link_of(chat).channel_id, text=text, team="Acme", **more)
    return str(said["ts"])


def channel_reads(slack: Slack) -> int:
    return len(slack.calls("conversations.history"))


@pytest.mark.parametrize("lines", [3, 40])
def test_answers_arrive_in_their_order(slack: Slack, room: ChatSession, lines: int) -> None:
    """Slack lists a channel from its newest line, over as many pages as there are."""
    texts = [f"line {number}" for number in range(lines)]
    with deaf(slack):
        for text in texts:
            write(slack, room, text)
    before = channel_reads(slack)
    shut_for(minutes=10)
    caught_up(slack)
    assert told(room) == texts
    assert channel_reads(slack) - before == (1 if lines == 3 else 3)


def test_edits_and_deletions_are_noticed_too(slack: Slack, room: ChatSession) -> None:
    first, second = write(slack, room, "frist"), write(slack, room, "wrong chat")
    settle(slack)
    with deaf(slack):
        where = {"user": "bob", "channel": link_of(room).channel_id, "team": "Acme"}
        slack.act("edit", ts=first, text="first", **where)
        slack.act("delete", ts=second, **where)
    shut_for(minutes=10)
    caught_up(slack)
    assert told(room) == ["first"]


def test_a_thread_beside_the_chat_is_not_taken_for_deleted(slack: Slack, room: ChatSession) -> None:
    """Slack does not list what stands in threads with the channel; there it is between colleagues."""
    ts = write(slack, room, "an answer")
    write(slack, room, "between us", thread_ts=ts)
    settle(slack)
    shut_for(minutes=10)
    caught_up(slack)
    assert told(room) == ["an answer"]
    assert room.messages.filter(is_note=True, deleted_at=None).count() == 1


def test_a_channel_that_is_gone_when_its_second_page_is_due_keeps_what_was_found(
    slack: Slack, room: ChatSession
) -> None:
    with deaf(slack):
        for number in range(20):
            write(slack, room, f"line {number}")
    shut_for(minutes=10)
    settle(slack)
    slack.fault("error", method="conversations.history", error="channel_not_found")
    caught_up(slack)
    assert told(room)[-1] == "line 19"
