"""C2, S15: a chat is given to a colleague on its page; whoever answers may, and only to somebody who answers."""

import pytest

from accounts.access import agent_of
from accounts.models import Agent, AuditEntry, Member, Role
from livechat.actions import chats, messages
from livechat.models import ChatSession
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db


def owner(chat: ChatSession) -> Agent | None:
    return ChatSession.unscoped.select_related("agent").get(pk=chat.pk).agent


def assign(client_of: ClientOf, member: Member, chat: ChatSession, to: object, seen: object = "") -> str:
    address = f"/console/chats/{chat.pk}/assign"
    answer = client_of(member).post(address, {"agent": str(to), "seen": str(seen)}, follow=True)
    return str(answer.content.decode()) if answer.status_code == 200 else str(answer.status_code)


def test_a_colleague_has_the_chat_and_the_page_says_so(
    client_of: ClientOf, alice: Member, bob: Member, chat: ChatSession
) -> None:
    page = client_of(alice).get(f"/console/chats/{chat.pk}").content.decode()
    assert "Nobody has it yet." in page
    assert "Bob has this chat now." in assign(client_of, alice, chat, agent_of(bob).pk)
    assert owner(chat) == agent_of(bob)
    entry = AuditEntry.unscoped.get(verb="chat.assigned")
    assert (entry.actor, str(chat.pk) in entry.subject) == (alice.user, True)


def test_people_of_one_name_are_told_apart(client_of: ClientOf, alice: Member, chat: ChatSession) -> None:
    """Bob has an account, and somebody called Bob answers from Slack without one."""
    Agent.unscoped.create(workspace=alice.workspace, external_id="slack:T1:U1", name="Bob")
    page = client_of(alice).get(f"/console/chats/{chat.pk}").content.decode()
    assert '>Bob</span> <span class="muted">in Slack</span>' in page


def test_of_two_who_choose_the_second_learns_who_has_it(
    client_of: ClientOf, alice: Member, bob: Member, chat: ChatSession
) -> None:
    messages.take(chat, agent_of(bob))
    assert "Bob has this chat meanwhile." in assign(client_of, alice, chat, agent_of(alice).pk)
    assert owner(chat) == agent_of(bob)
    assign(client_of, alice, chat, agent_of(alice).pk, seen=agent_of(bob).pk)
    assert owner(chat) == agent_of(alice)


def test_a_closed_chat_stays_whose_it_was(
    client_of: ClientOf, alice: Member, bob: Member, chat: ChatSession
) -> None:
    chats.close_chat(chat.pk)
    assert "This chat is closed." in assign(client_of, alice, chat, agent_of(bob).pk)
    assert owner(chat) is None


def test_viewers_neither_give_nor_get_a_chat(
    client_of: ClientOf, alice: Member, bob: Member, chat: ChatSession
) -> None:
    Member.unscoped.filter(pk=bob.pk).update(role=Role.VIEWER)
    assert "Nothing was changed." in assign(client_of, alice, chat, agent_of(bob).pk)
    assert assign(client_of, bob, chat, agent_of(alice).pk) == "403"
    assert owner(chat) is None


def test_mallory_gives_and_gets_nothing(
    client_of: ClientOf, alice: Member, mallory: Member, chat: ChatSession
) -> None:
    assert assign(client_of, mallory, chat, agent_of(mallory).pk) == "404"
    assert assign(client_of, alice, chat, agent_of(mallory).pk) == "404"
    assert owner(chat) is None
