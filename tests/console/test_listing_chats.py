"""The list of chats (C2): who waits comes first, strangers' chats never come, and it costs the same for many."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.access import agent_of
from accounts.models import Member
from livechat import chat_lists
from livechat.actions.chats import close_chat
from livechat.actions.messages import post_agent_message
from livechat.models import ChatSession, Message, Site
from tests.conftest import ClientOf
from tests.console.conftest import Write

pytestmark = pytest.mark.django_db


def listed(member: Member, tab: str = "open", **chosen: str) -> list[str]:
    choice = chat_lists.choice_of({"tab": tab, **chosen})
    return [row.excerpt for row in chat_lists.chat_page(member, choice).rows]


def test_the_list_shows_what_a_visitor_wrote(client_of: ClientOf, alice: Member, chat: ChatSession) -> None:
    page = client_of(alice).get("/console/chats")
    assert page.status_code == 200
    assert "Is the blue one in stock?" in page.content.decode()
    assert f"/console/chats/{chat.id}" in page.content.decode()


def test_the_newest_line_is_on_top_and_of_those_who_wait_the_first(
    bob: Member, shop: Site, write: Write
) -> None:
    answered = write(shop, "first").chat
    write(shop, "second")
    write(shop, "third")
    post_agent_message(answered.id, agent_of(bob), "Here I am.")
    assert listed(bob) == ["Here I am.", "third", "second"]
    assert listed(bob, "waiting") == ["second", "third"]
    assert listed(bob, "mine") == ["Here I am."]


def test_a_closed_chat_moves_to_the_closed_ones(alice: Member, chat: ChatSession) -> None:
    close_chat(chat.id)
    assert listed(alice) == []
    assert listed(alice, "closed") == ["Is the blue one in stock?"]


def test_an_empty_list_teaches_the_next_step(client_of: ClientOf, alice: Member) -> None:
    text = client_of(alice).get("/console/chats/list").content.decode()
    assert "No open chats" in text
    assert "/console/sites" in text


def test_mallory_sees_nothing_of_acme(client_of: ClientOf, mallory: Member, chat: ChatSession) -> None:
    for address in ("/console/chats", "/console/chats/list", "/console/chats?tab=closed"):
        assert "blue one" not in client_of(mallory).get(address).content.decode()


def test_a_stranger_is_sent_to_the_log_in_page(client: Client, db: None) -> None:
    answer = client.get("/console/chats")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/accounts/login/?next=/console/chats"


def test_a_private_page_is_never_stored_and_never_framed(client_of: ClientOf, alice: Member) -> None:
    answer = client_of(alice).get("/console/chats")
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "camera=()" in answer.headers["Permissions-Policy"]


def test_only_reading_is_answered(client_of: ClientOf, alice: Member) -> None:
    assert client_of(alice).post("/console/chats").status_code == 405


@pytest.mark.parametrize(
    "query",
    """tab=%00 tab=%ff rows=0 rows=x rows=9999999999999 after=x after=2026-01-01T00:00:00~x after=~%00 site=x
    agent=%00 tag=9 since=x until=9999-12-31 since=0001-01-01 after=9999-12-31T23:59:59+00:00~00""".split(),
)
def test_junk_in_the_address_is_harmless(
    client_of: ClientOf, alice: Member, chat: ChatSession, query: str
) -> None:
    assert client_of(alice).get(f"/console/chats?{query}").status_code == 200


def test_many_chats_cost_as_many_statements_as_one(
    client_of: ClientOf, alice: Member, shop: Site, write: Write, django_assert_num_queries
) -> None:
    browser = client_of(alice)
    write(shop, "one")
    with django_assert_num_queries(10):  # session, member (2), list (3), unread, counts, Slack (2)
        browser.get("/console/chats/list")
    for number in range(20):
        write(shop, f"another {number}")
    with django_assert_num_queries(10):
        browser.get("/console/chats/list")


def test_a_line_that_waits_for_slack_too_long_is_told(
    client_of: ClientOf, alice: Member, chat: ChatSession
) -> None:
    browser = client_of(alice)
    Message.unscoped.filter(chat=chat).update(mirror_state=Message.Mirror.SENDING)
    assert "Slack delayed" not in browser.get("/console/chats").content.decode()
    Message.unscoped.filter(chat=chat).update(created_at=timezone.now() - timedelta(seconds=31))
    assert "Slack delayed" in browser.get("/console/chats").content.decode()
