"""Closing, seen marks, where the visitor is, what was delivered: marks that only move forward."""

import uuid

import pytest
from django.db import transaction

from accounts.access import agent_of
from accounts.errors import NotFound
from accounts.models import Member
from livechat.actions import chats, messages
from livechat.models import ChatSession, Message, Site
from livechat.tokens import VisitorClaim
from tests.cast import chat_of, newcomer, say


@pytest.fixture
def chat(claim: VisitorClaim, bob: Member) -> ChatSession:
    say(claim)
    messages.post_agent_message(chat_of(claim).pk, agent_of(bob), "one")
    messages.post_agent_message(chat_of(claim).pk, agent_of(bob), "two")
    return chat_of(claim)


def test_closing_twice_is_harmless(chat: ChatSession) -> None:
    first = chats.close_chat(chat.pk).closed_at
    assert chats.close_chat(chat.pk).closed_at == first


def test_closing_nothing_is_refused(db: None) -> None:
    with pytest.raises(NotFound):
        chats.close_chat(uuid.uuid4())


def test_the_visitor_ends_their_own_chat(claim: VisitorClaim, chat: ChatSession) -> None:
    chats.end_by_visitor(claim)
    chats.end_by_visitor(claim)
    assert chat_of(claim).status == "closed"


def test_another_visitor_ends_nothing(claim: VisitorClaim, chat: ChatSession, site: Site) -> None:
    chats.end_by_visitor(newcomer(site))
    chats.end_by_visitor(VisitorClaim(site.pk, claim.visitor_id, "0" * 64, "vt_stolen"))
    assert chat_of(claim).is_open


def test_seen_marks_only_move_forward(claim: VisitorClaim, chat: ChatSession) -> None:
    for seq, expected in ((2, 2), (1, 2), (0, 2), (3, 3)):
        chats.note_visitor_seen(claim, chat.pk, seq)
        assert chat_of(claim).visitor_seen_seq == expected


def test_seen_marks_stop_at_the_last_message(claim: VisitorClaim, chat: ChatSession) -> None:
    chats.note_visitor_seen(claim, chat.pk, 2**31 - 1)
    chats.note_agent_seen(chat.pk, 99)
    assert (chat_of(claim).visitor_seen_seq, chat_of(claim).agent_seen_seq) == (3, 3)


def test_a_stranger_marks_nothing_as_seen(chat: ChatSession, claim: VisitorClaim, site: Site) -> None:
    chats.note_visitor_seen(newcomer(site), chat.pk, 3)
    assert chat_of(claim).visitor_seen_seq == 0


def test_the_page_of_an_open_chat_follows_the_visitor(claim: VisitorClaim, chat: ChatSession) -> None:
    chats.note_page(claim, chat.pk, "https://shop.example/cart", "Cart")
    assert (chat_of(claim).page_url, chat_of(claim).page_title) == ("https://shop.example/cart", "Cart")


def test_the_page_of_a_closed_chat_stays(claim: VisitorClaim, chat: ChatSession) -> None:
    chats.close_chat(chat.pk)
    chats.note_page(claim, chat.pk, "https://shop.example/cart", "Cart")
    assert chat_of(claim).page_url == ""


def test_the_delivered_mark_only_moves_forward(chat: ChatSession, claim: VisitorClaim) -> None:
    by_seq = {message.seq: message for message in Message.unscoped.filter(chat=chat)}
    for seq, expected in ((2, 2), (1, 2), (3, 3)):
        with transaction.atomic():
            messages.note_mirrored(messages.lock_chat(chat.pk), [by_seq[seq]], Message.Mirror.SENT)
        assert chat_of(claim).delivered_seq == expected


def test_a_long_problem_is_cut_and_kept(chat: ChatSession) -> None:
    message = Message.unscoped.filter(chat=chat, seq=1).get()
    with transaction.atomic():
        messages.note_mirrored(messages.lock_chat(chat.pk), [message], Message.Mirror.FAILED, "x" * 1000)
    message.refresh_from_db()
    assert (message.mirror_state, len(message.mirror_problem)) == ("failed", 300)
