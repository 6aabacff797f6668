"""C2: what each member has not read yet, in the list, at the rail and after marking it unread."""

import pytest

from accounts.access import agent_of
from accounts.models import Member
from livechat import chat_lists
from livechat.actions import assigning, reading
from livechat.actions.messages import post_agent_message
from livechat.models import ChatRead, ChatSession, Site
from livechat.tokens import new_claim
from tests.conftest import ClientOf
from tests.console.conftest import Write

pytestmark = pytest.mark.django_db
OPEN = chat_lists.choice_of({})


def unread(member: Member) -> list[int]:
    return [row.unread for row in chat_lists.chat_page(member, OPEN).rows]


def test_each_member_has_their_own_count(alice: Member, bob: Member, shop: Site, write: Write) -> None:
    claim = new_claim(shop.pk)
    chat = write(shop, "one", claim).chat
    write(shop, "two", claim)
    reading.note_read(alice, ChatSession.unscoped.get(pk=chat.pk), 2)
    assert (unread(alice), unread(bob)) == ([0], [2])
    post_agent_message(chat.pk, agent_of(bob), "An answer is nothing to read.")
    write(shop, "three", claim)
    assert (unread(alice), unread(bob)) == ([1], [3])


def test_a_mark_only_moves_forward_and_never_beyond_the_chat(bob: Member, chat: ChatSession) -> None:
    for seq in (99, 0, 1):
        reading.note_read(bob, chat, seq)
    assert ChatRead.unscoped.get(member=bob).seq == chat.last_seq


def test_the_rail_counts_chats_that_are_mine_or_nobodys(
    alice: Member, bob: Member, shop: Site, write: Write
) -> None:
    taken = write(shop, "for Bob").chat
    write(shop, "for anybody")
    assigning.assign(taken.pk, agent_of(bob), agent_of(alice), alice.user, None)
    assert (chat_lists.unread_count(alice), chat_lists.unread_count(bob)) == (1, 2)


def test_marking_unread_leads_back_to_the_list_and_counts_the_last_line(
    client_of: ClientOf, bob: Member, chat: ChatSession
) -> None:
    reading.note_read(bob, chat, 1)
    answer = client_of(bob).post(f"/console/chats/{chat.pk}/unread")
    assert answer.headers["Location"] == "/console/chats?tab=open"
    assert unread(bob) == [1]


def test_who_came_later_begins_with_nothing_unread(chat: ChatSession, victor: Member) -> None:
    assert unread(victor) == [0]


def test_each_member_chooses_of_what_they_are_told(
    client_of: ClientOf, alice: Member, bob: Member, chat: ChatSession
) -> None:
    browser = client_of(bob)
    assert 'data-tells="mine" data-sound="on"' in browser.get("/console/chats").content.decode()
    browser.post("/console/desk/telling", {"tells": "every"})
    assert 'data-tells="every" data-sound="off"' in browser.get("/console/chats").content.decode()
    assert 'data-tells="mine"' in client_of(alice).get("/console/chats").content.decode()
    page = browser.post("/console/desk/telling", {"tells": "shouting"}, follow=True).content.decode()
    assert "Nothing was changed" in page


def test_mallory_marks_nothing_of_acmes(client_of: ClientOf, mallory: Member, chat: ChatSession) -> None:
    assert client_of(mallory).post(f"/console/chats/{chat.pk}/unread").status_code == 404
    assert not ChatRead.unscoped.exists()
