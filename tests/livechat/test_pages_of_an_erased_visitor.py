"""S28: whatever page still shows an erased visitor's words gives them up while it is open."""

import asyncio
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from accounts.models import Member
from livechat.actions.erasure import erase_visitor
from livechat.missed_rings import look_once
from livechat.models import ChatSession, Site
from livechat.tokens import VisitorClaim
from tests.cast import chat_of, newcomer, say
from tests.conftest import ClientOf
from tests.serving import Served

pytestmark = pytest.mark.django_db(transaction=True)
HTMX = {"hx-request": "true"}


@pytest.fixture
def chat(claim: VisitorClaim) -> ChatSession:
    say(claim, "Hello?")
    return chat_of(claim)


def cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """No ring is heard, as while Redis is away."""
    monkeypatch.setattr("livechat.doorbell._may_be_heard", lambda group: False)


def test_the_visitors_pages_come_back_to_nothing(
    server: Served, site: Site, claim: VisitorClaim, chat: ChatSession, alice: Member
) -> None:
    with server.socket() as socket:
        socket.hello(site.public_token, visitor_token=claim.visitor_token)
        erase_visitor(alice, chat.visitor_id)
        assert socket.closed_with() == 1012
    with server.socket() as socket:
        told = socket.hello(
            site.public_token, visitor_token=claim.visitor_token, chat=str(chat.pk), last_rev=1
        )
        assert (told["chat"], told["messages"]) == (None, [])


def test_a_page_that_missed_the_ring_is_sent_away_when_it_asks(
    server: Served,
    site: Site,
    claim: VisitorClaim,
    chat: ChatSession,
    alice: Member,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with server.socket() as socket:
        socket.hello(site.public_token, visitor_token=claim.visitor_token)
        cut_off(monkeypatch)
        erase_visitor(alice, chat.visitor_id)
        socket.send(type="sync", chat=str(chat.pk), last_rev=1)
        assert socket.closed_with() == 1012


def test_pages_that_missed_the_ring_are_found(
    server: Served,
    site: Site,
    claim: VisitorClaim,
    chat: ChatSession,
    alice: Member,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = newcomer(site)
    say(other, "Somebody else")
    with server.socket() as gone, server.socket() as stays:
        gone.hello(site.public_token, visitor_token=claim.visitor_token)
        stays.hello(site.public_token, visitor_token=other.visitor_token)
        cut_off(monkeypatch)
        erase_visitor(alice, chat.visitor_id)
        assert asyncio.run(look_once(timezone.now() - timedelta(seconds=2))) == 1
        assert gone.closed_with() == 1012
        assert stays.is_silent()


def test_every_open_console_hears_which_chat_is_gone(
    server: Served, chat: ChatSession, alice: Member, mallory: Member, client_of: ClientOf
) -> None:
    def console(who: Member) -> dict[str, str]:
        morsels = client_of(who).cookies.items()
        return {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in morsels)}

    own = django_settings.CONSOLE_URL
    with (
        server.socket("/ws/console", own, **console(alice)) as hers,
        server.socket("/ws/console", own, **console(mallory)) as others,
    ):
        for socket in (hers, others):
            socket.raw("{}")
            socket.hear_type("error")
        erase_visitor(alice, chat.visitor_id)
        assert hers.hear() == {"type": "changed", "chat": str(chat.pk)}
        assert others.is_silent()


def test_an_open_transcript_leads_away(chat: ChatSession, alice: Member, client_of: ClientOf) -> None:
    page, lines = client_of(alice), f"/console/chats/{chat.pk}/lines"
    assert b"Hello?" in page.get(lines, headers=HTMX).content
    erase_visitor(alice, chat.visitor_id)
    assert page.get(lines, headers=HTMX).headers["HX-Redirect"] == "/console/chats"
    assert b"no longer here" in page.get("/console/chats").content
    assert page.get(lines).status_code == 404
