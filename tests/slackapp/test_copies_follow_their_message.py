"""S11: a visitor's or the console's edit and withdrawal reach Slack's copies, in order, however the calls end."""

import re
import uuid
from typing import Any

import pytest
from pytest_django import Settings

from accounts.access import agent_of
from accounts.models import Member
from livechat.actions import changes, messages
from livechat.models import ChatSession, Message
from livechat.tokens import VisitorClaim
from slackapp import blocks, lanes, mirror
from slackapp.models import Connection, Delivery, LeftCopy, MessageLink
from slackapp.promises import Job
from tests.cast import chat_of, say
from tests.slackapp.peer import Slack, at_rest, link_of, settle
from tests.slackapp.threads import answer, does, shown

pytestmark = pytest.mark.django_db(transaction=True)
Json = dict[str, Any]


def copies(slack: Slack, connection: Connection) -> list[Json]:
    """Our posts in threads, the oldest first."""
    shown = slack.channel(connection)
    return [m for m in shown if m.get("thread_ts") not in (None, m["ts"]) and m.get("bot_id")]


def reads(copy: Json) -> str:
    """Everything that a reader of the post sees, line by line."""
    words = []
    for block in copy.get("blocks") or []:
        if block["type"] == "context":
            words += [element["text"] for element in block["elements"]]
        for section in block.get("elements", []) if block["type"] == "rich_text" else []:
            words.append("".join(leaf.get("text") or leaf.get("url") or "" for leaf in section["elements"]))
    return "\n".join(words)


def thread(slack: Slack, connection: Connection) -> list[str]:
    return [reads(copy) for copy in copies(slack, connection)]


@pytest.fixture
def name(chat: ChatSession) -> str:
    return blocks.username(chat.visitor.display_name)


@pytest.fixture
def line(chat: ChatSession) -> Message:
    return Message.unscoped.get(chat=chat, seq=1)


def edit(claim: VisitorClaim, message: Message, body: str) -> None:
    changes.edit_by_visitor(claim, message.pk, body)


def mirrored(message: Message) -> str:
    return Message.unscoped.values_list("mirror_state", flat=True).get(pk=message.pk)


# --- a line that is in Slack --------------------------------------------------------------------------------------


def test_an_edit_changes_the_copy_and_says_who_it_was(
    slack: Slack, connection: Connection, claim: VisitorClaim, line: Message, name: str
) -> None:
    edit(claim, line, "Hello <!here> @channel?")
    settle(slack)
    assert thread(slack, connection) == [f"{name} · edited\nHello <!here> @channel?"]
    copy = copies(slack, connection)[0]
    assert (copy["pings"], copy["metadata"]["event_payload"]) == ([], {"mids": [str(line.pk)]})
    assert mirrored(line) == "sent"


def test_a_withdrawn_line_says_so_and_keeps_no_word(
    slack: Slack, connection: Connection, claim: VisitorClaim, line: Message, name: str
) -> None:
    changes.withdraw_by_visitor(claim, line.pk)
    settle(slack)
    assert thread(slack, connection) == [f"{name} withdrew this message."]
    assert "Hello" not in str(copies(slack, connection)[0])


def test_an_edit_from_the_console_changes_the_copy(
    slack: Slack, connection: Connection, chat: ChatSession, bob: Member
) -> None:
    reply = messages.post_agent_message(chat.pk, agent_of(bob), "Two are lfet")
    settle(slack)
    changes.edit_by_agent(chat.pk, reply.pk, agent_of(bob), "Two are left")
    settle(slack)
    assert thread(slack, connection)[1] == "Bob (via Threadbell) · edited\nTwo are left"
    changes.withdraw_by_agent(chat.pk, reply.pk, agent_of(bob))
    settle(slack)
    assert thread(slack, connection)[1] == "Bob (via Threadbell) took this answer back."


