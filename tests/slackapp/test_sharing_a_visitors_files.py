"""S12: what a visitor sends appears in the chat's thread, once, after its words and before what follows."""

from typing import Any

import pytest
from pytest_django import Settings

from accounts.access import agent_of
from accounts.models import Member
from livechat.access import uploads_of_member
from livechat.actions import changes, messages
from livechat.models import Attachment, ChatSession, Message
from livechat.tokens import VisitorClaim
from slackapp.actions.files import note_uploaded
from slackapp.models import Connection, Delivery, Installation
from tests import samples, web
from tests.cast import chat_of, say, say_with, uploaded
from tests.slackapp.peer import Slack, at_rest, later, link_of, settle, text_of, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def at_once(slack: Slack) -> None:
    slack.act("sharing", delay=0)


def posts(slack: Slack, connection: Connection) -> list[tuple[str, list[str]]]:
    """Words and names of files of what is in threads."""
    shown = [m for m in slack.channel(connection) if m.get("thread_ts") not in (None, m["ts"])]
    return [(text_of(m), [file.get("name", file["mode"]) for file in m.get("files", [])]) for m in shown]


def shared(slack: Slack, connection: Connection) -> list[dict[str, Any]]:
    return [m for m in slack.channel(connection) if m.get("files")]


def bytes_of(connection: Connection, file: dict[str, Any]) -> bytes:
    assert connection.installation is not None
    headers = {"Authorization": f"Bearer {connection.installation.bot_token.reveal()}"}
    return web.get(file["url_private"], headers=headers).content


