"""C2: closing with an undo, opening again where that may be, and working several chats at once."""

import uuid

import pytest

from accounts.access import agent_of
from accounts.models import Member
from livechat.actions import reopening
from livechat.actions.chats import close_chat
from livechat.models import ChatSession, ChatTag, Site
from livechat.tokens import new_claim
from tests.conftest import ClientOf
from tests.console.conftest import Write

pytestmark = pytest.mark.django_db


def states(*chats: ChatSession) -> list[str]:
    return [ChatSession.unscoped.get(pk=chat.pk).status for chat in chats]


def test_closing_offers_an_undo_that_brings_the_wait_back(
    client_of: ClientOf, bob: Member, chat: ChatSession
) -> None:
    browser = client_of(bob)
    page = browser.post(f"/console/chats/{chat.pk}/close", follow=True).content.decode()
    assert 'action="/console/chats/reopen"' in page
    assert f'name="chat" value="{chat.pk}"' in page
    undone = browser.post("/console/chats/reopen", {"chat": str(chat.pk)}, follow=True)
    assert "The chat is open again." in undone.content.decode()
    found = ChatSession.unscoped.get(pk=chat.pk)
    assert (found.status, found.closed_at) == ("open", None)
    assert found.waiting_since is not None
    assert not reopening.reopen(chat.pk), "twice is harmless"


def test_with_a_newer_open_chat_reopening_leads_there(
    client_of: ClientOf, bob: Member, shop: Site, write: Write
) -> None:
    claim = new_claim(shop.pk)
    old = write(shop, "first", claim).chat
    close_chat(old.pk)
    new = write(shop, "second", claim).chat
    answer = client_of(bob).post(f"/console/chats/{old.pk}/reopen", follow=True)
    assert answer.redirect_chain[-1][0] == f"/console/chats/{new.pk}"
    assert "newer chat, which is open" in answer.content.decode()
    assert states(old, new) == ["closed", "open"]


def test_several_are_closed_assigned_and_tagged_at_once(
    client_of: ClientOf, alice: Member, bob: Member, shop: Site, write: Write
) -> None:
    chats = [write(shop, f"chat {number}").chat for number in range(3)]
    browser = client_of(alice)
    chosen = {"chat": [str(chat.pk) for chat in chats]}

    def press(**data: str) -> str:
        answer = browser.post("/console/chats/bulk?tab=waiting", {**chosen, **data}, follow=True)
        assert answer.redirect_chain == [("/console/chats?tab=waiting", 302)]
        return answer.content.decode()

    assert "3 chats are tagged sale." in press(act="tag", name="sale")
    assert ChatTag.unscoped.count() == 3
    assert "3 chats are with Bob now." in press(act="assign", agent=str(agent_of(bob).pk))
    assert set(ChatSession.unscoped.values_list("agent__name", flat=True)) == {"Bob"}
    page = press(act="close")
    assert "3 chats are closed." in page
    assert "3 chats: This chat is closed." in press(act="assign", agent=str(agent_of(alice).pk))
    browser.post("/console/chats/reopen", chosen)
    assert states(*chats) == ["open"] * 3
    assert "needs a name" in press(act="tag", name=" ")


def test_one_chat_of_somebody_else_and_nothing_is_done(
    client_of: ClientOf, mallory: Member, foreign_shop: Site, write: Write, chat: ChatSession, victor: Member
) -> None:
    hers = write(foreign_shop, "hers").chat
    browser = client_of(mallory)
    for foreign in (chat.pk, uuid.uuid4(), "x"):
        for path, data in (("bulk", {"act": "close"}), ("reopen", {})):
            sent = {**data, "chat": [str(hers.pk), str(foreign)]}
            assert browser.post(f"/console/chats/{path}", sent).status_code == 404
    assert browser.post(f"/console/chats/{chat.pk}/reopen").status_code == 404
    assert (
        client_of(victor).post("/console/chats/bulk", {"act": "close", "chat": str(chat.pk)}).status_code
        == 403
    )
    assert states(hers, chat) == ["open", "open"]
    assert browser.post("/console/chats/bulk", {"act": "shout", "chat": str(hers.pk)}).status_code == 404
