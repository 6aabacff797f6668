"""A visitor's socket after welcome: ack, message, sync, marks, and what is not built (contract §4)."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings

from accounts.access import agent_of
from accounts.models import Member
from livechat import events
from livechat.actions import chats, messages
from livechat.models import ChatSession, Message, Site, Visitor
from livechat.tokens import VisitorClaim
from tests.cast import chat_of, lines_of, newcomer, say
from tests.serving import Served, Socket


@pytest.fixture
def tab(server: Served, site: Site, claim: VisitorClaim):
    with server.socket() as socket:
        socket.hello(site.public_token, visitor_token=claim.visitor_token)
        yield socket


@pytest.fixture
def other_tab(server: Served, site: Site, claim: VisitorClaim):
    with server.socket() as socket:
        socket.hello(site.public_token, visitor_token=claim.visitor_token)
        yield socket


def answer(chat: ChatSession, agent: Member, text: str) -> Message:
    return messages.post_agent_message(chat.pk, agent_of(agent), text)


def test_an_ack_means_stored(tab: Socket) -> None:
    key = str(uuid.uuid4())
    ack = tab.say("Do you ship to Norway?", key)
    stored = Message.unscoped.get()
    assert (ack["type"], ack["client_message_id"], ack["id"]) == ("ack", key, str(stored.pk))
    assert (ack["seq"], ack["rev"], ack["chat"]) == (1, 1, str(stored.chat_id))


def test_a_commit_that_fails_is_not_acked(tab: Socket, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row points at no site: the database finds out at commit, after every statement went well."""

    def break_the_commit(fact: events.MessagePosted) -> None:
        Visitor.unscoped.create(id=uuid.uuid4(), site_id=uuid.uuid4(), token_hash="0" * 64)

    key = str(uuid.uuid4())
    with monkeypatch.context() as broken:
        broken.setitem(events._promises, events.MessagePosted, [break_the_commit])
        error = tab.say("Hello", key)
        assert (error["code"], error["client_message_id"]) == ("unavailable", key)
        assert error["retry_ms"] > 0
        assert not Message.unscoped.exists()
    assert tab.say("Hello", key)["seq"] == 1