def test_a_lock_on_an_answer_from_the_console_takes_it_back(
    slack: Slack, connection: Connection, chat: ChatSession, bob: Member
) -> None:
    reply = messages.post_agent_message(chat.pk, agent_of(bob), "He asks every week")
    settle(slack)
    where = {"channel": connection.channel_id, "ts": copies(slack, connection)[1]["ts"]}
    does(slack, "react", {"user": "carol", **where}, name="lock")
    assert shown(chat)[1] == (2, "", False, True)
    assert Message.unscoped.get(chat=chat, is_note=True).body == "He asks every week"
    assert thread(slack, connection)[1] == "Bob (via Threadbell) took this answer back."
    assert mirrored(reply) == "sent"


def test_lines_joined_in_one_post_are_shown_anew_together(
    slack: Slack, connection: Connection, claim: VisitorClaim, line: Message, name: str
) -> None:
    first, second, third = (say(claim, text) for text in ("oen", "two", "three"))
    settle(slack)
    assert thread(slack, connection)[1] == "oen\ntwo\nthree"
    edit(claim, first, "one")
    settle(slack)
    assert thread(slack, connection)[1] == f"{name} · edited\none\ntwo\nthree"
    changes.withdraw_by_visitor(claim, second.pk)
    settle(slack)
    assert thread(slack, connection)[1] == f"{name} · withdrew a line\none\nwithdrawn\nthree"
    for message in (first, third):
        changes.withdraw_by_visitor(claim, message.pk)
    settle(slack)
    assert thread(slack, connection)[1] == f"{name} withdrew these messages."
    mids = copies(slack, connection)[1]["metadata"]["event_payload"]["mids"]
    assert mids == [str(message.pk) for message in (first, second, third)]


def long(letter: str, count: int) -> str:
    return "".join(f"{letter}{number:04d} " for number in range(count))


@pytest.mark.parametrize("before, after", [(1300, 1300), (1300, 100), (100, 1300), (1300, 700), (700, 1300)])
def test_a_long_line_is_changed_in_all_its_parts(
    slack: Slack, connection: Connection, claim: VisitorClaim, chat: ChatSession, before: int, after: int
) -> None:
    message = say(claim, long("a", before))
    settle(slack)
    edit(claim, message, long("b", after))
    settle(slack)
    mine = copies(slack, connection)[1:]
    told = [(re.findall(r"[ab]\d{4} ", reads(copy)), copy["metadata"]["event_type"]) for copy in mine]
    assert "".join("".join(words) for words, _ in told) == long("b", after)
    carried = [kind for words, kind in told if words]
    assert carried == ["chat_part"] * (len(carried) - 1) + ["chat_message"]
    changes.withdraw_by_visitor(claim, message.pk)
    settle(slack)
    assert not re.findall(r"[ab]\d{4} ", str(copies(slack, connection)))


# --- a line on its way --------------------------------------------------------------------------------------------


def test_a_line_that_waits_is_posted_as_it_reads_now(
    slack: Slack, connection: Connection, claim: VisitorClaim, line: Message
) -> None:
    waiting = say(claim, "oen")
    edit(claim, waiting, "one")
    settle(slack)
    assert thread(slack, connection)[1:] == ["one"]
    assert not slack.calls("chat.update")


def test_a_line_withdrawn_while_it_waits_is_never_posted(
    slack: Slack, connection: Connection, claim: VisitorClaim, line: Message
) -> None:
    waiting = say(claim, "my password is hunter2")
    changes.withdraw_by_visitor(claim, waiting.pk)
    say(claim, "sorry")
    settle(slack)
    assert thread(slack, connection)[1:] == ["sorry"]
    assert "hunter2" not in str(slack.look("requests"))
    assert mirrored(waiting) == "none"


def test_an_edit_of_a_line_in_doubt_follows_once_it_is_known(
    slack: Slack, connection: Connection, claim: VisitorClaim, line: Message, name: str, settings: Settings
) -> None:
    """It did arrive, in its old words, and nothing tells us so at first."""
    settings.SLACK_ECHO_WAIT = 30
    slack.fault("no_echo", method="events", count=None)
    slack.fault("drop_after_commit")
    message = say(claim, "oen")
    settle(slack)
    assert mirrored(message) == "checking"
    edit(claim, message, "one")
    settle(slack)
    assert not slack.calls("chat.update")
    settings.SLACK_ECHO_WAIT = 0.05
    at_rest(slack)
    assert thread(slack, connection)[1:] == [f"{name} · edited\none"]


