"""S11, S14: in the console a colleague edits and deletes own lines, writes notes, and sees what was said before."""

import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.access import agent_of
from accounts.models import Member
from livechat import chat_lists
from livechat.actions import changes, messages
from livechat.models import ChatSession, Message, MessageVersion, Site
from livechat.tokens import new_claim
from tests.conftest import ClientOf
from tests.console.conftest import Write

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def reply(bob: Member, chat: ChatSession) -> Message:
    return messages.post_agent_message(chat.pk, agent_of(bob), "Two are lfet")


def deed(browser: Client, message: Message, what: str, headers: Any = None, **data: str):
    return browser.post(f"/console/chats/{message.chat_id}/lines/{message.pk}/{what}", data, headers=headers)


def page(browser: Client, chat: ChatSession) -> str:
    return browser.get(f"/console/chats/{chat.pk}").content.decode()


def stored(message: Message) -> Message:
    return Message.unscoped.get(pk=message.pk)


def test_an_own_reply_is_edited_and_says_what_it_said(
    client_of: ClientOf, bob: Member, reply: Message
) -> None:
    browser = client_of(bob)
    answer = deed(browser, reply, "edit", HTMX, body="Two are left").content.decode()
    assert stored(reply).body == "Two are left"
    assert "edited</summary>" in answer
    assert "Two are lfet" in answer
    assert "changed by Bob" in answer


def test_a_reply_that_begins_as_a_note_now_is_taken_back_and_no_edit_sends_it_again(
    client_of: ClientOf, bob: Member, reply: Message
) -> None:
    browser = client_of(bob)
    deed(browser, reply, "edit", HTMX, body=";; only two are left")
    assert (stored(reply).body, stored(reply).deleted_at is None) == ("", False)
    note = Message.unscoped.get(chat=reply.chat_id, is_note=True)
    assert (note.body, note.seq) == (";; only two are left", None)
    deed(browser, note, "edit", HTMX, body="only two are left")
    assert (stored(note).body, stored(note).is_note) == ("only two are left", True)


def test_an_own_reply_is_deleted_and_says_by_whom(client_of: ClientOf, bob: Member, reply: Message) -> None:
    answer = deed(client_of(bob), reply, "delete", HTMX).content.decode()
    assert stored(reply).deleted_at is not None
    assert "Deleted by Bob" in answer


def test_without_a_script_the_page_comes_back(client_of: ClientOf, bob: Member, reply: Message) -> None:
    answer = deed(client_of(bob), reply, "edit", body="Two are left")
    assert (answer.status_code, answer["Location"]) == (302, f"/console/chats/{reply.chat_id}")


def test_what_a_deleted_line_said_is_for_those_who_manage(
    client_of: ClientOf, alice: Member, bob: Member, reply: Message, chat: ChatSession
) -> None:
    changes.withdraw_by_agent(chat.pk, reply.pk, agent_of(bob))
    assert "Two are lfet" in page(client_of(alice), chat)
    assert "Two are lfet" not in page(client_of(bob), chat)


def test_a_visitors_withdrawn_line_names_the_visitor(
    client_of: ClientOf, bob: Member, shop: Site, write: Write
) -> None:
    claim = new_claim(shop.pk)
    line = write(shop, "my password is hunter2", claim)
    changes.withdraw_by_visitor(claim, line.pk)
    shown = page(client_of(bob), line.chat)
    assert f"Withdrawn by {line.chat.visitor.display_name}" in shown
    assert "hunter2" not in shown


def test_only_ones_own_lines_offer_a_change(
    client_of: ClientOf, alice: Member, bob: Member, victor: Member, reply: Message, chat: ChatSession
) -> None:
    offered = [f"lines/{reply.pk}/edit" in page(client_of(who), chat) for who in (bob, alice, victor)]
    assert offered == [True, False, False]


