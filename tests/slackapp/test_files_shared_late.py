"""S12: Slack may share a file so late that a line stands for it: one of the two remains, or none if withdrawn."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from livechat.actions import changes
from livechat.models import ChatSession, Message
from livechat.tokens import VisitorClaim
from slackapp import echoes, inbound, lanes, mirror, queries
from slackapp.models import Connection, Delivery
from tests.cast import say, say_with, uploaded
from tests.slackapp.peer import Slack, at_rest, work
from tests.slackapp.test_sharing_a_visitors_files import posts

pytestmark = pytest.mark.django_db(transaction=True)
LATE = 1.5


def told(slack: Slack, connection: Connection) -> list[str]:
    """The lines that stand for files."""
    return [words for words, _ in posts(slack, connection) if "which Slack did not take" in words]


def shared(slack: Slack, connection: Connection) -> list[list[str]]:
    return [files for _, files in posts(slack, connection) if files]


def await_share(slack: Slack, connection: Connection) -> None:
    """Slack's own time passes."""
    for _ in range(400):
        if shared(slack, connection):
            at_rest(slack)
            return
        time.sleep(0.02)
    raise AssertionError("Slack never shared it")


@pytest.fixture
def late(slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim) -> Message:
    """A message whose file was promised to Slack's thread, and for which a line stands meanwhile."""
    slack.act("sharing", delay=LATE)
    message = say_with(claim, uploaded(claim))
    at_rest(slack)
    assert (told(slack, connection) != [], shared(slack, connection)) == (True, [])
    return message


def test_a_file_that_comes_after_all_takes_the_lines_place(
    slack: Slack, connection: Connection, claim: VisitorClaim, late: Message
) -> None:
    await_share(slack, connection)
    assert (told(slack, connection), shared(slack, connection)) == ([], [["notes.txt"]])
    say(claim, "and this")
    at_rest(slack)
    assert posts(slack, connection)[-1] == ("and this", [])
    assert not Delivery.objects.filter(state__in=("pending", "sending", "dead")).exists()
    assert Message.unscoped.get(pk=late.pk).mirror_state == "sent"


def look_now() -> None:
    """Ten minutes are over."""
    looks = Delivery.objects.filter(kind="late_share", state="pending")
    for look in looks:
        lanes.mark_due(look.lane_id)
    looks.update(slot_at=timezone.now())


@pytest.fixture
def unheard(slack: Slack, late: Message, connection: Connection) -> Message:
    """Slack has shared the file, and its event was lost: line and file stand beside each other."""
    slack.fault("no_echo", "events", count=None)
    for _ in range(400):
        if shared(slack, connection):
            break
        time.sleep(0.02)
    at_rest(slack)
    assert (len(told(slack, connection)), shared(slack, connection)) == (1, [["notes.txt"]])
    return late


def test_a_share_of_which_we_never_hear_is_found_by_looking_once(
    slack: Slack, connection: Connection, unheard: Message
) -> None:
    look = Delivery.objects.get(kind="late_share")
    assert look.slot_at is not None
    assert timedelta(minutes=9) < look.slot_at - timezone.now() <= timedelta(minutes=10)
    assert queries.health_of(connection).queued == 0
    look_now()
    at_rest(slack)
    assert (told(slack, connection), shared(slack, connection)) == ([], [["notes.txt"]])
    assert not Delivery.objects.filter(state__in=("pending", "sending", "dead")).exists()