@pytest.mark.parametrize("withdrawn", [False, True])
def test_a_line_changed_while_its_post_failed_is_never_posted_in_its_old_words(
    slack: Slack,
    connection: Connection,
    claim: VisitorClaim,
    line: Message,
    withdrawn: bool,
    settings: Settings,
) -> None:
    settings.SLACK_ECHO_WAIT = 30
    slack.fault("drop_before_commit")
    message = say(claim, "my password is hunter2")
    settle(slack)
    changes.withdraw_by_visitor(claim, message.pk) if withdrawn else edit(claim, message, "sorry")
    settings.SLACK_ECHO_WAIT = 0.05
    at_rest(slack)
    assert [words for words in thread(slack, connection)[1:] if "hunter2" in words] == []
    assert mirrored(message) == ("none" if withdrawn else "sent")
    assert len(thread(slack, connection)) == (1 if withdrawn else 2)


def test_a_long_line_withdrawn_between_its_parts_is_posted_no_further(
    slack: Slack, connection: Connection, claim: VisitorClaim, line: Message, name: str
) -> None:
    message = say(claim, long("a", 1300))
    link, token = link_of(line.chat), uuid.uuid4()
    job = mirror._advance(link.lane_id, token, line.chat_id, None)
    assert isinstance(job, Job)
    mirror._advance(link.lane_id, token, line.chat_id, mirror._perform(job))
    changes.withdraw_by_visitor(claim, message.pk)
    lanes.free_all()
    at_rest(slack)
    assert thread(slack, connection)[1:] == [f"{name} withdrew this message."] * len(
        thread(slack, connection)[1:]
    )


def test_a_dead_letter_that_is_withdrawn_is_no_dead_letter_any_more(
    slack: Slack, connection: Connection, claim: VisitorClaim, line: Message
) -> None:
    slack.fault("error", error="invalid_blocks")
    message = say(claim, "oen")
    settle(slack)
    assert mirrored(message) == "failed"
    changes.withdraw_by_visitor(claim, message.pk)
    settle(slack)
    assert mirrored(message) == "none"
    assert not Delivery.objects.filter(state="dead").exists()


# --- calls that end badly -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind, more",
    [
        ("drop_after_commit", {}),
        ("drop_before_commit", {}),
        ("status", {"status": 500}),
        ("garbage", {"commit": True}),
        ("ratelimit", {"retry_after": 1}),
    ],
)
def test_an_update_whose_outcome_is_unknown_is_repeated(
    slack: Slack, connection: Connection, claim: VisitorClaim, line: Message, name: str, kind: str, more: Json
) -> None:
    slack.fault(kind, method="chat.update", **more)
    edit(claim, line, "Good evening?")
    later_line = say(claim, "Anybody?")
    settle(slack)
    at_rest(slack)
    assert thread(slack, connection) == [f"{name} · edited\nGood evening?", "Anybody?"]
    assert mirrored(later_line) == "sent"


def test_of_several_edits_in_a_row_slack_shows_the_last(
    slack: Slack, connection: Connection, claim: VisitorClaim, line: Message, name: str
) -> None:
    for text in ("one", "two", "three"):
        edit(claim, line, text)
    settle(slack)
    assert thread(slack, connection) == [f"{name} · edited\nthree"]
    assert len(slack.calls("chat.update")) == 1


REFUSALS = ["edit_window_closed", "cant_update_message", "is_inactive", "msg_too_long", "some_new_error"]


@pytest.mark.parametrize("error", REFUSALS)
def test_a_copy_that_slack_does_not_let_us_change_is_left_to_a_person(
    slack: Slack, connection: Connection, claim: VisitorClaim, line: Message, name: str, error: str
) -> None:
    slack.fault("error", method="chat.update", error=error, count=None)
    edit(claim, line, "Good evening?")
    at_rest(slack)
    told = thread(slack, connection)[-1]
    assert told.startswith(
        f"{name} edited an earlier message, whose copy here the app cannot change.\nGood evening?"
    )
    assert f"#m-{line.pk}" in told
    left = LeftCopy.objects.get()
    assert (left.message_id, left.ts, left.done_at) == (line.pk, copies(slack, connection)[0]["ts"], None)
    assert left.reason
    assert not Delivery.objects.exclude(state="sent").exists()


