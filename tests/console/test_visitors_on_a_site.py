"""C7: the page of who is on the websites now, the switch that shows them, and a chat that the team begins."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.errors import Refused
from accounts.models import AuditEntry, Member
from livechat.access import arrive
from livechat.actions import sites
from livechat.away import Away
from livechat.models import ChatSession, Message, Site
from livechat.onlookers import reading
from livechat.onlookers.board import Place, board
from livechat.protocol import Page
from livechat.questions import Form
from livechat.tokens import VisitorClaim
from tests.cast import newcomer, say
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
LIST, START = "/console/visitors/list", "/console/visitors/start"


@pytest.fixture(autouse=True)
def nobody_is_here_yet(settings: Settings) -> Iterator[None]:
    settings.EMBEDDED = True
    board.clear()
    yield
    board.clear()


@pytest.fixture
def shown(alice: Member, shop: Site) -> Site:
    sites.show_onlookers(alice, shop, True)
    return shop


@pytest.fixture
def claim(shop: Site) -> VisitorClaim:
    return newcomer(shop)


def come(site: Site, claim: VisitorClaim, **page: str) -> Place:
    found = Page(**{"url": "https://shop.example/boots", "title": "Boots", **page})
    arrival = arrive(site.public_token, claim.visitor_token, None)
    place = board.enter(arrival, found, locale="de", timezone="Europe/Vienna", browser="Firefox on Linux")
    assert place is not None
    return place


def words(browser: Client, path: str = LIST) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def start(browser: Client, claim: VisitorClaim, **fields: Any) -> Any:
    sent = {"visitor": str(claim.visitor_id), "body": "May I help?", "client_message_id": str(uuid.uuid4())}
    return browser.post(START, {**sent, **fields})


def test_who_is_here_and_what_is_known_of_them(client_of: ClientOf, bob: Member, shown: Site, claim) -> None:
    come(shown, claim, referrer="https://search.example/?q=secret")
    page = words(client_of(bob))
    for known in (f"Visitor {claim.visitor_id.hex[:4]}", "Boots", "Came just now", "1 page", "German"):
        assert known in page
    assert "from search.example<" in page
    assert "secret" not in page
    assert f"{START}?visitor={claim.visitor_id}" in page


def test_what_a_page_calls_itself_is_words_and_leads_nowhere_strange(
    client_of: ClientOf, bob: Member, shown: Site, claim: VisitorClaim
) -> None:
    come(shown, claim, url="javascript:alert(1)", title="<b>Boots</b>")
    page = words(client_of(bob))
    assert "&lt;b&gt;Boots&lt;/b&gt;" in page
    assert "javascript:" not in page


def test_the_rail_names_the_page_once_a_site_shows_somebody(
    client_of: ClientOf, alice: Member, shop: Site
) -> None:
    browser = client_of(alice)
    assert 'href="/console/visitors"' not in words(browser, "/console/replies")
    assert "No site shows its visitors" in words(browser, "/console/visitors")
    sites.show_onlookers(alice, shop, True)
    assert 'href="/console/visitors"' in words(browser, "/console/replies")
    assert "Nobody is here now" in words(browser, "/console/visitors")


def test_the_list_of_one_site(client_of: ClientOf, alice: Member, shown: Site, claim: VisitorClaim) -> None:
    other = sites.create_site(alice, "Acme garden")
    sites.show_onlookers(alice, other, True)
    come(shown, claim)
    assert "Boots" in words(client_of(alice), f"{LIST}?site={shown.pk}")
    assert "Boots" not in words(client_of(alice), f"{LIST}?site={other.pk}")


def test_the_switch_is_an_owners_and_is_written_down(
    client_of: ClientOf, alice: Member, bob: Member, shop: Site
) -> None:
    path = f"/console/sites/{shop.pk}/visitors"
    assert client_of(bob).post(path, {"shown": "on"}).status_code == 403
    hers = client_of(alice)
    for sent, verb in (({"shown": "on"}, "site.onlookers_shown"), ({}, "site.onlookers_hidden")):
        assert hers.post(path, sent).status_code == 302
        shop.refresh_from_db()
        assert shop.shows_onlookers == bool(sent)
        assert AuditEntry.objects.in_workspace(alice.workspace).filter(verb=verb).count() == 1


def test_the_panel_is_told_to_look_only_where_that_is_wanted(
    client: Client, alice: Member, shop: Site
) -> None:
    frame = f"/widget/frame?site={shop.public_token}"
    assert b'"shown": false' in client.get(frame).content
    sites.show_onlookers(alice, shop, True)
    assert b'"shown": true' in client.get(frame).content
    sites.set_asks(alice, shop, Form(consent="I agree."), Away(), asks_rating=True)
    assert b'"shown": false' in client.get(frame).content


def test_a_chat_is_started_and_opened(client_of: ClientOf, bob: Member, shown: Site, claim) -> None:
    come(shown, claim)
    browser = client_of(bob)
    assert "Start the chat" in words(browser, f"{START}?visitor={claim.visitor_id}")
    answer = start(browser, claim)
    chat = ChatSession.unscoped.get()
    assert answer["location"] == f"/console/chats/{chat.pk}"
    assert "May I help?" in words(browser, answer["location"])
    assert "In a chat with Bob" in words(browser)


def test_who_has_left_is_not_written_to_and_the_words_are_kept(
    client_of: ClientOf, bob: Member, shown: Site, claim: VisitorClaim
) -> None:
    answer = start(client_of(bob), claim)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "They have left the website. Nothing was sent." in page
    assert "May I help?</textarea>" in page
    assert not ChatSession.unscoped.exists()
    asked = client_of(bob).get(f"{START}?visitor={claim.visitor_id}", follow=True)
    assert "They have left the website." in asked.content.decode()


def test_of_two_the_second_is_led_to_the_chat(
    client_of: ClientOf, alice: Member, bob: Member, shown: Site, claim: VisitorClaim
) -> None:
    come(shown, claim)
    start(client_of(bob), claim)
    page = start(client_of(alice), claim, body="Hello there").content.decode()
    assert "Bob has just started a chat with them. Nothing was sent." in page
    assert f"/console/chats/{ChatSession.unscoped.get().pk}" in page
    assert "Hello there</textarea>" in page


@pytest.mark.parametrize("sent", [{"body": ""}, {"body": " \n"}, {"body": "x" * 8001}, {"visitor": "me"}])
def test_what_cannot_be_sent_is_said(
    client_of: ClientOf, bob: Member, shown: Site, claim: VisitorClaim, sent: dict[str, str]
) -> None:
    come(shown, claim)
    assert start(client_of(bob), claim, **sent).status_code == 422
    assert not Message.unscoped.exists()


def test_many_chats_at_once_are_too_many(client_of: ClientOf, bob: Member, shown: Site) -> None:
    browser = client_of(bob)
    for _ in range(15):
        assert start(browser, _here(shown)).status_code == 302
    assert "Please wait a moment" in start(browser, _here(shown)).content.decode()


def _here(site: Site) -> VisitorClaim:
    claim = newcomer(site)
    come(site, claim)
    return claim


def test_a_viewer_looks_and_writes_to_nobody(
    client_of: ClientOf, victor: Member, shown: Site, claim: VisitorClaim
) -> None:
    come(shown, claim)
    browser = client_of(victor)
    assert "Start a chat" not in words(browser)
    assert start(browser, claim).status_code == 403


def test_mallory_neither_sees_nor_writes_to_anybody_of_acme(
    client_of: ClientOf, mallory: Member, foreign_shop: Site, shown: Site, claim: VisitorClaim
) -> None:
    sites.show_onlookers(mallory, foreign_shop, True)
    come(shown, claim)
    browser = client_of(mallory)
    for path in (LIST, f"{LIST}?site={shown.pk}"):
        assert "Boots" not in words(browser, path)
    assert "They have left" in start(browser, claim).content.decode()
    assert not ChatSession.unscoped.exists()


def test_while_nobody_can_be_told_the_page_says_so(
    client_of: ClientOf, bob: Member, shown: Site, claim: VisitorClaim, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(site_id: uuid.UUID) -> None:
        raise Refused("unavailable", reading.AWAY.sentence)

    monkeypatch.setattr(reading, "_of", away)
    assert "cannot be told just now" in words(client_of(bob))
    answer = start(client_of(bob), claim)
    assert "cannot be told just now" in answer.content.decode()
    assert "May I help?</textarea>" in answer.content.decode()


def test_who_came_back_with_a_chat_is_led_to_it(
    client_of: ClientOf, bob: Member, shown: Site, claim: VisitorClaim
) -> None:
    chat = say(claim).chat
    come(shown, claim)
    page = words(client_of(bob))
    assert f"/console/chats/{chat.pk}" in page
    assert "Start a chat" not in page