def test_a_file_appears_in_the_chats_thread_under_the_visitors_name(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    say_with(claim, uploaded(claim, "boots.txt", b"red boots"))
    at_rest(slack)
    (post,) = shared(slack, connection)
    assert post["thread_ts"] == link_of(chat).root_ts
    assert post["username"] == f"{chat.visitor.display_name} (visitor)"
    assert [(file["name"], bytes_of(connection, file)) for file in post["files"]] == [
        ("boots.txt", b"red boots")
    ]


def test_words_come_first_and_all_files_of_a_message_are_one_post(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    say_with(
        claim, uploaded(claim, "a.txt"), uploaded(claim, "b.png", samples.picture()), text="Here they are"
    )
    say(claim, "and this follows")
    at_rest(slack)
    assert posts(slack, connection)[1:] == [
        ("Here they are", []),
        ("", ["a.txt", "b.png"]),
        ("and this follows", []),
    ]


def test_files_keep_their_order_however_a_database_keeps_what_was_uploaded(
    slack: Slack,
    connection: Connection,
    chat: ChatSession,
    claim: VisitorClaim,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "slackapp.errands.files.note_uploaded",
        lambda job, known: note_uploaded(job, dict(reversed(list(known.items())))),
    )
    say_with(claim, *(uploaded(claim, name) for name in ("a.txt", "b.txt", "c.txt")))
    at_rest(slack)
    assert posts(slack, connection)[1:] == [("", ["a.txt", "b.txt", "c.txt"])]


def test_a_chat_may_begin_with_a_file(slack: Slack, connection: Connection, claim: VisitorClaim) -> None:
    say_with(claim, uploaded(claim))
    at_rest(slack)
    assert posts(slack, connection) == [("", ["notes.txt"])]


def test_the_message_counts_as_delivered_once_its_files_are_there(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim, settings: Settings
) -> None:
    settings.SLACK_ECHO_WAIT = 30
    slack.act("sharing", happens=False)
    message = say_with(claim, uploaded(claim), text="Look")
    settle(slack)
    assert posts(slack, connection)[-1] == ("Look", [])
    assert chat_of(claim).delivered_seq == 1
    settings.SLACK_ECHO_WAIT = 0.05
    slack.act("sharing", happens=True)
    at_rest(slack)
    assert chat_of(claim).delivered_seq == message.seq
    assert Message.unscoped.get(pk=message.pk).mirror_state == "sent"


def test_the_event_settles_it_before_anybody_looks(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim, settings: Settings
) -> None:
    settings.SLACK_ECHO_WAIT = 120
    say_with(claim, uploaded(claim))
    settle(slack)
    assert Delivery.objects.get(kind="files").state == "sent"
    assert not slack.calls("files.info")


def test_without_the_event_it_is_looked_up(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    slack.fault("no_echo", "events", count=None)
    say_with(claim, uploaded(claim))
    at_rest(slack)
    assert slack.calls("files.info")
    assert Delivery.objects.get(kind="files").state == "sent"
    assert len(shared(slack, connection)) == 1


def test_what_slack_never_shares_becomes_a_way_to_the_console(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    slack.act("sharing", happens=False)
    message = say_with(claim, uploaded(claim, "offer.pdf", samples.PDF))
    at_rest(slack)
    later()
    at_rest(slack)
    words, files = posts(slack, connection)[-1]
    assert "offer.pdf" in words
    assert f"/console/chats/{chat.pk}#m-{message.pk}" in words
    assert not files
    assert Message.unscoped.get(pk=message.pk).mirror_state == "sent"


@pytest.mark.parametrize(
    "code",
    ["file_uploads_disabled", "storage_limit_reached", "file_type_not_allowed", "missing_scope"],
)
def test_where_slack_takes_no_file_a_line_tells_where_it_is(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim, code: str
) -> None:
    slack.fault("error", "files.getUploadURLExternal", count=None, error=code)
    say_with(claim, uploaded(claim, "offer.pdf", samples.PDF), text="Please sign")
    say(claim, "soon")
    at_rest(slack)
    words = [text for text, _ in posts(slack, connection)][1:]
    assert words[0] == "Please sign"
    assert " sent offer.pdf, which Slack did not take." in words[1]
    assert words[2] == "soon"
    assert Installation.objects.get().state == "active"
    assert chat_of(claim).delivered_seq == 3


def test_a_way_to_the_console_is_posted_once_whatever_happens(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    slack.fault("error", "files.getUploadURLExternal", count=None, error="file_uploads_disabled")
    slack.fault("drop_after_commit")
    slack.fault("no_echo", "events", count=None)
    say_with(claim, uploaded(claim, "offer.pdf", samples.PDF))
    at_rest(slack)
    assert len([text for text, _ in posts(slack, connection) if "offer.pdf" in text]) == 1


@pytest.mark.parametrize("kind", ["drop_before_commit", "drop_after_commit", "status", "garbage"])
@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal", "upload"])
def test_a_file_is_shared_once_whatever_breaks(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim, method: str, kind: str
) -> None:
    if (method, kind) == ("upload", "garbage"):
        pytest.skip("the host's answer says nothing that could be garbled")
    slack.fault(kind, method)
    say_with(claim, uploaded(claim))
    say(claim, "after")
    at_rest(slack)
    later()
    at_rest(slack)
    assert [files for _, files in posts(slack, connection) if files] == [["notes.txt"]]
    assert posts(slack, connection)[-1] == ("after", [])


def test_a_host_that_takes_nothing_holds_up_nobody_for_long(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    slack.fault("status", "upload", count=None)
    say_with(claim, uploaded(claim))
    say(claim, "after")
    for _ in range(5):
        at_rest(slack)
        later()
    assert "console" in posts(slack, connection)[-2][0]
    assert posts(slack, connection)[-1] == ("after", [])
    assert Installation.objects.get().failures == 0


def test_a_file_withdrawn_before_it_went_out_never_does(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    message = say_with(claim, uploaded(claim))
    changes.withdraw_by_visitor(claim, message.pk)
    at_rest(slack)
    assert not shared(slack, connection)


def test_a_withdrawn_messages_files_vanish_in_slack(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    message = say_with(claim, uploaded(claim))
    at_rest(slack)
    changes.withdraw_by_visitor(claim, message.pk)
    at_rest(slack)
    assert posts(slack, connection)[-1] == ("", ["tombstone"])


def test_words_that_a_file_gets_afterwards_appear(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    message = say_with(claim, uploaded(claim))
    at_rest(slack)
    changes.edit_by_visitor(claim, message.pk, "The left one")
    at_rest(slack)
    assert posts(slack, connection)[-2:] == [("", ["notes.txt"]), ("The left one", [])]
    changes.edit_by_visitor(claim, message.pk, "The right one")
    at_rest(slack)
    assert len(posts(slack, connection)) == 3
    assert "The right one" in str(slack.channel(connection)[-1])


def test_an_agents_file_of_the_console_goes_to_slack_as_well(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim, bob: Member
) -> None:
    file = uploaded(claim, "invoice.pdf", samples.PDF)
    Attachment.unscoped.filter(pk=file.pk).update(uploader="", member=bob)
    files = uploads_of_member(bob, chat.site_id, [str(file.pk)])
    messages.post_agent_message(chat.pk, agent_of(bob), "The invoice", files=files)
    at_rest(slack)
    assert posts(slack, connection)[-2:] == [("The invoice", []), ("", ["invoice.pdf"])]
    assert shared(slack, connection)[0]["username"] == "Bob (via Threadbell)"


def test_a_large_file_is_streamed(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    content = b"0123456789abcde\n" * 640_000
    say_with(claim, uploaded(claim, "long.txt", content))
    settle(slack)
    work()
    at_rest(slack)
    (file,) = shared(slack, connection)[0]["files"]
    assert bytes_of(connection, file) == content
