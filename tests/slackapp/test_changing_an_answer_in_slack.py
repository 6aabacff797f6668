"""S11: a colleague edits or deletes an answer in Slack; the visitor sees it as it is now, however it is told."""

from typing import Any

import pytest
from django.utils import timezone

from livechat.actions import changes, chats, messages
from livechat.models import ChatSession, Message, MessageVersion
from livechat.tokens import VisitorClaim
from slackapp import editions
from slackapp.models import Connection, InboundEvent, Installation, MessageLink
from tests.cast import chat_of, lines_of, say
from tests.payloads.slack import sample, typed
from tests.slackapp.peer import Slack, link_of, settle
from tests.slackapp.threads import answer, deleted, does, edited, hear, shown

pytestmark = pytest.mark.django_db(transaction=True)
Json = dict[str, Any]


@pytest.fixture
def said(slack: Slack, connection: Connection, chat: ChatSession) -> Json:
    """An answer that has not been heard yet."""
    root = str(link_of(chat).root_ts)
    return typed("oen", user=slack.person("bob"), channel=connection.channel_id, thread_ts=root)


# --- as it happens in Slack ---------------------------------------------------------------------------------------


def test_an_edit_reaches_the_visitor_in_its_place(slack: Slack, chat: ChatSession) -> None:
    line = answer(slack, chat, "Two are lfet")
    answer(slack, chat, "Shall I keep one?")
    does(slack, "edit", line, text="Two are *left*")
    assert shown(chat) == [
        (1, "Hello?", False, False),
        (2, "Two are left", True, False),
        (3, "Shall I keep one?", False, False),
    ]
    edited_line = Message.unscoped.get(chat=chat, seq=2)
    assert {"type": "text", "text": "left", "style": {"bold": True}} in edited_line.segments
    kept = MessageVersion.unscoped.get()
    assert (kept.body, kept.by_agent) == ("Two are lfet", edited_line.agent)


def test_a_deletion_reaches_the_visitor_without_the_words(slack: Slack, chat: ChatSession) -> None:
    line = answer(slack, chat, "What a bore")
    answer(slack, chat, "Certainly")
    does(slack, "delete", line)
    assert shown(chat) == [
        (1, "Hello?", False, False),
        (2, "", False, True),
        (3, "Certainly", False, False),
    ]
    assert MessageVersion.unscoped.get().body == "What a bore"


def test_a_preview_of_a_link_is_no_edit(slack: Slack, chat: ChatSession) -> None:
    line = answer(slack, chat, "See https://acme.example/size")
    does(slack, "unfurl", {key: line[key] for key in ("channel", "ts")})
    assert shown(chat)[1] == (2, "See https://acme.example/size", False, False)
    assert chat_of_rev(chat) == 2


def test_a_preview_in_an_answer_that_was_taken_back_tells_nobody_that_an_edit_never_sends(
    slack: Slack, chat: ChatSession
) -> None:
    line = answer(slack, chat, "See https://acme.example/size")
    does(slack, "react", line, name="lock")
    does(slack, "unfurl", {key: line[key] for key in ("channel", "ts")})
    assert shown(chat)[1:] == [(2, "", False, True)]
    assert slack.calls("chat.postEphemeral") == []


def chat_of_rev(chat: ChatSession) -> int:
    chat.refresh_from_db()
    return chat.last_rev


def test_an_answer_also_sent_to_the_channel_is_edited_and_deleted_once(
    slack: Slack, chat: ChatSession
) -> None:
    line = answer(slack, chat, "For evrybody", broadcast=True)
    does(slack, "edit", line, text="For everybody")
    assert shown(chat)[1:] == [(2, "For everybody", True, False)]
    does(slack, "delete", line)
    assert shown(chat)[1:] == [(2, "", True, True)]


@pytest.mark.parametrize("bare", [False, True], ids=["told what it was", "told the ts alone"])
def test_a_deletion_is_understood_however_little_slack_tells(
    slack: Slack, chat: ChatSession, bare: bool
) -> None:
    does(slack, "delete", answer(slack, chat, "Oops"), bare=bare)
    assert shown(chat)[1:] == [(2, "", False, True)]


@pytest.mark.parametrize("fresh_ids", [False, True], ids=["same event id", "several event ids"])
def test_changes_told_several_times_have_one_effect(slack: Slack, chat: ChatSession, fresh_ids: bool) -> None:
    line = answer(slack, chat, "oen")
    slack.fault("duplicate", method="events", copies=4, parallel=True, fresh_ids=fresh_ids, count=2)
    does(slack, "edit", line, text="one")
    does(slack, "delete", line)
    assert [version.body for version in MessageVersion.unscoped.order_by("pk")] == ["oen", "one"]
    assert chat_of_rev(chat) == 4


