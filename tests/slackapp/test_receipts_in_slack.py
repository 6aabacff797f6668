"""S19: reactions at an answer say that the visitor's browser has it and that it was seen; else its author hears why."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, Member
from livechat import proofs
from livechat.actions import chats, messages
from livechat.models import ChatSession, Message, Site
from livechat.tokens import VisitorClaim
from slackapp import receipts
from slackapp.models import ChatLink, Connection, Delivery, MessageLink
from tests.cast import chat_of, newcomer, say
from tests.conftest import ClientOf
from tests.serving import Served, Socket, eventually
from tests.slackapp.peer import Slack, at_rest, fresh, link_of, settle, text_of
from tests.slackapp.rooms import noisy, room_of

GOT, SAW = ["heavy_check_mark"], ["eyes"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def proved_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "STANDS_SECONDS", 0.1)


def answer(slack: Slack, chat: ChatSession, text: str = "Here", user: str = "bob") -> str:
    link = link_of(chat)
    where = {"channel": link.channel_id} | ({} if link.is_noisy else {"thread_ts": link.root_ts})
    ts = slack.act("say", user=user, text=text, **where)["ts"]
    settle(slack)
    return str(ts)


def shown(slack: Slack, connection: Connection, ts: str) -> list[str]:
    message = next(one for one in slack.channel(connection) if one["ts"] == ts)
    return [one["name"] for one in message.get("reactions", [])]


def whispers(slack: Slack, connection: Connection) -> list[str]:
    return [text_of(one) for one in slack.channel(connection) if one["seen_only_by"]]


def here(server: Served, claim: VisitorClaim, chat: ChatSession) -> Socket:
    """The visitor's page is open."""
    socket = server.socket()
    socket.hello(chat.site.public_token, visitor_token=claim.visitor_token)
    return socket


def got(chat: ChatSession) -> int:
    return ChatSession.unscoped.get(pk=chat.pk).visitor_got_seq


def a_while_later() -> None:
    Message.unscoped.update(created_at=timezone.now() - timedelta(seconds=30))
    receipts.find_absent()


def test_an_answer_that_reached_the_browser_is_marked(
    slack: Slack, connection: Connection, server: Served, claim: VisitorClaim, chat: ChatSession
) -> None:
    with here(server, claim, chat) as socket:
        ts = answer(slack, chat)
        assert socket.hear_until("message")[-1]["message"]["body"] == "Here"
        assert shown(slack, connection, ts) == []
        eventually(lambda: got(chat) == 2)
        settle(slack)
    assert shown(slack, connection, ts) == GOT


def test_seen_takes_the_place_of_got(
    slack: Slack, connection: Connection, claim: VisitorClaim, chat: ChatSession
) -> None:
    first, second = answer(slack, chat, "one"), answer(slack, chat, "two")
    chats.note_visitor_got(claim, chat.pk, 3)
    settle(slack)
    assert [shown(slack, connection, ts) for ts in (first, second)] == [GOT, GOT]
    chats.note_visitor_seen(claim, chat.pk, 2)
    settle(slack)
    assert [shown(slack, connection, ts) for ts in (first, second)] == [SAW, GOT]
    chats.note_visitor_seen(claim, chat.pk, 3)
    settle(slack)
    assert shown(slack, connection, second) == SAW


def test_what_is_seen_at_once_takes_one_call(
    slack: Slack, connection: Connection, claim: VisitorClaim, chat: ChatSession
) -> None:
    ts = answer(slack, chat)
    chats.note_visitor_got(claim, chat.pk, 2)
    chats.note_visitor_seen(claim, chat.pk, 2)
    settle(slack)
    assert shown(slack, connection, ts) == SAW
    assert [len(slack.calls(f"reactions.{act}")) for act in ("add", "remove")] == [1, 0]


def test_however_many_wait_to_be_seen_the_newest_is_marked_too(
    slack: Slack, connection: Connection, claim: VisitorClaim, chat: ChatSession
) -> None:
    """A page that stays open behind others has many answers and saw none of them."""
    where = {"channel": connection.channel_id, "thread_ts": link_of(chat).root_ts}
    for number in range(60):
        slack.act("say", user="bob", text=f"line {number}", **where)
    settle(slack)
    chats.note_visitor_got(claim, chat.pk, 61)
    settle(slack)
    newest = answer(slack, chat, "newest")
    chats.note_visitor_got(claim, chat.pk, 62)
    settle(slack)
    assert shown(slack, connection, newest) == GOT