@pytest.mark.parametrize("what", ["edit", "delete"])
def test_a_colleagues_line_is_refused_with_a_sentence(
    client_of: ClientOf, alice: Member, reply: Message, what: str
) -> None:
    answer = deed(client_of(alice), reply, what, HTMX, body="No")
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#reply-error")
    assert "Only what you wrote yourself can be changed." in answer.content.decode()
    assert stored(reply).body == "Two are lfet"


@pytest.mark.parametrize("what", ["edit", "delete"])
def test_a_viewer_and_mallory_change_nothing(
    client_of: ClientOf, victor: Member, mallory: Member, reply: Message, what: str
) -> None:
    assert deed(client_of(victor), reply, what, body="No").status_code == 403
    assert deed(client_of(mallory), reply, what, body="No").status_code == 404
    assert not MessageVersion.unscoped.exists()


@pytest.mark.parametrize("what", ["edit", "delete"])
def test_a_line_of_another_chat_is_not_found(
    client_of: ClientOf, bob: Member, reply: Message, shop: Site, write: Write, what: str
) -> None:
    other = write(shop, "Hello").chat
    answer = client_of(bob).post(f"/console/chats/{other.pk}/lines/{reply.pk}/{what}", {"body": "No"})
    assert answer.status_code == 404


@pytest.mark.parametrize("what", ["edit", "delete"])
def test_a_change_needs_post(client_of: ClientOf, bob: Member, reply: Message, what: str) -> None:
    answer = client_of(bob).get(f"/console/chats/{reply.chat_id}/lines/{reply.pk}/{what}")
    assert answer.status_code == 405


@pytest.mark.parametrize(
    "body, sentence", [("", "Write something first."), ("x" * 8001, "Please send it in parts.")]
)
def test_an_edit_that_cannot_be_is_refused(
    client_of: ClientOf, bob: Member, reply: Message, body: str, sentence: str
) -> None:
    answer = deed(client_of(bob), reply, "edit", HTMX, body=body)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


# --- notes --------------------------------------------------------------------------------------------------------


def test_a_note_is_written_shown_and_never_sent(client_of: ClientOf, bob: Member, chat: ChatSession) -> None:
    browser, key = client_of(bob), uuid.uuid4()
    for _ in range(2):
        browser.post(
            f"/console/chats/{chat.pk}/reply",
            {"body": "He asks every week", "kind": "note", "client_message_id": key},
        )
    note = Message.unscoped.get(chat=chat, is_note=True)
    assert (note.body, note.seq, note.mirror_state) == ("He asks every week", None, "none")
    shown = page(browser, chat)
    assert "Note, your team only" in shown
    assert f"lines/{note.pk}/edit" in shown


def test_a_kind_that_is_none_is_refused(client_of: ClientOf, bob: Member, chat: ChatSession) -> None:
    answer = client_of(bob).post(
        f"/console/chats/{chat.pk}/reply", {"body": "Hello", "kind": "shout"}, headers=HTMX
    )
    assert answer.status_code == 422
    assert not Message.unscoped.filter(author_kind="agent").exists()


# --- who waits ----------------------------------------------------------------------------------------------------

OPEN = chat_lists.choice_of({})


def waiting(member: Member) -> int:
    return chat_lists.counts_of(member, OPEN).waiting


def test_a_withdrawn_answer_leaves_the_visitor_waiting(
    bob: Member, reply: Message, chat: ChatSession
) -> None:
    assert waiting(bob) == 0
    changes.withdraw_by_agent(chat.pk, reply.pk, agent_of(bob))
    row = chat_lists.chat_page(bob, OPEN).rows[0]
    assert (row.waiting, row.excerpt) == (True, "Is the blue one in stock?")
    assert waiting(bob) == 1


def test_who_withdrew_the_only_question_waits_for_nothing(bob: Member, shop: Site, write: Write) -> None:
    claim = new_claim(shop.pk)
    line = write(shop, "Never mind", claim)
    changes.withdraw_by_visitor(claim, line.pk)
    assert waiting(bob) == 0
    assert chat_lists.chat_page(bob, OPEN).rows[0].excerpt == ""
