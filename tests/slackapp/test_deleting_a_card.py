"""S11: somebody deletes the card of a chat in Slack; the chat goes on under a new one."""

import pytest

from livechat.actions import chats
from livechat.models import ChatSession, Message
from livechat.tokens import VisitorClaim
from slackapp.models import Connection
from tests.cast import lines_of, say
from tests.slackapp.peer import Slack, settle
from tests.slackapp.threads import answer, does

pytestmark = pytest.mark.django_db(transaction=True)


def delete_card(slack: Slack, connection: Connection) -> str:
    root = str(slack.cards(connection)[-1]["ts"])
    does(slack, "delete", {"user": "alice", "channel": connection.channel_id, "ts": root})
    return root


def test_a_deleted_card_is_posted_again_and_the_chat_goes_on_there(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    old = delete_card(slack, connection)
    new = str(slack.cards(connection)[-1]["ts"])
    assert new != old
    say(claim, "Still there?")
    settle(slack)
    lines = [m for m in slack.channel(connection) if m.get("thread_ts") == new and m["ts"] != new]
    assert [m["text"] for m in lines] == ["Still there?"]
    answer(slack, chat, "Yes")
    assert lines_of(chat) == ["Hello?", "Still there?", "Yes"]


def test_the_console_is_told_of_a_deleted_card_once(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    slack.fault("duplicate", method="events", copies=3, fresh_ids=True, count=1)
    delete_card(slack, connection)
    note = Message.unscoped.get(chat=chat, is_note=True)
    assert (note.author_kind, note.body) == (
        "system",
        "The chat's card was deleted in Slack. The chat goes on under a new one.",
    )
    assert len(slack.cards(connection)) == 1


def test_answers_in_the_old_thread_still_reach_the_visitor(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    old = delete_card(slack, connection)
    slack.act("say", user="bob", channel=connection.channel_id, thread_ts=old, text="Here I am")
    settle(slack)
    assert lines_of(chat) == ["Hello?", "Here I am"]


def test_the_card_of_a_closed_chat_may_go(slack: Slack, connection: Connection, chat: ChatSession) -> None:
    chats.close_chat(chat.pk)
    delete_card(slack, connection)
    assert slack.cards(connection) == []
    assert not Message.unscoped.filter(is_note=True).exists()


def test_a_card_without_a_thread_below_it_is_posted_again_too(
    slack: Slack, connection: Connection, claim: VisitorClaim
) -> None:
    """Nothing but the card is there yet: Slack tells of it as of any message."""
    slack.fault("status", count=None, status=500, match={"username": "Visitor (visitor)"})
    say(claim, "Hello?")
    settle(slack)
    delete_card(slack, connection)
    assert len(slack.cards(connection)) == 1


def test_somebody_who_deletes_every_card_is_not_fought_for_ever(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    for _ in range(5):
        delete_card(slack, connection)
    assert len(slack.cards(connection)) == 1
    delete_card(slack, connection)
    assert slack.cards(connection) == []
