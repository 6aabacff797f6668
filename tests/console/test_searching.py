"""C2: the page of search. What it finds is tested in tests/livechat/test_finding_what_was_said.py."""

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.access import agent_of
from accounts.models import Member
from livechat.actions import messages
from livechat.actions.searching import index_due
from livechat.models import ChatSession, Site
from livechat.search.language import read
from livechat.search.snippets import snippet
from tests.conftest import ClientOf
from tests.console.conftest import Write

QUERIES = 12


@pytest.fixture
def talk(chat: ChatSession, bob: Member) -> ChatSession:
    messages.post_agent_message(chat.pk, agent_of(bob), "Yes, <b>the blue lamp</b> is in stock")
    messages.post_note(chat.pk, agent_of(bob), "Last blue lamp, do not promise another")
    index_due()
    return chat


def asked(browser: Client, typed: str) -> str:
    return browser.get("/console/search", {"q": typed}).content.decode()


def test_a_line_is_shown_with_its_words_marked_and_leads_to_its_place(
    talk: ChatSession, alice: Member, client_of: ClientOf
) -> None:
    page = asked(client_of(alice), "lamp")
    answer = talk.messages.get(seq=2)
    assert f'href="/console/chats/{talk.pk}?at={answer.pk}#m-{answer.pk}"' in page
    assert "&lt;b&gt;the blue <mark>lamp</mark>&lt;/b&gt;" in page
    assert "Note of Bob" in page


def test_without_words_and_without_answers_the_page_teaches(
    talk: ChatSession, victor: Member, client_of: ClientOf
) -> None:
    browser = client_of(victor)
    for typed in ("", "xylophone"):
        assert "from:visitor" in asked(browser, typed)
    assert "Nothing was said like that" in asked(browser, "xylophone")
    assert "No site is called “moon”." in asked(browser, "lamp site:moon")
    assert "No tag is called “moon”." in asked(browser, "lamp tag:moon")
    assert "was left out" in asked(browser, "lamp is:blue")


def test_mallory_sees_nothing_of_acme(talk: ChatSession, mallory: Member, client_of: ClientOf) -> None:
    page = asked(client_of(mallory), "lamp")
    assert "Nothing was said like that" in page
    assert str(talk.pk) not in page


def test_strangers_log_in_first(client: Client) -> None:
    assert client.get("/console/search", {"q": "lamp"}).status_code == 302
    assert client.post("/console/search", {"q": "lamp"}).status_code in (302, 403, 405)


@pytest.mark.parametrize("further", ["-1", "x", "9" * 40, "٣", "0"])
def test_a_place_that_is_none_begins_anew_or_ends(
    further: str, talk: ChatSession, alice: Member, client_of: ClientOf
) -> None:
    assert client_of(alice).get("/console/search", {"q": "lamp", "further": further}).status_code == 200


def test_more_answers_cost_no_more_statements(
    shop: Site, write: Write, alice: Member, client_of: ClientOf
) -> None:
    browser, counts, page = client_of(alice), [], ""
    for _ in range(3):
        for _ in range(6):
            write(shop, f"A lamp {uuid.uuid4()}")
        index_due()
        with CaptureQueriesContext(connection) as captured:
            page = asked(browser, "lamp")
        counts.append(len(captured))
    assert page.count('class="hit"') == 18
    assert counts[0] == counts[2] <= QUERIES


def marked(text: str, typed: str) -> str:
    return "".join(
        f"[{part.text}]" if part.marked else part.text for part in snippet(text, read(typed, None))
    )


def test_marks_stand_where_the_words_do() -> None:
    assert marked("Où est le colis?", '"est le" ou') == "[Où] [est le] colis?"
    assert marked("I can’t find it", "cant fin") == "I [can’t] [fin]d it".replace("[fin]d", "[find]")
    long = "word " * 100 + "the lamp at last " + "word " * 100
    assert "[lamp]" in marked(long, "lamp")
    assert len(marked(long, "lamp")) < 210
    assert marked("Nothing of it here", "lamp") == "Nothing of it here"