def test_a_browser_that_comes_back_says_what_it_has(
    slack: Slack, connection: Connection, server: Served, claim: VisitorClaim, chat: ChatSession
) -> None:
    ts = answer(slack, chat)
    with here(server, claim, chat):
        eventually(lambda: got(chat) == 2)
    settle(slack)
    assert shown(slack, connection, ts) == GOT


def test_a_connection_that_ends_at_once_proves_nothing(
    slack: Slack,
    server: Served,
    claim: VisitorClaim,
    chat: ChatSession,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(proofs, "STANDS_SECONDS", 30)
    with here(server, claim, chat) as socket:
        answer(slack, chat)
        socket.hear_until("message")
    assert got(chat) == 0


def test_nobody_is_there_so_the_author_hears_it_once(
    slack: Slack, connection: Connection, claim: VisitorClaim, chat: ChatSession
) -> None:
    ts = answer(slack, chat)
    receipts.find_absent()
    settle(slack)
    assert whispers(slack, connection) == []
    a_while_later()
    settle(slack)
    assert whispers(slack, connection) == [receipts.ABSENT]
    answer(slack, chat, "Still there?")
    a_while_later()
    settle(slack)
    assert whispers(slack, connection) == [receipts.ABSENT]
    chats.note_visitor_got(claim, chat.pk, 3)
    settle(slack)
    assert shown(slack, connection, ts) == GOT


def test_after_the_end_the_word_says_so(
    slack: Slack, connection: Connection, claim: VisitorClaim, chat: ChatSession
) -> None:
    answer(slack, chat)
    chats.close_chat(chat.pk)
    a_while_later()
    settle(slack)
    assert whispers(slack, connection) == [receipts.ENDED]


def test_notes_and_lines_of_the_console_get_no_receipt(
    slack: Slack, connection: Connection, claim: VisitorClaim, chat: ChatSession, bob: Member
) -> None:
    note = answer(slack, chat, ";; a note")
    messages.post_agent_message(chat.pk, None, "from the console")
    settle(slack)
    chats.note_visitor_seen(claim, chat.pk, 2)
    a_while_later()
    settle(slack)
    assert (shown(slack, connection, note), slack.calls("reactions.add")) == ([], [])
    assert whispers(slack, connection) == []


def test_the_owner_turns_it_off(
    slack: Slack,
    connection: Connection,
    claim: VisitorClaim,
    chat: ChatSession,
    alice: Member,
    client_of: ClientOf,
) -> None:
    page = client_of(alice)
    page.post(f"/console/slack/{connection.pk}/receipts", {})
    assert fresh(connection).receipts is False
    assert AuditEntry.objects.in_workspace(alice.workspace).filter(verb="slack.receipts_off").exists()
    ts = answer(slack, chat)
    chats.note_visitor_seen(claim, chat.pk, 2)
    a_while_later()
    settle(slack)
    assert (shown(slack, connection, ts), whispers(slack, connection)) == ([], [])
    page.post(f"/console/slack/{connection.pk}/receipts", {"receipts": "on"})
    assert fresh(connection).receipts is True


def test_others_may_not_turn_it_off(
    connection: Connection, bob: Member, mallory: Member, client_of: ClientOf
) -> None:
    where = f"/console/slack/{connection.pk}/receipts"
    assert client_of(bob).post(where, {}).status_code == 403
    assert client_of(mallory).post(where, {}).status_code == 404
    assert fresh(connection).receipts is True


def test_chats_whose_visitor_is_absent_keep_no_other_from_its_turn(
    slack: Slack,
    connection: Connection,
    site: Site,
    claim: VisitorClaim,
    chat: ChatSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first belongs to a connection that shows no receipts any more, so nothing ever comes of it."""
    monkeypatch.setattr(receipts, "AT_ONCE", 1)
    answer(slack, chat)
    other = newcomer(site)
    say(other, "Me too")
    settle(slack)
    answer(slack, chat_of(other), "Here as well")
    quiet = Connection.unscoped.create(
        workspace=connection.workspace, site=site, is_default=False, receipts=False, state="ready"
    )
    ChatLink.objects.filter(pk=chat.pk).update(connection=quiet)
    for _ in range(2):
        a_while_later()
        settle(slack)
    assert whispers(slack, connection) == [receipts.ABSENT]


def test_in_a_channel_of_its_own_a_chats_answers_are_marked_and_the_author_told(
    slack: Slack, alice: Member, site: Site, claim: VisitorClaim
) -> None:
    noisy(slack, alice, site)
    say(claim, "Hello?")
    settle(slack)
    chat = chat_of(claim)
    first = answer(slack, chat)
    a_while_later()
    settle(slack)
    room = room_of(slack, chat)["messages"]
    assert [text_of(one) for one in room if one["seen_only_by"]] == [receipts.ABSENT]
    chats.note_visitor_got(claim, chat.pk, 2)
    settle(slack)
    assert marks(slack, chat, first) == GOT
    chats.note_visitor_seen(claim, chat.pk, 2)
    settle(slack)
    assert marks(slack, chat, first) == SAW


def marks(slack: Slack, chat: ChatSession, ts: str) -> list[str]:
    message = next(one for one in room_of(slack, chat)["messages"] if one["ts"] == ts)
    return [one["name"] for one in message.get("reactions", [])]


@pytest.mark.parametrize("error", ["already_reacted", "message_not_found", "too_many_reactions"])
def test_what_slack_refuses_is_left_out(
    slack: Slack, connection: Connection, claim: VisitorClaim, chat: ChatSession, error: str
) -> None:
    answer(slack, chat, "one")
    second = answer(slack, chat, "two")
    slack.fault("error", method="reactions.add", error=error)
    chats.note_visitor_seen(claim, chat.pk, 3)
    at_rest(slack)
    assert shown(slack, connection, second) == SAW
    assert fresh(connection).state == Connection.State.READY
    assert not Delivery.objects.exclude(state=Delivery.State.SENT).exists()


def test_an_app_that_may_not_react_stops_nothing_else(
    slack: Slack, connection: Connection, claim: VisitorClaim, chat: ChatSession
) -> None:
    """Connected before there were receipts: the permission comes with the next *Connect again*."""
    answer(slack, chat)
    slack.fault("error", method="reactions.add", error="missing_scope", count=None)
    chats.note_visitor_seen(claim, chat.pk, 2)
    at_rest(slack)
    assert len(slack.calls("reactions.add")) == 1
    say(claim, "and on it goes")
    settle(slack)
    assert slack.lines(connection)[-1] == "and on it goes"


def test_slack_asks_to_wait_and_lines_do_not(
    slack: Slack, connection: Connection, claim: VisitorClaim, chat: ChatSession
) -> None:
    ts = answer(slack, chat)
    slack.fault("ratelimit", method="reactions.add", retry_after=60)
    chats.note_visitor_seen(claim, chat.pk, 2)
    settle(slack)
    say(claim, "no waiting")
    settle(slack)
    assert (slack.lines(connection)[-1], shown(slack, connection, ts)) == ("no waiting", [])
    at_rest(slack)
    assert shown(slack, connection, ts) == SAW


@pytest.mark.parametrize("kind", ["drop_before_commit", "drop_after_commit", "hang_after_commit"])
def test_an_unknown_outcome_is_simply_tried_again(
    slack: Slack, connection: Connection, claim: VisitorClaim, chat: ChatSession, kind: str
) -> None:
    ts = answer(slack, chat)
    more: dict[str, Any] = {"seconds": 2} if kind.startswith("hang") else {}
    slack.fault(kind, method="reactions.add", **more)
    chats.note_visitor_seen(claim, chat.pk, 2)
    at_rest(slack)
    assert shown(slack, connection, ts) == SAW


def test_old_answers_are_left_alone(
    slack: Slack, connection: Connection, claim: VisitorClaim, chat: ChatSession
) -> None:
    """What was answered before there were receipts."""
    answer(slack, chat)
    MessageLink.objects.update(receipt="")
    chats.note_visitor_seen(claim, chat_of(claim).pk, 2)
    assert not Delivery.objects.filter(kind=Delivery.Kind.RECEIPT).exists()
    assert ChatLink.objects.filter(pk=chat.pk).exists()