def test_an_edit_of_a_closed_chats_answer_does_not_open_it(
    slack: Slack, chat: ChatSession, claim: VisitorClaim
) -> None:
    line = answer(slack, chat, "Good bey")
    chats.close_chat(chat.pk)
    does(slack, "edit", line, text="Good bye")
    assert lines_of(chat)[-1] == "Good bye"
    assert not chat_of(claim).is_open


def test_what_was_deleted_in_the_console_does_not_come_back_by_an_edit(
    slack: Slack, chat: ChatSession
) -> None:
    line = answer(slack, chat, "Secret plan")
    message = Message.unscoped.select_related("agent").get(chat=chat, seq=2)
    assert message.agent is not None
    changes.withdraw_by_agent(chat.pk, message.pk, message.agent)
    does(slack, "edit", line, text="Secret plan B")
    assert shown(chat)[1:] == [(2, "", False, True)]


def test_edits_and_deletions_outside_of_chats_are_nobodys_business(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    root = slack.act("say", user="bob", channel=connection.channel_id, text="Lunch?")["ts"]
    where = {"user": "bob", "channel": connection.channel_id, "ts": root}
    does(slack, "edit", where, text="Dinner?")
    reply = slack.act("say", **{**where, "user": "carol", "thread_ts": root}, text="yes")["ts"]
    does(slack, "edit", {**where, "user": "carol", "ts": reply}, text="no")
    does(slack, "delete", {**where, "user": "carol", "ts": reply})
    does(slack, "delete", where)
    assert Message.unscoped.count() == 1
    assert not MessageLink.objects.filter(from_slack=True).exists()
    assert not InboundEvent.objects.exclude(state="done").exists()


# --- in any order -------------------------------------------------------------------------------------------------


def test_an_edit_before_its_line_stands_for_it(connection: Connection, chat: ChatSession, said: Json) -> None:
    hear(connection.installation, edited(said, "one"), said)
    assert shown(chat)[1:] == [(2, "one", True, False)]
    assert MessageLink.objects.filter(from_slack=True).count() == 1


def test_of_several_edits_the_newest_stays(connection: Connection, chat: ChatSession, said: Json) -> None:
    first, second = edited(said, "two", second=1), edited(said, "three", second=2)
    hear(connection.installation, said, second, first)
    assert shown(chat)[1:] == [(2, "three", True, False)]
    hear(connection.installation, second)
    assert [version.body for version in MessageVersion.unscoped.all()] == ["oen"]


def test_two_edits_within_a_second_are_told_apart_by_their_events(
    connection: Connection, chat: ChatSession, said: Json
) -> None:
    second = int(said["ts"].split(".")[0]) + 1
    first, last = (
        edited(said, text, moment=f"{second}.{n:06d}") for text, n in (("two", 900), ("three", 901))
    )
    hear(connection.installation, said, last, first)
    assert shown(chat)[1:] == [(2, "three", True, False)]


@pytest.mark.parametrize("bare", [False, True])
def test_a_line_deleted_before_it_was_heard_of_never_appears(
    connection: Connection, chat: ChatSession, said: Json, bare: bool
) -> None:
    hear(connection.installation, deleted(said, bare=bare), edited(said, "one"), said)
    assert shown(chat) == [(1, "Hello?", False, False)]
    assert not Message.unscoped.filter(chat=chat, author_kind="agent").exists()


def test_an_edit_after_the_deletion_changes_nothing(
    connection: Connection, chat: ChatSession, said: Json
) -> None:
    hear(connection.installation, said, deleted(said), edited(said, "one"), said)
    assert shown(chat)[1:] == [(2, "", False, True)]


def test_an_edit_without_the_thread_finds_its_line(
    connection: Connection, chat: ChatSession, said: Json
) -> None:
    told = edited({key: value for key, value in said.items() if key != "thread_ts"}, "one")
    hear(connection.installation, said, told)
    assert shown(chat)[1:] == [(2, "one", True, False)]


def test_an_edit_whose_ts_stands_in_the_former_message_alone_is_understood(
    connection: Connection, chat: ChatSession, said: Json
) -> None:
    told = edited(said, "one")
    del told["message"]["ts"]
    hear(connection.installation, said, told)
    assert shown(chat)[1:] == [(2, "one", True, False)]


def test_a_tombstone_in_place_of_an_answer_is_its_deletion(
    connection: Connection, chat: ChatSession, said: Json
) -> None:
    told = edited(said, "This message was deleted.")
    told["message"] |= {"subtype": "tombstone", "user": "USLACKBOT"}
    hear(connection.installation, said, told)
    assert shown(chat)[1:] == [(2, "", False, True)]


def test_an_edit_in_an_old_thread_that_was_never_heard_of_tells_where_the_visitor_is(
    slack: Slack, connection: Connection, chat: ChatSession, said: Json, claim: VisitorClaim
) -> None:
    chats.close_chat(chat.pk)
    say(claim, "New question")
    settle(slack)
    hear(connection.installation, edited(said, "one"))
    settle(slack)
    newer = link_of(chat_of(claim))
    where = f"archives/{newer.channel_id}/p{str(newer.root_ts).replace('.', '')}"
    told = slack.calls("chat.postEphemeral")[0]["args"]
    assert "newer chat" in told["text"]
    assert where in told["text"]
    assert where in str(told["blocks"])
    assert str(newer.chat_id) not in told["text"]
    assert not InboundEvent.objects.exclude(state="done").exists()


HOSTILE: list[Json] = [
    {"message": None, "previous_message": None},
    {"message": "x"},
    {"message": {"ts": 5}},
    {"message": {"ts": "1.1", "user": 7, "thread_ts": []}},
    {"channel": None},
    {"event_ts": {"x": 1}, "ts": None},
    {"subtype": "message_deleted", "deleted_ts": 7, "previous_message": 7},
    {"subtype": "message_deleted", "deleted_ts": "x\ty", "previous_message": None},
]


@pytest.mark.parametrize("change", HOSTILE, ids=lambda change: str(change)[:50])
def test_strange_shapes_are_worked_without_trouble(
    connection: Connection, chat: ChatSession, said: Json, change: Json
) -> None:
    hear(connection.installation, edited(said, "one") | change)
    assert not InboundEvent.objects.exclude(problem="").exists()
    hear(connection.installation, said)
    assert lines_of(chat)[-1] in ("oen", "one")


def test_slacks_own_sample_of_an_edit_is_understood(
    connection: Connection, chat: ChatSession, said: Json
) -> None:
    told = sample("docs-slack-dev/events/message_deleted_inner_event.json")
    told = told.get("event", told) | {"deleted_ts": said["ts"], "channel": said["channel"]}
    told["previous_message"] = {
        **told.get("previous_message", {}),
        "ts": said["ts"],
        "thread_ts": said["thread_ts"],
    }
    hear(connection.installation, said, told)
    assert shown(chat)[1:] == [(2, "", False, True)]


@pytest.mark.parametrize(
    "older, newer",
    [
        ({"event_ts": "1665102362.013600"}, {"event_ts": "1665102362.013601"}),
        ({"message": {"edited": {"ts": "9.0"}}, "event_ts": "99.0"}, {"message": {"edited": {"ts": "10.0"}}}),
        ({"message": {"edited": {"ts": "x"}}}, {"event_ts": "1.5"}),
        ({}, {"event_ts": "1.5"}),
    ],
)
def test_editions_compare_as_texts(older: Json, newer: Json) -> None:
    assert "" < editions.of(older) < editions.of(newer)


def test_mallorys_slack_cannot_change_acmes_answers(
    connection: Connection, chat: ChatSession, said: Json
) -> None:
    hear(connection.installation, said)
    theirs = Installation.objects.create(
        slack_team_id="TGLOBEX", app_id=connection.installation.app_id if connection.installation else "",
        bot_user_id="U9", bot_id="B9", installed_by_slack_user_id="U8", installed_at=timezone.now(),
    )  # fmt: skip
    hear(theirs, edited(said, "hacked"), deleted(said), deleted(said, bare=True))
    assert shown(chat)[1:] == [(2, "oen", False, False)]


def test_a_change_waits_for_nothing_but_its_chat(
    connection: Connection, chat: ChatSession, said: Json
) -> None:
    """An event of the console's own writing does not disturb the count of changes."""
    hear(connection.installation, said)
    messages.post_agent_message(chat.pk, None, "From the console")
    hear(connection.installation, edited(said, "one"))
    assert [(seq, body) for seq, body, *_ in shown(chat)] == [
        (1, "Hello?"),
        (2, "one"),
        (3, "From the console"),
    ]