def test_a_promise_that_fails_is_not_acked_either(tab: Socket, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(fact: events.MessagePosted) -> None:
        Message.unscoped.filter(pk=fact.message.pk).update(seq=None)

    monkeypatch.setitem(events._promises, events.MessagePosted, [refuse])
    assert tab.say("Hello")["code"] == "unavailable"
    assert not Message.unscoped.exists()


def test_the_same_message_twice_is_acked_twice_and_stored_once(tab: Socket) -> None:
    key = str(uuid.uuid4())
    assert tab.say("Hello", key) == tab.say("Hello", key)
    assert Message.unscoped.count() == 1


@pytest.mark.parametrize("spelled", [str.upper, lambda key: key.replace("-", ""), "{{{}}}".format])
def test_an_ack_says_the_id_as_it_was_sent(tab: Socket, spelled: Callable[[str], str]) -> None:
    """A program that looks for its own spelling would repeat the message for ever."""
    key = str(uuid.uuid4())
    assert tab.say("Hello", spelled(key))["client_message_id"] == spelled(key)
    assert tab.say("Hello", key)["client_message_id"] == key
    assert Message.unscoped.count() == 1


def test_the_sender_hears_the_ack_alone_and_the_other_tab_the_message(tab: Socket, other_tab: Socket) -> None:
    ack = tab.say("Hello")
    chat, heard = other_tab.hear_type("chat"), other_tab.hear_type("message")
    assert chat["chat"]["id"] == ack["chat"] == heard["chat"]
    assert (heard["rev"], heard["message"]["id"], heard["message"]["body"]) == (1, ack["id"], "Hello")
    assert tab.is_silent()


def test_both_tabs_end_with_the_same_words(tab: Socket, other_tab: Socket, claim: VisitorClaim) -> None:
    tab.say("one")
    other_tab.hear_until("message")
    other_tab.say("two")
    assert tab.hear_type("message")["message"]["body"] == "two"
    tab.say("three")
    assert other_tab.hear_type("message")["rev"] == 3
    assert lines_of(chat_of(claim)) == ["one", "two", "three"]


def test_an_answer_arrives_with_its_author(tab: Socket, claim: VisitorClaim, bob: Member) -> None:
    tab.say("Hello?")
    answer(chat_of(claim), bob, "Good morning")
    heard = tab.hear_until("message")
    assert heard[0]["type"] == "chat"
    assert heard[0]["chat"]["agent"]["name"] == "Bob"
    assert (heard[-1]["message"]["author"]["name"], heard[-1]["rev"]) == ("Bob", 2)


def test_a_note_is_not_heard(tab: Socket, claim: VisitorClaim, bob: Member) -> None:
    tab.say("Hello?")
    messages.post_note(chat_of(claim).pk, agent_of(bob), "careful", [{"type": "text", "text": "careful"}])
    assert tab.is_silent()


def test_a_gap_is_filled_by_sync(tab: Socket, claim: VisitorClaim, bob: Member) -> None:
    chat = tab.say("one")["chat"]
    answer(chat_of(claim), bob, "two")
    tab.hear_until("message")
    tab.send(type="sync", chat=chat, last_rev=0)
    synced = tab.hear_type("synced")
    assert (synced["chat"], synced["rev"], synced["more"]) == (chat, 2, False)
    assert [line["body"] for line in synced["messages"]] == ["one", "two"]


def test_sync_equals_a_fresh_welcome(
    tab: Socket, server: Served, site: Site, claim: VisitorClaim, bob: Member
) -> None:
    chat = tab.say("one")["chat"]
    answer(chat_of(claim), bob, "two")
    tab.hear_until("message")
    tab.send(type="sync", chat=chat, last_rev=0)
    with server.socket() as fresh:
        welcome = fresh.hello(site.public_token, visitor_token=claim.visitor_token)
    assert tab.hear_type("synced")["messages"] == welcome["messages"]


def test_sync_of_a_foreign_chat_gives_ones_own(
    tab: Socket, site: Site, globex_site: Site, claim: VisitorClaim
) -> None:
    mine = tab.say("mine")["chat"]
    foreign = say(newcomer(globex_site), "secret")
    tab.send(type="sync", chat=str(foreign.chat_id), last_rev=0)
    heard = tab.hear_until("synced")
    assert heard[-1]["chat"] == mine
    assert "secret" not in str(heard)


def test_what_was_missed_before_the_own_message_comes_before_its_ack(
    tab: Socket, claim: VisitorClaim, bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab.say("one")
    with monkeypatch.context() as deaf:
        deaf.setitem(events._after_commit, events.MessagePosted, [])
        deaf.setitem(events._after_commit, events.ChatChanged, [])
        answer(chat_of(claim), bob, "two")
    missed, ack = tab.say("three"), tab.hear()
    assert (missed["type"], missed["rev"]) == ("message", 2)
    assert (ack["type"], ack["rev"]) == ("ack", 3)


def test_seen_marks_reach_the_row(tab: Socket, claim: VisitorClaim, bob: Member) -> None:
    tab.say("one")
    answer(chat_of(claim), bob, "two")
    tab.hear_until("message")
    tab.send(type="seen", seq=2)
    tab.say("so that the frame before is done")
    assert chat_of(claim).visitor_seen_seq == 2


def test_what_the_team_has_seen_and_what_slack_has_is_told(tab: Socket, claim: VisitorClaim) -> None:
    ack = tab.say("one")
    chats.note_agent_seen(uuid.UUID(ack["chat"]), 1)
    assert tab.hear_type("seen")["seq"] == 1
    with transaction.atomic():
        chat, message = messages.lock_chat(uuid.UUID(ack["chat"])), Message.unscoped.get(pk=ack["id"])
        messages.note_mirrored(chat, [message], Message.Mirror.SENT)
    told = tab.hear_type("delivered")
    assert (told["chat"], told["seq"]) == (ack["chat"], 1)


def test_ending_a_chat_is_confirmed_and_told(tab: Socket, other_tab: Socket, claim: VisitorClaim) -> None:
    tab.say("one")
    other_tab.hear_until("message")
    tab.send(type="end")
    kinds = {tab.hear()["type"], tab.hear()["type"]}
    assert kinds == {"done", "chat"}
    assert other_tab.hear_type("chat")["chat"]["status"] == "closed"
    assert chat_of(claim).status == "closed"


def test_a_message_after_the_end_starts_a_new_chat_everywhere(tab: Socket, other_tab: Socket) -> None:
    first = tab.say("one")["chat"]
    other_tab.hear_until("message")
    tab.send(type="end")
    tab.hear(), tab.hear(), other_tab.hear()
    ack = tab.say("two")
    assert ack["chat"] != first
    assert (ack["seq"], ack["rev"]) == (1, 1)
    heard = other_tab.hear_until("message")
    assert (heard[0]["chat"]["id"], heard[-1]["chat"], heard[-1]["rev"]) == (ack["chat"], ack["chat"], 1)


def test_frames_without_a_chat_do_nothing(tab: Socket) -> None:
    for frame in (
        {"type": "seen", "seq": 1},
        {"type": "typing"},
        {"type": "page", "url": "https://a.example"},
    ):
        tab.send(**frame)
    tab.send(type="end")
    assert tab.hear_type("done")["of"] == "end"


def test_the_page_is_kept_with_the_chat(tab: Socket, claim: VisitorClaim) -> None:
    tab.say("one")
    tab.send(type="page", url="https://shop.example/cart", title="Cart")
    tab.say("two")
    assert chat_of(claim).page_url == "https://shop.example/cart"


def test_a_department_counts_for_the_chat_that_begins_next(tab: Socket, claim: VisitorClaim) -> None:
    tab.send(type="page", url="https://shop.example/", department="  Billing\n" + "x" * 100)
    tab.say("one")
    tab.send(type="page", url="https://shop.example/", department="Sales")
    tab.send(type="page", url="https://shop.example/cart")
    tab.say("two")
    assert chat_of(claim).department == ("Billing " + "x" * 100)[:80]
    tab.send(type="end")
    tab.hear_type("done")
    tab.send(type="message", client_message_id=str(uuid.uuid4()), body="three")
    tab.hear_until("ack")
    assert chat_of(claim).department == "Sales"


UNBUILT: list[dict[str, Any]] = [
    {"type": "form", "fields": {"email": "x"}},
    {"type": "rate", "stars": 5},
    {"type": "rate", "stars": 1, "comment": "slow"},
]


@pytest.mark.parametrize("frame", UNBUILT, ids=lambda frame: frame["type"])
def test_what_is_not_built_is_refused_and_the_socket_stays(tab: Socket, frame: dict[str, Any]) -> None:
    tab.send(**frame)
    error = tab.hear_type("error")
    assert (error["code"], error["id"]) == ("refused", frame.get("id"))
    assert tab.say("still here")["type"] == "ack"


def test_too_long_is_told_for_this_message(tab: Socket) -> None:
    key = str(uuid.uuid4())
    error = tab.say("x" * 8001, key)
    assert (error["code"], error["client_message_id"]) == ("too_long", key)
    assert tab.say("x" * 8000)["type"] == "ack"


def test_a_hasty_visitor_is_slowed_down_and_loses_nothing(tab: Socket, settings: Settings) -> None:
    settings.LIMITS_SCALE = 0.2
    keys = [str(uuid.uuid4()) for _ in range(3)]
    answers = [tab.say("fast", key) for key in keys]
    assert [one["type"] for one in answers] == ["ack", "ack", "error"]
    assert (answers[2]["code"], answers[2]["client_message_id"]) == ("rate_limited", keys[2])
    assert answers[2]["retry_ms"] > 0
    settings.LIMITS_SCALE = 1
    assert Message.unscoped.count() == 2


def test_who_repeats_what_is_stored_is_not_told_to_wait(tab: Socket, settings: Settings) -> None:
    """The ack got lost, and Slack has the line."""
    settings.LIMITS_SCALE = 0.2
    keys = [str(uuid.uuid4()) for _ in range(3)]
    answers = [tab.say("fast", key) for key in keys]
    assert answers[2]["code"] == "rate_limited"
    assert tab.say("fast", keys[0]) == answers[0]
    assert tab.say("fast", keys[2])["code"] == "rate_limited"
    answers = [tab.say("fast", keys[0]) for _ in range(10)]
    assert answers[-1]["code"] == "rate_limited"


def test_hasty_syncs_are_slowed_down(tab: Socket, settings: Settings) -> None:
    settings.LIMITS_SCALE = 0.05
    for expected in ("synced", "error"):
        tab.send(type="sync", last_rev=0)
        assert tab.hear()["type"] == expected


def test_the_first_line_of_an_earlier_chat_sent_again_leads_nobody_back(
    server: Served, site: Site, claim: VisitorClaim
) -> None:
    key = uuid.uuid4()
    say(claim, "the first chat", key)
    chats.close_chat(chat_of(claim).pk)
    say(claim, "the second chat")
    with server.socket() as tab:
        tab.hello(site.public_token, visitor_token=claim.visitor_token)
        assert tab.say("the first chat", str(key))["type"] == "ack"
        say(claim, "still the second")
        frame = tab.hear_type("message")
    assert (frame["message"]["body"], frame["rev"]) == ("still the second", 2)
