"""An agent answers (S7, W4): first answer takes, a closed chat reopens, notes stay inside."""

import uuid

import pytest
from django.db import IntegrityError, transaction

from accounts.access import agent_of
from accounts.errors import NotFound, Refused
from accounts.models import Member
from livechat import access, transcripts
from livechat.actions import chats, messages
from livechat.models import ChatSession, Message, Site
from livechat.segments import from_text
from livechat.tokens import VisitorClaim
from livechat.visitor_reads import message_frames, update
from tests.cast import chat_of, lines_of, say


@pytest.fixture
def chat(claim: VisitorClaim) -> ChatSession:
    say(claim, "Hello?")
    return chat_of(claim)


def note(chat: ChatSession, author: Member, text: str) -> Message:
    return messages.post_note(chat.pk, agent_of(author), text, from_text(text))


def test_an_answer_takes_the_next_place(chat: ChatSession, bob: Member) -> None:
    answer = messages.post_agent_message(chat.pk, agent_of(bob), "Good morning")
    assert (answer.seq, answer.rev, answer.author_kind) == (2, 2, "agent")


def test_the_first_to_answer_takes_the_chat(chat: ChatSession, alice: Member, bob: Member) -> None:
    messages.post_agent_message(chat.pk, agent_of(bob), "Here I am")
    messages.post_agent_message(chat.pk, agent_of(alice), "Me too")
    chat.refresh_from_db()
    assert chat.agent == agent_of(bob)


def test_nobody_known_takes_no_chat(chat: ChatSession, site: Site) -> None:
    answer = messages.post_agent_message(chat.pk, None, "From somebody")
    chat.refresh_from_db()
    assert chat.agent is None
    assert transcripts.author(answer, site)["name"] == site.name


def test_the_same_answer_sent_twice_is_one(chat: ChatSession, bob: Member) -> None:
    key = uuid.uuid4()
    first = messages.post_agent_message(chat.pk, agent_of(bob), "Once", client_message_id=key)
    again = messages.post_agent_message(chat.pk, agent_of(bob), "Once", client_message_id=key)
    assert first.pk == again.pk
    assert lines_of(chat) == ["Hello?", "Once"]


def test_an_answer_to_a_closed_chat_opens_it_again(chat: ChatSession, bob: Member) -> None:
    chats.close_chat(chat.pk)
    messages.post_agent_message(chat.pk, agent_of(bob), "Still there?")
    chat.refresh_from_db()
    assert (chat.status, chat.closed_at) == ("open", None)


def test_an_answer_to_an_old_chat_is_refused_while_a_newer_one_is_open(
    claim: VisitorClaim, chat: ChatSession, bob: Member
) -> None:
    chats.close_chat(chat.pk)
    say(claim, "New question")
    with pytest.raises(Refused) as refusal:
        messages.post_agent_message(chat.pk, agent_of(bob), "Too late")
    assert refusal.value.code == "newer_chat"
    assert "newer chat" in refusal.value.sentence
    assert lines_of(chat) == ["Hello?"]


def test_an_answer_to_no_chat_is_refused(bob: Member) -> None:
    with pytest.raises(NotFound):
        messages.post_agent_message(uuid.uuid4(), agent_of(bob), "Hello?")


def test_mallory_does_not_find_the_chat(chat: ChatSession, mallory: Member) -> None:
    with pytest.raises(NotFound):
        access.chat_for(mallory, chat.pk)


@pytest.mark.parametrize("junk", ["", "1", "null", "\x00", "0" * 500, "📦", None, 7, {}])
def test_a_junk_id_looks_like_a_missing_one(alice: Member, junk: object) -> None:
    with pytest.raises(NotFound):
        access.chat_for(alice, junk)
    with pytest.raises(NotFound):
        access.site_for(alice, junk)


def test_a_note_takes_no_seq_and_no_rev(chat: ChatSession, bob: Member) -> None:
    kept = note(chat, bob, "rude customer")
    chat.refresh_from_db()
    assert (kept.seq, kept.rev, kept.after_seq, kept.is_note) == (None, 0, 1, True)
    assert (chat.last_seq, chat.last_rev) == (1, 1)


def test_a_note_never_reaches_the_visitor(claim: VisitorClaim, chat: ChatSession, bob: Member) -> None:
    note(chat, bob, "rude customer")
    messages.post_agent_message(chat.pk, agent_of(bob), "Good morning")
    arrival = access.arrive(chat.site.public_token, claim.visitor_token, None)
    answer = update(arrival, None, 0)
    assert [line["body"] for line in answer.synced()["messages"]] == ["Hello?", "Good morning"]
    assert "rude" not in str(answer.synced()) + str(message_frames(answer.changes, arrival.site))


def test_a_note_neither_opens_nor_takes_a_chat(chat: ChatSession, bob: Member) -> None:
    chats.close_chat(chat.pk)
    note(chat, bob, "for the record")
    chat.refresh_from_db()
    assert (chat.status, chat.agent) == ("closed", None)


def test_the_database_refuses_a_note_with_a_seq(chat: ChatSession, bob: Member) -> None:
    kept = note(chat, bob, "inside")
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.unscoped.filter(pk=kept.pk).update(seq=2)
