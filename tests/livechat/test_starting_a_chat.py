"""C7: the team begins a chat with somebody who is on the site; of two who begin it one does."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connections
from django.utils import timezone

from accounts.access import agent_of
from accounts.errors import Refused
from accounts.models import Member
from livechat.actions import blocking, chats, sites, starting
from livechat.away import Away
from livechat.models import ChatFigures, ChatSession, Message, Site, Visitor
from livechat.onlookers.board import Onlooker
from livechat.person import Person
from livechat.questions import Form
from livechat.tokens import VisitorClaim
from tests.cast import chat_of, lines_of, say
from tests.serving import Served

pytestmark = pytest.mark.django_db


@pytest.fixture
def onlooker(claim: VisitorClaim) -> Onlooker:
    return Onlooker(
        claim.visitor_id.hex, claim.token_hash, 0, 0, url="https://shop.example/boots", title="Boots"
    )


def start(site: Site, who: Member, to: Onlooker, key: uuid.UUID | None = None) -> ChatSession:
    return starting.start_from_console(site, agent_of(who), to, "May I help?", key or uuid.uuid4())


def test_the_chat_is_the_agents_and_knows_the_page(site: Site, bob: Member, onlooker: Onlooker) -> None:
    chat = start(site, bob, onlooker)
    assert (chat.agent, chat.page_title, chat.is_open) == (agent_of(bob), "Boots", True)
    line = Message.unscoped.get(chat=chat)
    assert (line.seq, line.author_kind, line.agent) == (1, "agent", agent_of(bob))
    chat.refresh_from_db()
    assert chat.waiting_since is None


def test_it_reaches_the_visitors_open_page_and_their_answer_goes_on_in_it(
    server: Served, site: Site, bob: Member, claim: VisitorClaim, onlooker: Onlooker
) -> None:
    with server.socket() as tab:
        tab.hello(site.public_token, visitor_token=claim.visitor_token)
        chat = start(site, bob, onlooker)
        assert tab.hear_type("chat")["chat"]["id"] == str(chat.pk)
        assert tab.hear_type("message")["message"]["body"] == "May I help?"
        tab.send(type="message", client_message_id=str(uuid.uuid4()), body="Yes, please")
        assert (tab.hear_type("ack")["chat"], ChatSession.unscoped.count()) == (str(chat.pk), 1)
    assert lines_of(chat) == ["May I help?", "Yes, please"]


def test_whom_the_website_vouches_for_is_known_from_the_first_line(
    site: Site, bob: Member, onlooker: Onlooker
) -> None:
    person = Person(
        "u-1", timezone.now(), name="Ana", email="ana@shop.example", attributes=(("Plan", "Gold"),)
    )
    visitor = start(site, bob, replace(onlooker, person=person)).visitor
    assert (visitor.is_verified, visitor.external_id, visitor.name) == (True, "u-1", "Ana")


def test_it_is_counted_once_the_visitor_writes(
    site: Site, bob: Member, claim: VisitorClaim, onlooker: Onlooker
) -> None:
    chat = start(site, bob, onlooker)
    assert not ChatFigures.unscoped.filter(chat=chat).exists()
    say(claim, "Yes, please")
    assert ChatFigures.unscoped.filter(chat=chat).exists()


def test_who_presses_twice_starts_it_once(site: Site, bob: Member, onlooker: Onlooker) -> None:
    key = uuid.uuid4()
    assert start(site, bob, onlooker, key) == start(site, bob, onlooker, key)
    assert Message.unscoped.count() == 1


def test_the_second_learns_who_was_first(site: Site, alice: Member, bob: Member, onlooker: Onlooker) -> None:
    chat = start(site, bob, onlooker)
    with pytest.raises(starting.InAChat, match="Bob has just started a chat") as told:
        start(site, alice, onlooker)
    assert told.value.chat == chat
    assert Message.unscoped.count() == 1


def test_who_writes_meanwhile_has_a_chat_already(
    site: Site, bob: Member, claim: VisitorClaim, onlooker: Onlooker
) -> None:
    chat = say(claim).chat
    with pytest.raises(starting.InAChat, match="in a chat already") as told:
        start(site, bob, onlooker)
    assert told.value.chat == chat


def test_after_a_closed_chat_a_new_one_follows_it(
    site: Site, bob: Member, claim: VisitorClaim, onlooker: Onlooker
) -> None:
    earlier = chats.close_chat(say(claim).chat_id)
    assert start(site, bob, onlooker).previous == earlier


def test_a_blocked_visitor_is_not_written_to(
    site: Site, bob: Member, claim: VisitorClaim, onlooker: Onlooker
) -> None:
    say(claim)
    blocking.block(chat_of(claim).pk, agent_of(bob))
    chats.close_chat(chat_of(claim).pk)
    with pytest.raises(Refused, match="Unblock them"):
        start(site, bob, onlooker)


def test_without_a_consent_nothing_is_stored(
    site: Site, alice: Member, bob: Member, onlooker: Onlooker
) -> None:
    sites.set_asks(alice, site, Form(consent="I agree."), Away(), asks_rating=True)
    with pytest.raises(Refused, match="agree first"):
        start(site, bob, onlooker)
    assert not Visitor.unscoped.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_starts_it(
    site: Site, alice: Member, bob: Member, onlooker: Onlooker
) -> None:
    def attempt(who: Member) -> str:
        try:
            return str(start(site, who, onlooker).pk)
        except starting.InAChat as told:
            return str(told.chat.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as people:
        found = list(people.map(attempt, [alice, bob]))
    assert len(set(found)) == 1
    assert Message.unscoped.count() == 1