def test_what_is_not_shared_by_then_keeps_its_line_and_is_looked_for_no_more(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    slack.act("sharing", happens=False)
    say_with(claim, uploaded(claim))
    at_rest(slack)
    before = len(slack.calls("files.info"))
    for _ in range(2):
        look_now()
        at_rest(slack)
    assert (len(told(slack, connection)), len(slack.calls("files.info"))) == (1, before + 1)
    assert not Delivery.objects.filter(state__in=("pending", "sending", "dead")).exists()


def test_an_event_that_comes_after_the_look_changes_nothing(
    slack: Slack, connection: Connection, unheard: Message
) -> None:
    look_now()
    at_rest(slack)
    line = Delivery.objects.get(kind="file_link")
    settle = echoes.confirm_files(
        line.link.installation, connection.channel_id, set(line.args["uploaded"].values())
    )
    assert settle is not None
    with transaction.atomic():
        settle()
    at_rest(slack)
    assert (told(slack, connection), shared(slack, connection)) == ([], [["notes.txt"]])
    assert len(slack.calls("chat.delete")) == 1


def test_a_message_withdrawn_before_the_look_leaves_nothing(
    slack: Slack, connection: Connection, claim: VisitorClaim, unheard: Message
) -> None:
    changes.withdraw_by_visitor(claim, unheard.pk)
    at_rest(slack)
    look_now()
    at_rest(slack)
    assert told(slack, connection) == []
    assert [files for files in shared(slack, connection) if files != ["tombstone"]] == []
    assert not Delivery.objects.filter(state__in=("pending", "sending", "dead")).exists()


@pytest.mark.parametrize("kind", ["status", "ratelimit", "reset"])
def test_while_slack_does_not_tell_it_is_asked_again(
    slack: Slack, connection: Connection, unheard: Message, kind: str
) -> None:
    slack.fault(kind, "files.info", **({"status": 503} if kind == "status" else {}))
    look_now()
    at_rest(slack)
    assert (told(slack, connection), shared(slack, connection)) == ([], [["notes.txt"]])


def test_a_withdrawn_message_leaves_neither_its_line_nor_its_file(
    slack: Slack, connection: Connection, claim: VisitorClaim, late: Message
) -> None:
    changes.withdraw_by_visitor(claim, late.pk)
    at_rest(slack)
    assert told(slack, connection) == []
    time.sleep(LATE)
    at_rest(slack)
    assert [files for files in shared(slack, connection) if files != ["tombstone"]] == []
    assert not Delivery.objects.filter(state__in=("pending", "sending", "dead")).exists()


def test_a_line_for_files_that_slack_never_took_is_withdrawn_with_them(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    slack.fault("error", "files.getUploadURLExternal", count=None, error="file_uploads_disabled")
    message = say_with(claim, uploaded(claim), text="Look")
    at_rest(slack)
    assert told(slack, connection)
    changes.withdraw_by_visitor(claim, message.pk)
    at_rest(slack)
    assert told(slack, connection) == []
    assert "notes.txt" not in str(posts(slack, connection))


def test_a_line_for_files_withdrawn_before_it_was_posted_never_is(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    slack.fault("error", "files.getUploadURLExternal", count=None, error="file_uploads_disabled")
    slack.fault("error", "chat.postMessage", error="rate_limited", count=None)
    message = say_with(claim, uploaded(claim))
    work()
    changes.withdraw_by_visitor(claim, message.pk)
    slack.clear_faults()
    at_rest(slack)
    assert posts(slack, connection)[1:] == []


@pytest.mark.parametrize("fault", ["drop_after_commit", "drop_before_commit"])
def test_a_file_that_comes_while_its_line_is_in_doubt_stays_alone(
    slack: Slack,
    connection: Connection,
    chat: ChatSession,
    claim: VisitorClaim,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    """Slack shares it in the very moment in which the line is posted, and nobody learns how that ended."""
    slack.act("sharing", delay=LATE)
    perform = mirror._perform

    def performed(job: Any) -> mirror.Settle:
        if job.head.kind != "file_link" or job.look:
            return perform(job)
        slack.fault(fault)
        if fault == "drop_after_commit":
            slack.fault("no_echo", "events", match={"type": "message"})
        settled = perform(job)
        await_event(job.head)
        return settled

    def await_event(delivery: Delivery) -> None:
        for _ in range(400):
            work_inbound_only()
            if Delivery.objects.get(pk=delivery.pk).args.get("shared"):
                return
            time.sleep(0.02)
        raise AssertionError("the share was not heard of")

    monkeypatch.setattr(mirror, "_perform", performed)
    say_with(claim, uploaded(claim))
    at_rest(slack)
    assert (told(slack, connection), shared(slack, connection)) == ([], [["notes.txt"]])


def work_inbound_only() -> None:
    for _, key in lanes.due():
        if key.startswith("in:"):
            inbound.work_inbound(key)


def test_a_second_word_of_a_late_share_changes_nothing(
    slack: Slack, connection: Connection, late: Message
) -> None:
    slack.fault("duplicate", "events", count=None, copies=3, fresh_ids=True)
    await_share(slack, connection)
    assert (told(slack, connection), shared(slack, connection)) == ([], [["notes.txt"]])
    assert len(slack.calls("chat.delete")) == 1
