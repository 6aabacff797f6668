"""Chats and messages as frames: the shapes of the contract, and nothing of the inside in them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from accounts.access import agent_of
from accounts.models import Agent, Member
from livechat import transcripts
from livechat.actions import messages
from livechat.models import ChatSession, Message, Site
from livechat.tokens import VisitorClaim
from tests.cast import chat_of, say

MESSAGE_KEYS = {
    "id", "seq", "author", "body", "segments", "attachments", "created_at", "edited_at", "deleted",
}  # fmt: skip


@pytest.fixture
def chat(claim: VisitorClaim) -> ChatSession:
    say(claim, "see https://shop.example")
    return chat_of(claim)


def test_times_are_utc_with_milliseconds() -> None:
    east = timezone(timedelta(hours=2))
    assert transcripts.moment(datetime(2026, 3, 1, 1, 2, 3, 456789, east)) == "2026-02-28T23:02:03.456Z"
    assert transcripts.moment(datetime(2026, 3, 1, tzinfo=UTC)) == "2026-03-01T00:00:00.000Z"
    assert transcripts.moment(None) is None


def test_a_visitors_line(chat: ChatSession, site: Site) -> None:
    state = transcripts.message_state(Message.unscoped.get(), site)
    assert set(state) == MESSAGE_KEYS
    assert state["author"] == {
        "kind": "visitor", "id": None, "name": None, "avatar_url": None, "title": None,
    }  # fmt: skip
    assert state["segments"] == [
        {"type": "text", "text": "see "},
        {"type": "link", "text": "https://shop.example", "url": "https://shop.example"},
    ]


def test_an_agents_line_shows_their_face_and_no_address(chat: ChatSession, bob: Member, site: Site) -> None:
    line = messages.post_agent_message(chat.pk, agent_of(bob), "Hello")
    shown = transcripts.message_frame(line, site)
    assert shown["message"]["author"]["name"] == "Bob"
    assert "bob@acme.example" not in str(shown)
    assert str(bob.pk) not in str(shown)


def test_an_agent_without_a_name_appears_under_the_companys(site: Site) -> None:
    assert transcripts.agent_face(Agent(name=""), site)["name"] == site.name


def test_a_deleted_message_keeps_its_place_and_loses_its_words(chat: ChatSession, site: Site) -> None:
    message = Message.unscoped.get()
    message.deleted_at = message.created_at
    state = transcripts.message_state(message, site)
    assert (state["seq"], state["deleted"], state["body"], state["segments"]) == (1, True, "", [])


def test_an_ack_names_what_was_stored(chat: ChatSession) -> None:
    message = Message.unscoped.get()
    assert transcripts.ack_frame(message) == {
        "type": "ack",
        "chat": str(chat.pk),
        "client_message_id": str(message.client_message_id),
        "id": str(message.pk),
        "seq": 1,
        "rev": 1,
        "created_at": transcripts.moment(message.created_at),
    }


def test_a_chat_tells_its_agent_only_when_it_has_one(chat: ChatSession, bob: Member, site: Site) -> None:
    assert transcripts.chat_state(chat, site)["agent"] is None
    messages.post_agent_message(chat.pk, agent_of(bob), "Hello")
    chat.refresh_from_db()
    assert transcripts.chat_state(chat, site)["agent"]["name"] == "Bob"
