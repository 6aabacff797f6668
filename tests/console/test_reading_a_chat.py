"""A transcript (C2): everything that was said, in order, with notes as notes and the state of each copy in words."""

import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.access import agent_of
from accounts.models import Member
from livechat import queries, segments
from livechat.actions.chats import close_chat
from livechat.actions.messages import post_agent_message, post_note
from livechat.models import ChatSession, Message, Site
from livechat.tokens import new_claim
from tests.conftest import ClientOf
from tests.console.conftest import Write

pytestmark = pytest.mark.django_db


def page_of(browser: Client, chat: ChatSession, query: str = "") -> str:
    content: bytes = browser.get(f"/console/chats/{chat.id}{query}").content
    return content.decode()


def test_lines_stand_in_the_order_of_their_seq_with_notes_between(bob: Member, chat: ChatSession) -> None:
    face = agent_of(bob)
    post_note(chat.id, face, "Check the store room.", segments.from_text("Check the store room."))
    post_agent_message(chat.id, face, "Yes, two.")
    chat.refresh_from_db()
    bodies = [line.message.body for line in queries.window(chat).lines]
    assert bodies == ["Is the blue one in stock?", "Check the store room.", "Yes, two."]


def test_a_note_is_shown_as_a_note(
    client_of: ClientOf, alice: Member, bob: Member, chat: ChatSession
) -> None:
    post_note(chat.id, agent_of(bob), "She is a regular.", segments.from_text("She is a regular."))
    text = page_of(client_of(alice), chat)
    assert "She is a regular." in text
    assert "Note, your team only" in text


@pytest.mark.parametrize(
    "state, words",
    [
        ("queued", "Queued for Slack"),
        ("sending", "Sending to Slack"),
        ("checking", "Checking with Slack"),
        ("sent", "In Slack"),
        ("failed", "Not in Slack: The channel is archived."),
    ],
)
def test_the_state_of_each_copy_is_told_in_words(
    client_of: ClientOf, alice: Member, chat: ChatSession, state: str, words: str
) -> None:
    Message.unscoped.filter(chat=chat).update(mirror_state=state, mirror_problem="The channel is archived.")
    text = page_of(client_of(alice), chat)
    assert words in text
    assert ("Send again" in text) == (state == "failed")


def test_a_withdrawn_line_keeps_its_place_and_loses_its_words(
    client_of: ClientOf, alice: Member, chat: ChatSession
) -> None:
    Message.unscoped.filter(chat=chat).update(deleted_at=chat.started_at)
    text = page_of(client_of(alice), chat)
    assert "Withdrawn" in text
    assert "Is the blue one" not in text


def test_what_a_visitor_writes_is_text_and_never_markup(
    client_of: ClientOf, alice: Member, shop: Site, write: Write
) -> None:
    chat = write(shop, "<img src=x onerror=alert(1)> {{ 7 }} javascript:alert(1)").chat
    text = page_of(client_of(alice), chat)
    assert "<img src=x" not in text
    assert "&lt;img src=x onerror=alert(1)&gt; {{ 7 }}" in text
    assert 'href="javascript' not in text


def test_an_address_that_reads_like_another_says_where_it_leads(
    client_of: ClientOf, alice: Member, shop: Site, write: Write
) -> None:
    """D2: nobody clicks on what looks like a name they know."""
    chat = write(
        shop, "See https://\u0430pple.com/x and https://shop.example@evil.example/ and https://a.example"
    ).chat
    text = page_of(client_of(alice), chat)
    assert "(leads to xn--pple-43d.com)" in text
    assert "(leads to evil.example)" in text
    assert text.count("(leads to") == 2


def test_a_page_address_is_a_link_only_if_a_browser_may_go_there(
    client_of: ClientOf, alice: Member, chat: ChatSession
) -> None:
    browser = client_of(alice)
    ChatSession.unscoped.filter(pk=chat.pk).update(page_url="javascript:alert(1)", page_title="Shop")
    assert "javascript:" not in page_of(browser, chat)
    ChatSession.unscoped.filter(pk=chat.pk).update(page_url="https://acme.example/kettles")
    assert 'href="https://acme.example/kettles"' in page_of(browser, chat)


