"""S11: a visitor changes an own message (contract §4), an agent an own reply; what was said before is kept."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.access import agent_of
from accounts.errors import NotFound, Refused
from accounts.models import Member
from livechat import events
from livechat.access import changes_since
from livechat.actions import changes, chats, messages
from livechat.missed_rings import _moved
from livechat.models import ChatSession, Message, MessageVersion, Site
from livechat.tokens import VisitorClaim
from livechat.transcripts import message_state
from tests.cast import chat_of, newcomer, say
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


def change(tab: Socket, **frame: Any) -> dict[str, Any]:
    tab.send(**frame)
    return tab.hear()


def versions(message_id: uuid.UUID | str) -> list[tuple[str, str, str]]:
    found = MessageVersion.unscoped.filter(message_id=message_id).order_by("pk")
    return list(found.values_list("change", "body", "by_kind"))


def grow_old(message_id: uuid.UUID | str, by: timedelta = changes.MAY_CHANGE) -> None:
    Message.unscoped.filter(pk=message_id).update(created_at=timezone.now() - by - timedelta(seconds=1))


# --- over the socket ----------------------------------------------------------------------------------------------


def test_an_edit_is_answered_by_the_message_and_heard_in_the_other_tab(
    tab: Socket, other_tab: Socket
) -> None:
    ack = tab.say("Where is my oder?")
    other_tab.hear_until("message")
    told = change(tab, type="edit", id=ack["id"], body="Where is my order?")
    assert (told["type"], told["rev"], told["chat"]) == ("message", 2, ack["chat"])
    message = told["message"]
    assert (message["id"], message["seq"], message["body"]) == (ack["id"], 1, "Where is my order?")
    assert message["segments"] == [{"type": "text", "text": "Where is my order?"}]
    assert message["edited_at"]
    assert not message["deleted"]
    assert other_tab.hear_type("message") == told
    assert tab.is_silent()


def test_a_withdrawn_message_keeps_its_place_and_loses_its_words(tab: Socket, other_tab: Socket) -> None:
    ack = tab.say("my password is hunter2")
    tab.say("sorry")
    other_tab.hear_until("message"), other_tab.hear_type("message")
    told = change(tab, type="withdraw", id=ack["id"])
    message = told["message"]
    assert (told["rev"], message["seq"], message["deleted"]) == (3, 1, True)
    assert (message["body"], message["segments"]) == ("", [])
    assert other_tab.hear_type("message") == told
    stored = Message.unscoped.get(pk=ack["id"])
    assert (stored.body, stored.segments) == ("", [])
    assert versions(ack["id"]) == [("withdrawn", "my password is hunter2", "visitor")]


def test_a_fresh_load_shows_the_newest_state_alone(
    tab: Socket, server: Served, site: Site, claim: VisitorClaim
) -> None:
    first, second = tab.say("secret"), tab.say("oen")
    change(tab, type="withdraw", id=first["id"])
    change(tab, type="edit", id=second["id"], body="one")
    with server.socket() as fresh:
        welcome = fresh.hello(site.public_token, visitor_token=claim.visitor_token)
    assert [(line["body"], line["deleted"]) for line in welcome["messages"]] == [("", True), ("one", False)]
    assert "secret" not in str(welcome)
    assert welcome["rev"] == 4


def test_a_repeated_change_is_answered_alike_and_done_once(tab: Socket) -> None:
    ack = tab.say("oen")
    assert change(tab, type="edit", id=ack["id"], body="one") == change(
        tab, type="edit", id=ack["id"], body="one"
    )
    assert change(tab, type="withdraw", id=ack["id"]) == change(tab, type="withdraw", id=ack["id"])
    assert [name for name, *_ in versions(ack["id"])] == ["edited", "withdrawn"]


def test_what_was_missed_before_a_change_comes_before_its_answer(
    tab: Socket, claim: VisitorClaim, bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    ack = tab.say("oen")
    with monkeypatch.context() as deaf:
        deaf.setitem(events._after_commit, events.MessagePosted, [])
        deaf.setitem(events._after_commit, events.ChatChanged, [])
        messages.post_agent_message(chat_of(claim).pk, agent_of(bob), "two")
    missed = change(tab, type="edit", id=ack["id"], body="one")
    assert (missed["message"]["body"], missed["rev"]) == ("two", 2)
    assert tab.hear_type("message")["rev"] == 3


@pytest.mark.parametrize("known", [True, False], ids=["in its chat", "fresh"])
def test_a_line_sent_again_after_its_change_is_shown_as_it_is_now(
    server: Served, site: Site, claim: VisitorClaim, tab: Socket, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    """Another tab changed it, and the sender, whose first ack was lost, has not heard of it."""
    key = str(uuid.uuid4())
    with server.socket() as late, monkeypatch.context() as deaf:
        if known:
            tab.say("oen", key)
        late.hello(site.public_token, visitor_token=claim.visitor_token)
        if not known:
            deaf.setitem(events._after_commit, events.MessagePosted, [])
            tab.say("oen", key)
        deaf.setitem(events._after_commit, events.MessageChanged, [])
        change(tab, type="edit", id=str(Message.unscoped.get().pk), body="one")
        late.send(type="message", client_message_id=key, body="oen")
        heard = late.hear_until("ack")
    assert [frame["message"]["body"] for frame in heard if frame["type"] == "message"] == ["one"]
    assert heard[-1]["rev"] == 2


def test_a_message_of_the_chat_before_can_still_be_changed(tab: Socket) -> None:
    old = tab.say("one")
    tab.send(type="end")
    tab.hear(), tab.hear()
    new = tab.say("two")
    told = change(tab, type="withdraw", id=old["id"])
    assert (told["chat"], told["message"]["deleted"]) == (old["chat"], True)
    assert tab.say("three")["rev"] == new["rev"] + 1
    assert ChatSession.unscoped.get(pk=old["chat"]).status == "closed"


@pytest.mark.parametrize("kind", ["edit", "withdraw"])
@pytest.mark.parametrize("named", ["agents", "strangers", "nobodys", "junk"])
def test_only_ones_own_can_be_changed(
    tab: Socket, site: Site, claim: VisitorClaim, bob: Member, kind: str, named: str
) -> None:
    tab.say("mine")
    answer = messages.post_agent_message(chat_of(claim).pk, agent_of(bob), "Bob's")
    tab.hear_until("message")
    ids = {
        "agents": str(answer.pk),
        "strangers": str(say(newcomer(site), "theirs").pk),
        "nobodys": str(uuid.uuid4()),
        "junk": "x\u0000y",
    }
    body = {"body": "changed"} if kind == "edit" else {}
    error = change(tab, type=kind, id=ids[named], **body)
    assert (error["code"], error["id"]) == ("refused", ids[named])
    assert error["detail"] == "Only your own messages can be changed."
    assert not MessageVersion.unscoped.exists()


@pytest.mark.parametrize("kind", ["edit", "withdraw"])
def test_after_ten_minutes_a_change_is_refused_with_a_sentence(tab: Socket, kind: str) -> None:
    ack = tab.say("one")
    grow_old(ack["id"])
    body = {"body": "changed"} if kind == "edit" else {}
    error = change(tab, type=kind, id=ack["id"], **body)
    assert (error["type"], error["code"]) == ("error", "refused")
    assert "10 minutes" in error["detail"]
    assert Message.unscoped.get(pk=ack["id"]).body == "one"


def test_a_withdrawn_message_cannot_be_edited(tab: Socket) -> None:
    ack = tab.say("one")
    change(tab, type="withdraw", id=ack["id"])
    error = change(tab, type="edit", id=ack["id"], body="back again")
    assert (error["code"], error["detail"]) == (
        "refused",
        "This message was withdrawn. Write a new one instead.",
    )


@pytest.mark.parametrize(
    "body, code", [("", "bad_frame"), (" \n", "bad_frame"), ("x" * 8001, "too_long"), (None, "bad_frame")]
)
def test_an_edit_obeys_the_rules_of_a_message(tab: Socket, body: object, code: str) -> None:
    ack = tab.say("one")
    error = change(tab, type="edit", id=ack["id"], body=body)
    assert (error["code"], error["id"]) == (code, ack["id"])
    assert Message.unscoped.get(pk=ack["id"]).body == "one"


def test_a_flood_of_changes_is_slowed_down(tab: Socket) -> None:
    ack = tab.say("one")
    answers = [change(tab, type="edit", id=ack["id"], body=f"word {number}") for number in range(11)]
    assert [answer["type"] for answer in answers] == ["message"] * 10 + ["error"]
    assert (answers[-1]["code"], answers[-1]["id"]) == ("rate_limited", ack["id"])
    assert answers[-1]["retry_ms"] > 0


# --- in the domain ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_change_takes_the_next_rev_and_keeps_what_was_said(claim: VisitorClaim) -> None:
    message = say(claim, "one")
    changes.edit_by_visitor(claim, message.pk, "two")
    changes.edit_by_visitor(claim, message.pk, "three")
    changes.withdraw_by_visitor(claim, message.pk)
    chat = chat_of(claim)
    assert (chat.last_seq, chat.last_rev) == (1, 4)
    assert [(line.seq, line.rev) for line in changes_since(chat, 0).messages] == [(1, 4)]
    assert versions(message.pk) == [
        ("edited", "one", "visitor"),
        ("edited", "two", "visitor"),
        ("withdrawn", "three", "visitor"),
    ]


@pytest.mark.django_db
def test_another_browser_with_the_same_visitor_but_another_token_changes_nothing(
    claim: VisitorClaim, site: Site
) -> None:
    message = say(claim, "mine")
    forged = VisitorClaim(claim.visitor_id, site.pk, "0" * 64, claim.visitor_token)
    with pytest.raises(Refused):
        changes.withdraw_by_visitor(forged, message.pk)


@pytest.mark.django_db
def test_an_agent_edits_and_deletes_an_own_reply_at_any_time(claim: VisitorClaim, bob: Member) -> None:
    say(claim)
    reply = messages.post_agent_message(chat_of(claim).pk, agent_of(bob), "Yse")
    grow_old(reply.pk)
    changes.edit_by_agent(reply.chat_id, reply.pk, agent_of(bob), "Yes")
    changes.withdraw_by_agent(reply.chat_id, reply.pk, agent_of(bob))
    changes.withdraw_by_agent(reply.chat_id, reply.pk, agent_of(bob))
    assert versions(reply.pk) == [("edited", "Yse", "agent"), ("withdrawn", "Yes", "agent")]
    with pytest.raises(Refused, match="deleted"):
        changes.edit_by_agent(reply.chat_id, reply.pk, agent_of(bob), "Again")


@pytest.mark.django_db
def test_nobody_changes_a_colleagues_or_a_visitors_words(
    claim: VisitorClaim, alice: Member, bob: Member
) -> None:
    line = say(claim)
    reply = messages.post_agent_message(line.chat_id, agent_of(bob), "Yes")
    for message in (line, reply):
        with pytest.raises(Refused, match="wrote yourself"):
            changes.edit_by_agent(line.chat_id, message.pk, agent_of(alice), "No")
    with pytest.raises(NotFound):
        changes.withdraw_by_agent(line.chat_id, uuid.uuid4(), agent_of(alice))


@pytest.mark.django_db
def test_a_reply_that_is_kept_inside_becomes_a_note_in_its_place(claim: VisitorClaim, bob: Member) -> None:
    say(claim, "Can I get a discount?")
    chat_id, agent = chat_of(claim).pk, agent_of(bob)
    reply = messages.post_agent_message(chat_id, agent, "He always asks that")
    say(claim, "Hello?")
    with transaction.atomic():
        chat = messages.lock_chat(chat_id)
        words = (reply.body, reply.segments)
        note = changes.keep_inside(chat, reply, changes.by_agent(agent), *words, mirror=False)
    chat = chat_of(claim)
    seen = [message_state(line, chat.site) for line in changes_since(chat, 0).messages]
    assert [(line["seq"], line["body"], line["deleted"]) for line in seen] == [
        (1, "Can I get a discount?", False),
        (2, "", True),
        (3, "Hello?", False),
    ]
    assert (note.is_note, note.after_seq, note.body) == (True, 2, "He always asks that")
    assert versions(reply.pk) == [("kept", "He always asks that", "agent")]


@pytest.mark.django_db
def test_a_change_of_a_note_is_no_visible_change(claim: VisitorClaim, bob: Member) -> None:
    line = say(claim)
    note = messages.post_note(line.chat_id, agent_of(bob), "carefull", [])
    changes.edit_by_agent(line.chat_id, note.pk, agent_of(bob), "careful")
    changes.withdraw_by_agent(line.chat_id, note.pk, agent_of(bob))
    assert chat_of(claim).last_rev == 1
    assert versions(note.pk) == [("edited", "carefull", "agent"), ("withdrawn", "careful", "agent")]


@pytest.mark.django_db
def test_whoever_missed_the_ring_of_a_change_is_found(claim: VisitorClaim) -> None:
    message = say(claim)
    ChatSession.unscoped.update(last_message_at=timezone.now() - timedelta(minutes=5))
    assert _moved(timezone.now()) == {}
    changes.edit_by_visitor(claim, message.pk, "later")
    assert _moved(timezone.now()) == {str(message.chat_id): 2}


@pytest.mark.django_db
def test_a_change_wakes_no_closed_chat(claim: VisitorClaim) -> None:
    message = say(claim)
    chats.close_chat(message.chat_id)
    changes.edit_by_visitor(claim, message.pk, "later")
    assert not chat_of(claim).is_open
