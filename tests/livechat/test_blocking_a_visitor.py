"""S15, A2: a blocked visitor can read and no more; whoever blocked them is written down; it can be taken back."""

import uuid
from collections.abc import Iterator

import httpx
import pytest

from accounts.access import agent_of
from accounts.errors import Refused
from accounts.models import Agent, AuditEntry, Member
from livechat.actions import blocking, changes, chats, messages
from livechat.models import ChatSession, Message, Site
from livechat.tokens import VisitorClaim
from tests import web
from tests.cast import chat_of, draft, lines_of, newcomer, say
from tests.serving import Served, Socket

PLAIN = "You cannot write here at the moment."


@pytest.fixture
def agent(bob: Member) -> Agent:
    return agent_of(bob)


@pytest.fixture
def chat(claim: VisitorClaim) -> ChatSession:
    say(claim, "first")
    return chat_of(claim)


@pytest.fixture
def blocked(chat: ChatSession, agent: Agent) -> ChatSession:
    assert blocking.block(chat.pk, agent)
    return chat


@pytest.fixture
def tab(server: Served, site: Site, claim: VisitorClaim, chat: ChatSession) -> Iterator[Socket]:
    with server.socket() as socket:
        socket.hello(site.public_token, visitor_token=claim.visitor_token)
        yield socket


def test_who_blocked_whom_when_is_written_down(blocked: ChatSession, bob: Member) -> None:
    visitor = chat_by(blocked).visitor
    assert (visitor.blocked_by, visitor.is_blocked) == (agent_of(bob), True)
    entry = AuditEntry.objects.in_workspace(bob.workspace).get(verb="visitor.blocked")
    assert (entry.actor, entry.subject) == (
        bob.user,
        f"visitor:{visitor.pk} agent:{agent_of(bob).pk}",
    )
    note = Message.unscoped.get(chat=blocked, is_note=True)
    assert (note.body, note.author_kind) == ("Bob blocked this visitor.", "system")


def chat_by(chat: ChatSession) -> ChatSession:
    return ChatSession.unscoped.select_related("visitor__blocked_by").get(pk=chat.pk)


def test_blocking_twice_changes_nothing_and_the_first_stays(blocked: ChatSession, alice: Member) -> None:
    before = chat_by(blocked).visitor.blocked_at
    assert not blocking.block(blocked.pk, agent_of(alice))
    assert chat_by(blocked).visitor.blocked_at == before
    assert Message.unscoped.filter(chat=blocked, is_note=True).count() == 1


@pytest.mark.parametrize("closed", [False, True])
def test_nothing_more_is_taken(blocked: ChatSession, claim: VisitorClaim, closed: bool) -> None:
    """Neither in the open chat nor as the beginning of another."""
    if closed:
        chats.close_chat(blocked.pk)
    with pytest.raises(Refused) as refused:
        say(claim, "second")
    assert (refused.value.code, refused.value.sentence) == ("blocked", PLAIN)
    assert lines_of(blocked) == ["first"]
    assert ChatSession.unscoped.count() == 1


def test_what_was_taken_before_is_acknowledged_again(claim: VisitorClaim, agent: Agent) -> None:
    """The answer to it was lost: it is not to look as if it had not been sent."""
    key = uuid.uuid4()
    first = say(claim, "first", key)
    blocking.block(first.chat_id, agent)
    assert messages.post_visitor_message(claim, draft("first", key)).pk == first.pk


def test_their_lines_are_neither_changed_nor_withdrawn(blocked: ChatSession, claim: VisitorClaim) -> None:
    message = Message.unscoped.get(seq=1)
    for change in (
        lambda: changes.edit_by_visitor(claim, message.pk, "worse"),
        lambda: changes.withdraw_by_visitor(claim, message.pk),
        lambda: chats.end_by_visitor(claim),
    ):
        with pytest.raises(Refused, match=PLAIN):
            change()
    assert lines_of(blocked) == ["first"]
    assert chat_by(blocked).is_open


def test_where_they_go_is_noted_no_more(blocked: ChatSession, claim: VisitorClaim) -> None:
    chats.note_page(claim, blocked.pk, "https://shop.example/x", "words that would reach the team")
    assert chat_by(blocked).page_title == ""


def test_another_visitor_is_not_concerned(blocked: ChatSession, site: Site) -> None:
    assert say(newcomer(site), "Good morning").seq == 1


def test_unblocked_they_go_on_where_they_were(
    blocked: ChatSession, claim: VisitorClaim, agent: Agent
) -> None:
    assert blocking.unblock(blocked.pk, agent)
    assert not blocking.unblock(blocked.pk, agent)
    assert say(claim, "second").chat_id == blocked.pk
    notes = Message.unscoped.filter(chat=blocked, is_note=True).order_by("created_at")
    assert [note.body for note in notes] == ["Bob blocked this visitor.", "Bob unblocked this visitor."]
    verbs = AuditEntry.unscoped.filter(verb__startswith="visitor.").values_list("verb", flat=True)
    assert list(verbs) == ["visitor.blocked", "visitor.unblocked"]


# --- over the wire ------------------------------------------------------------------------------------------------


def test_an_open_tab_is_refused_in_plain_words_and_stays_open(
    tab: Socket, chat: ChatSession, agent: Agent
) -> None:
    key = str(uuid.uuid4())
    blocking.block(chat.pk, agent)
    tab.hear_type("chat")
    error = tab.say("second", key)
    assert (error["code"], error["detail"], error["client_message_id"]) == ("blocked", PLAIN, key)
    messages.post_agent_message(chat.pk, agent, "We will not go on with this.")
    assert tab.hear_until("message")[-1]["message"]["body"] == "We will not go on with this."


def test_nothing_that_the_visitor_is_told_speaks_of_it(tab: Socket, chat: ChatSession, agent: Agent) -> None:
    blocking.block(chat.pk, agent)
    told = tab.hear_type("chat")
    assert told["chat"]["status"] == "open"
    assert "block" not in str(told)


def test_a_reconnect_and_another_tab_stay_blocked_and_can_read(
    server: Served, site: Site, claim: VisitorClaim, blocked: ChatSession
) -> None:
    for _ in range(2):
        with server.socket() as socket:
            welcome = socket.hello(site.public_token, visitor_token=claim.visitor_token)
            assert [message["body"] for message in welcome["messages"]] == ["first"]
            assert socket.say("second")["code"] == "blocked"


def test_a_file_is_refused_before_it_is_taken(
    server: Served, site: Site, claim: VisitorClaim, blocked: ChatSession
) -> None:
    answer: httpx.Response = web.post(
        f"{server.url}/widget/files",
        params={"site": site.public_token},
        files={"file": ("notes.txt", b"words")},
        headers={"Authorization": f"Bearer {claim.visitor_token}"},
        timeout=20,
    )
    assert (answer.status_code, answer.json()["error"], answer.json()["detail"]) == (403, "blocked", PLAIN)
