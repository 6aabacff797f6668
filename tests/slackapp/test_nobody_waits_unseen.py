"""S20: a visitor who is not answered is brought up again: in the thread, in the channel, by name, by mail."""

import pytest

from accounts.access import agent_of
from accounts.models import Member
from livechat.actions.messages import lock_chat, take
from livechat.models import ChatSession
from livechat.tokens import VisitorClaim
from slackapp import reminding
from slackapp.models import Connection, Delivery, Reminder
from tests.cast import chat_of, say
from tests.slackapp.peer import Slack, link_of, settle
from tests.slackapp.reminding import go_by, minutes_later, plan, reminders_in, words_of

pytestmark = pytest.mark.django_db(transaction=True)


def told(slack: Slack, connection: Connection) -> list[str]:
    return [words_of(message) for message in reminders_in(slack, connection.channel_id)]


def test_the_thread_is_reminded_first_and_then_the_channel(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    minutes_later(slack, 4)
    assert told(slack, connection) == []
    minutes_later(slack, 2)
    (first,) = reminders_in(slack, connection.channel_id)
    assert words_of(first) == "⏰ A visitor has been waiting for 6 minutes."
    assert first["thread_ts"] == link_of(chat).root_ts
    assert "subtype" not in first
    minutes_later(slack, 10)
    _, second = reminders_in(slack, connection.channel_id)
    assert second["subtype"] == "thread_broadcast"
    assert words_of(second) == "⏰ A visitor has been waiting for 16 minutes."
    minutes_later(slack, 600)
    assert len(told(slack, connection)) == 2


def test_chosen_people_are_mentioned(slack: Slack, connection: Connection, chat: ChatSession) -> None:
    bob = slack.person("bob")
    plan(chat, mention_minutes=3, people=[f"{connection.team_id}:{bob}", "T0ELSEWHERE:U1"])
    minutes_later(slack, 3)
    (only,) = reminders_in(slack, connection.channel_id)
    assert words_of(only) == f"⏰ {bob}, a visitor has been waiting for 3 minutes."
    assert bob in str(only["pings"])


def test_an_answer_is_followed_by_silence(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    minutes_later(slack, 6)
    link = link_of(chat)
    slack.act("say", user="bob", channel=link.channel_id, thread_ts=link.root_ts, text="Here I am")
    settle(slack)
    minutes_later(slack, 60)
    assert len(told(slack, connection)) == 1
    say(claim, "And in blue?")
    minutes_later(slack, 6)
    assert told(slack, connection)[1:] == ["⏰ A visitor has been waiting for 6 minutes. Bob has this chat."]


def test_whoever_presses_take_on_it_ends_it(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    minutes_later(slack, 6)
    (only,) = reminders_in(slack, connection.channel_id)
    slack.act("click", user="bob", channel=connection.channel_id, ts=only["ts"], action_id="chat.take")
    settle(slack)
    assert str(chat_of(claim).agent) == "Bob"
    minutes_later(slack, 60)
    assert len(told(slack, connection)) == 1


def test_an_answer_between_the_promise_and_the_post_comes_in_time(
    slack: Slack, connection: Connection, chat: ChatSession, bob: Member
) -> None:
    go_by(6)
    assert reminding.remind_due() == 1
    take(lock_chat(chat.pk), agent_of(bob))
    settle(slack)
    assert told(slack, connection) == []
    assert Delivery.objects.get(kind="remind").state == "sent"


def test_two_workers_and_a_restart_tell_it_once(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    go_by(6)
    assert [reminding.remind_due(), reminding.remind_due()] == [1, 0]
    ChatSession.unscoped.update(remind_at=chat_now(chat).waiting_since)  # as a sweep that read it before
    assert reminding.remind_due() == 0
    settle(slack)
    assert len(told(slack, connection)) == 1
    assert Reminder.objects.count() == 1


def chat_now(chat: ChatSession) -> ChatSession:
    return ChatSession.unscoped.get(pk=chat.pk)
