"""S20: a chat knows since when its visitor waits for an answer, and since when nobody has looked after that."""

import pytest
from django.utils import timezone

from accounts.access import agent_of
from accounts.models import Member
from livechat import waiting
from livechat.actions import messages
from livechat.actions.assigning import assign
from livechat.actions.changes import withdraw_by_agent, withdraw_by_visitor
from livechat.actions.chats import close_chat
from livechat.models import ChatSession, Message
from livechat.tokens import VisitorClaim
from tests.cast import chat_of, say


def answer(chat: ChatSession, member: Member, text: str = "Hi") -> Message:
    return messages.post_agent_message(chat.pk, agent_of(member), text)


def test_a_visitor_waits_since_the_first_line_without_an_answer(claim: VisitorClaim) -> None:
    first = say(claim)
    say(claim, "Anybody?")
    chat = chat_of(claim)
    assert chat.waiting_since == chat.unheeded_since == first.created_at
    assert chat.remind_at == first.created_at + waiting.SOONEST


def test_an_answer_ends_it_and_the_next_line_begins_anew(claim: VisitorClaim, bob: Member) -> None:
    say(claim)
    answer(chat_of(claim), bob)
    chat = chat_of(claim)
    assert (chat.waiting_since, chat.unheeded_since, chat.remind_at) == (None, None, None)
    second = say(claim, "And in blue?")
    assert chat_of(claim).waiting_since == second.created_at


def test_a_note_answers_nobody(claim: VisitorClaim, bob: Member) -> None:
    first = say(claim)
    messages.post_note(chat_of(claim).pk, agent_of(bob), "Who knows about boots?")
    assert chat_of(claim).unheeded_since == first.created_at


@pytest.mark.parametrize("kind", [Message.Author.BOT, Message.Author.SYSTEM])
def test_what_nobody_wrote_answers_nobody(claim: VisitorClaim, kind: str) -> None:
    first = say(claim)
    chat = messages.lock_chat(chat_of(claim).pk)
    messages.append(chat, Message(author_kind=kind, body="We are open from nine."), mirror=False)
    assert chat_of(claim).unheeded_since == first.created_at


def test_whoever_takes_the_chat_is_not_reminded_and_the_visitor_waits_on(
    claim: VisitorClaim, bob: Member
) -> None:
    first = say(claim)
    messages.take(messages.lock_chat(chat_of(claim).pk), agent_of(bob))
    chat = chat_of(claim)
    assert (chat.waiting_since, chat.unheeded_since, chat.remind_at) == (first.created_at, None, None)
    second = say(claim, "Still here")
    chat = chat_of(claim)
    assert (chat.waiting_since, chat.unheeded_since) == (first.created_at, second.created_at)


def test_a_closed_chat_waits_for_nobody(claim: VisitorClaim) -> None:
    say(claim)
    close_chat(chat_of(claim).pk)
    chat = chat_of(claim)
    assert (chat.waiting_since, chat.unheeded_since, chat.remind_at) == (None, None, None)


def test_an_answer_that_opens_the_chat_again_leaves_nobody_waiting(claim: VisitorClaim, bob: Member) -> None:
    say(claim)
    close_chat(chat_of(claim).pk)
    answer(chat_of(claim), bob)
    assert chat_of(claim).waiting_since is None


def test_the_minutes_may_be_counted_anew_for_whoever_waits_and_for_nobody_else(
    claim: VisitorClaim, bob: Member
) -> None:
    say(claim)
    chat, now = chat_of(claim), timezone.now()
    waiting.heed(chat)
    waiting.unheed(chat, now)
    assert (chat.unheeded_since, chat.remind_at) == (now, now + waiting.SOONEST)
    answer(chat, bob)
    answered = chat_of(claim)
    waiting.unheed(answered, now)
    assert answered.unheeded_since is None


def test_whoever_takes_back_an_answer_leaves_the_visitor_waiting_again(
    claim: VisitorClaim, bob: Member
) -> None:
    first = say(claim)
    say(claim, "Anybody?")
    before = timezone.now()
    told = answer(chat_of(claim), bob, "That was for Carol")
    withdraw_by_agent(told.chat_id, told.pk, agent_of(bob))
    chat = chat_of(claim)
    assert chat.waiting_since == first.created_at
    assert chat.unheeded_since is not None
    assert chat.unheeded_since >= before


def test_an_earlier_answer_still_counts(claim: VisitorClaim, bob: Member) -> None:
    say(claim)
    answer(chat_of(claim), bob)
    second = answer(chat_of(claim), bob, "Hi twice")
    withdraw_by_agent(second.chat_id, second.pk, agent_of(bob))
    assert chat_of(claim).waiting_since is None


def test_what_the_visitor_takes_back_is_not_waited_for(claim: VisitorClaim) -> None:
    first, second = say(claim), say(claim, "Anybody?")
    withdraw_by_visitor(claim, first.pk)
    assert chat_of(claim).waiting_since == second.created_at
    withdraw_by_visitor(claim, second.pk)
    chat = chat_of(claim)
    assert (chat.waiting_since, chat.unheeded_since, chat.remind_at) == (None, None, None)


def test_a_note_that_is_taken_back_changes_nothing(claim: VisitorClaim, bob: Member) -> None:
    first = say(claim)
    note = messages.post_note(chat_of(claim).pk, agent_of(bob), "Who knows?")
    withdraw_by_agent(note.chat_id, note.pk, agent_of(bob))
    assert chat_of(claim).unheeded_since == first.created_at


def test_whoever_is_given_the_chat_has_the_minutes_anew(
    claim: VisitorClaim, alice: Member, bob: Member
) -> None:
    first = say(claim)
    assert assign(first.chat_id, agent_of(bob), agent_of(alice), alice.user, None)
    chat = chat_of(claim)
    assert chat.waiting_since == first.created_at
    assert chat.unheeded_since is not None
    assert chat.unheeded_since > first.created_at
    assert assign(first.chat_id, agent_of(alice), agent_of(alice), alice.user, agent_of(bob).pk)
    assert chat_of(claim).unheeded_since is None