def test_rich_text_keeps_its_form(client_of: ClientOf, alice: Member, bob: Member, chat: ChatSession) -> None:
    rich: list[dict[str, Any]] = [
        {"type": "text", "text": "two", "style": {"bold": True}},
        {"type": "list", "text": "", "ordered": True, "items": [[{"type": "text", "text": "a lid"}]]},
        {"type": "quote", "text": "", "items": [{"type": "text", "text": "asked before"}]},
        {"type": "codeblock", "text": "SKU-12"},
    ]
    post_agent_message(chat.id, agent_of(bob), "two", segments=rich)
    text = page_of(client_of(alice), chat)
    for piece in (
        "<strong>two</strong>",
        "<ol><li>a lid",
        "<blockquote>asked before",
        "<pre><code>SKU-12</code></pre>",
    ):
        assert piece in text


def test_a_long_chat_is_read_in_windows_and_a_link_finds_its_line(
    client_of: ClientOf, alice: Member, shop: Site, write: Write
) -> None:
    claim = new_claim(shop.id)
    posted = [write(shop, f"line number {number}.", claim) for number in range(1, 251)]
    chat, browser = posted[0].chat, client_of(alice)
    newest = page_of(browser, chat)
    assert "line number 250." in newest
    at = 251 - queries.LINES_AT_ONCE
    assert f"line number {at - 1}." not in newest
    assert f"?before={at}" in newest
    assert f"line number {at - queries.LINES_AT_ONCE}." in page_of(browser, chat, f"?before={at}")
    earlier = browser.get(f"/console/chats/{chat.id}/earlier?before={at}").content.decode()
    assert (f"line number {at - 1}." in earlier, f"line number {at}." in earlier) == (True, False)
    for since, first in ((at, at), (151, 151), (249, at), (0, at), (9, 9)):
        shown = browser.get(f"/console/chats/{chat.id}/lines?from={since}").content.decode()
        assert f'data-from="{first}"' in shown, since
    linked = page_of(browser, chat, f"?at={posted[9].id}")
    assert "line number 10." in linked
    assert f'id="m-{posted[9].id}"' in linked
    assert len(newest) < 200_000


def test_a_transcript_costs_as_many_statements_as_one_line(
    client_of: ClientOf, alice: Member, shop: Site, write: Write, django_assert_num_queries
) -> None:
    claim = new_claim(shop.id)
    chat, browser = write(shop, "one", claim).chat, client_of(alice)
    with django_assert_num_queries(7):  # session, user, member, chat, tags, lines, about
        browser.get(f"/console/chats/{chat.id}/lines")
    for number in range(30):
        write(shop, f"another {number}", claim)
    with django_assert_num_queries(7):
        browser.get(f"/console/chats/{chat.id}/lines")


def test_a_closed_chat_can_still_be_read(client_of: ClientOf, alice: Member, chat: ChatSession) -> None:
    close_chat(chat.id)
    assert "Reply, and the chat opens again" in page_of(client_of(alice), chat)


def test_a_viewer_reads_and_is_offered_no_box(client_of: ClientOf, victor: Member, chat: ChatSession) -> None:
    Message.unscoped.filter(chat=chat).update(mirror_state="failed")
    text = page_of(client_of(victor), chat)
    assert "Is the blue one in stock?" in text
    assert 'id="reply"' not in text
    assert "Send again" not in text


def test_mallory_and_a_mistyped_id_get_the_same_answer(
    client_of: ClientOf, mallory: Member, chat: ChatSession
) -> None:
    browser = client_of(mallory)
    for part in ("", "/lines"):
        foreign = browser.get(f"/console/chats/{chat.id}{part}")
        missing = browser.get(f"/console/chats/{uuid.uuid4()}{part}")
        assert foreign.status_code == missing.status_code == 404
        assert "blue one" not in foreign.content.decode()


@pytest.mark.parametrize(
    "query", ["before=0", "before=x", "before=99999999", "at=x", "at=%00", "at=" + "9" * 5000]
)
def test_junk_in_the_address_shows_the_newest_lines(
    client_of: ClientOf, alice: Member, chat: ChatSession, query: str
) -> None:
    assert client_of(alice).get(f"/console/chats/{chat.id}?{query}").status_code == 200


def test_times_are_the_readers(client_of: ClientOf, alice: Member, chat: ChatSession) -> None:
    browser = client_of(alice)
    Message.unscoped.filter(chat=chat).update(created_at="2026-01-05T23:30:00Z")
    assert ">23:30<" in page_of(browser, chat)
    browser.cookies["tz"] = "Europe/Vilnius"
    assert ">01:30<" in page_of(browser, chat)
    browser.cookies["tz"] = "../../etc/passwd"
    assert ">23:30<" in page_of(browser, chat)