def test_a_withdrawal_that_slack_does_not_let_us_make_says_so_without_the_words(
    slack: Slack, connection: Connection, claim: VisitorClaim, line: Message, name: str
) -> None:
    slack.fault("error", method="chat.update", error="edit_window_closed")
    changes.withdraw_by_visitor(claim, line.pk)
    at_rest(slack)
    told = thread(slack, connection)[-1]
    assert told.startswith(f"{name} withdrew an earlier message, whose copy here the app cannot change.\n")
    assert "Hello" not in told


def test_a_remark_whose_outcome_is_unknown_is_made_once(
    slack: Slack, connection: Connection, claim: VisitorClaim, line: Message
) -> None:
    slack.fault("no_echo", method="events", count=None)
    slack.fault("error", method="chat.update", error="edit_window_closed")
    slack.fault("drop_after_commit")
    changes.withdraw_by_visitor(claim, line.pk)
    at_rest(slack)
    at_rest(slack)
    assert len(thread(slack, connection)) == 2


def test_a_copy_that_somebody_deleted_in_slack_needs_nobody(
    slack: Slack, connection: Connection, claim: VisitorClaim, line: Message, name: str
) -> None:
    ts = copies(slack, connection)[0]["ts"]
    does(slack, "delete", {"user": "alice", "channel": connection.channel_id, "ts": ts})
    edit(claim, line, "Good evening?")
    at_rest(slack)
    assert not LeftCopy.objects.exists()
    assert "Good evening?" in thread(slack, connection)[-1]
    changes.withdraw_by_visitor(claim, line.pk)
    at_rest(slack)
    assert len(thread(slack, connection)) == 1


def test_a_dead_key_stops_the_change_until_somebody_connects_again(
    slack: Slack, connection: Connection, claim: VisitorClaim, line: Message
) -> None:
    slack.fault("error", method="chat.update", error="account_inactive")
    edit(claim, line, "Good evening?")
    settle(slack)
    assert Delivery.objects.get(kind="edit").state == "pending"
    assert not LeftCopy.objects.exists()


def test_what_a_colleague_wrote_in_slack_and_deletes_in_the_console_is_left_to_them(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    said = answer(slack, chat, "Two are lfet")
    message = Message.unscoped.select_related("agent").get(chat=chat, seq=2)
    assert message.agent is not None
    changes.withdraw_by_agent(chat.pk, message.pk, message.agent)
    settle(slack)
    assert LeftCopy.objects.get().ts == said["ts"]
    assert "withdrew an earlier message" in thread(slack, connection)[-1]


def test_what_a_person_deletes_in_slack_is_off_the_list(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim, line: Message
) -> None:
    slack.fault("error", method="chat.update", error="edit_window_closed")
    changes.withdraw_by_visitor(claim, line.pk)
    at_rest(slack)
    left = LeftCopy.objects.get()
    does(slack, "delete", {"user": "alice", "channel": left.channel_id, "ts": left.ts})
    left.refresh_from_db()
    assert left.done_at is not None


def test_a_chat_without_slack_is_changed_without_a_promise(claim: VisitorClaim) -> None:
    message = say(claim, "oen")
    edit(claim, message, "one")
    assert not Delivery.objects.exists()
    assert chat_of(claim).last_rev == 2


def test_every_part_of_a_line_is_known(
    slack: Slack, connection: Connection, claim: VisitorClaim, chat: ChatSession
) -> None:
    message = say(claim, long("a", 1300))
    settle(slack)
    known = MessageLink.objects.filter(message=message).values_list("ts", flat=True)
    assert sorted(known) == [copy["ts"] for copy in copies(slack, connection)[1:]]
