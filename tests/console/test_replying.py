"""A reply from the console (C2): once however often it is sent, by those who may, in words people understand."""

import uuid

import pytest
from django.test import Client

from accounts.models import Member
from livechat.actions.chats import close_chat
from livechat.models import ChatSession, Message
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db


def reply(browser: Client, chat: ChatSession, body: str, key: object = None, **headers: str):
    data = {"body": body, "client_message_id": key or uuid.uuid4()}
    return browser.post(f"/console/chats/{chat.id}/reply", data, headers=headers)


def answers(chat: ChatSession) -> list[str]:
    found = Message.unscoped.filter(chat=chat, author_kind="agent").order_by("seq")
    return list(found.values_list("body", flat=True))


def test_a_reply_reaches_the_chat_under_the_agents_name(
    client_of: ClientOf, bob: Member, chat: ChatSession
) -> None:
    answer = reply(client_of(bob), chat, "Yes, two are left.")
    assert answer.status_code == 302
    message = Message.unscoped.select_related("agent").get(chat=chat, author_kind="agent")
    assert message.agent is not None
    assert (message.body, message.agent.name) == ("Yes, two are left.", "Bob")


def test_a_reply_sent_twice_is_one_message(client_of: ClientOf, bob: Member, chat: ChatSession) -> None:
    key, browser = uuid.uuid4(), client_of(bob)
    reply(browser, chat, "Yes.", key)
    reply(browser, chat, "Yes.", key)
    assert answers(chat) == ["Yes."]


@pytest.mark.parametrize("body", [";; he never pays", "note: he never pays", " Note: he never pays"])
def test_what_begins_like_a_note_stays_inside_here_as_in_slack(
    client_of: ClientOf, bob: Member, chat: ChatSession, body: str
) -> None:
    reply(client_of(bob), chat, body)
    note = Message.unscoped.get(chat=chat, author_kind="agent")
    assert (note.is_note, note.seq, note.body) == (True, None, body.strip())


def test_with_a_script_the_new_lines_come_back_at_once(
    client_of: ClientOf, bob: Member, chat: ChatSession
) -> None:
    answer = reply(client_of(bob), chat, "Yes, two are left.", **{"HX-Request": "true"})
    assert answer.status_code == 200
    assert "Yes, two are left." in answer.content.decode()


def test_line_ends_are_kept_as_one_character(client_of: ClientOf, bob: Member, chat: ChatSession) -> None:
    reply(client_of(bob), chat, "One\r\nTwo  ")
    assert answers(chat) == ["One\nTwo"]


def test_eight_thousand_characters_fit_although_line_ends_travel_as_two(
    client_of: ClientOf, bob: Member, chat: ChatSession
) -> None:
    reply(client_of(bob), chat, "x\r\n" * 3999 + "yz")
    assert [len(body) for body in answers(chat)] == [8000]


@pytest.mark.parametrize(
    "body, sentence",
    [
        ("", "Write something first."),
        (" \r\n ", "Write something first."),
        ("x" * 8001, "Please send it in parts."),
        ("a\0b", "Null characters are not allowed."),
    ],
)
def test_a_reply_that_cannot_go_is_refused_with_a_sentence(
    client_of: ClientOf, bob: Member, chat: ChatSession, body: str, sentence: str
) -> None:
    answer = reply(client_of(bob), chat, body, **{"HX-Request": "true"})
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#reply-error"
    assert sentence in answer.content.decode()
    assert answers(chat) == []


def test_a_key_that_is_no_key_asks_for_a_reload(client_of: ClientOf, bob: Member, chat: ChatSession) -> None:
    answer = reply(client_of(bob), chat, "Yes.", "x" * 50, **{"HX-Request": "true"})
    assert "Reload it and send again." in answer.content.decode()
    assert answers(chat) == []


def test_answering_a_closed_chat_opens_it_again(client_of: ClientOf, bob: Member, chat: ChatSession) -> None:
    close_chat(chat.id)
    reply(client_of(bob), chat, "One more thing.")
    chat.refresh_from_db()
    assert chat.is_open


def test_closing_a_chat_twice_is_harmless(client_of: ClientOf, bob: Member, chat: ChatSession) -> None:
    browser = client_of(bob)
    for _ in range(2):
        assert browser.post(f"/console/chats/{chat.id}/close").status_code == 302
    chat.refresh_from_db()
    assert not chat.is_open


@pytest.mark.parametrize("deed", ["reply", "close"])
def test_a_viewer_may_not_write(client_of: ClientOf, victor: Member, chat: ChatSession, deed: str) -> None:
    answer = client_of(victor).post(f"/console/chats/{chat.id}/{deed}", {"body": "Hello"})
    assert answer.status_code == 403
    assert "Viewers read chats" in answer.content.decode()
    chat.refresh_from_db()
    assert (answers(chat), chat.is_open) == ([], True)


@pytest.mark.parametrize("deed", ["reply", "close"])
def test_mallory_cannot_touch_acmes_chat(
    client_of: ClientOf, mallory: Member, chat: ChatSession, deed: str
) -> None:
    assert client_of(mallory).post(f"/console/chats/{chat.id}/{deed}", {"body": "Hello"}).status_code == 404
    chat.refresh_from_db()
    assert (answers(chat), chat.is_open) == ([], True)


@pytest.mark.parametrize("deed", ["reply", "close"])
def test_a_deed_needs_post(client_of: ClientOf, bob: Member, chat: ChatSession, deed: str) -> None:
    assert client_of(bob).get(f"/console/chats/{chat.id}/{deed}").status_code == 405


def test_a_reply_without_the_pages_proof_is_refused_kindly(bob: Member, chat: ChatSession) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(bob.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = reply(browser, chat, "Hello")
    assert answer.status_code == 403
    assert "That form was out of date" in answer.content.decode()
    assert answers(chat) == []
