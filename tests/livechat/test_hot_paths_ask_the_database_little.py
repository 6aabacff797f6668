"""Statements of the hot paths, pinned: one more is one more for every message of every visitor."""

import uuid
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access import agent_of
from accounts.models import Member
from livechat import access
from livechat.actions import messages
from livechat.models import Site
from livechat.tokens import VisitorClaim
from livechat.visitor_reads import update, welcome
from tests.cast import chat_of, grown_chat, newcomer, say


def statements(act: Callable[[], object]) -> int:
    """How many were sent, without the marks of the transaction itself."""
    with CaptureQueriesContext(connection) as captured:
        act()
    marks = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT")
    return len([query for query in captured.captured_queries if not query["sql"].startswith(marks)])


def test_a_message_in_an_open_chat(claim: VisitorClaim) -> None:
    say(claim)
    assert statements(lambda: say(claim)) <= 6


def test_the_first_message_of_a_visitor(claim: VisitorClaim) -> None:
    assert statements(lambda: say(claim)) <= 12


def test_a_repeat(claim: VisitorClaim) -> None:
    key = uuid.uuid4()
    say(claim, "Hello", key)
    assert statements(lambda: say(claim, "Hello", key)) <= 4


def test_an_answer(claim: VisitorClaim, bob: Member) -> None:
    say(claim)
    chat, agent = chat_of(claim), agent_of(bob)
    messages.post_agent_message(chat.pk, agent, "first")
    assert statements(lambda: messages.post_agent_message(chat.pk, agent, "second")) <= 6


@pytest.mark.parametrize("count", [1, 200])
def test_coming_in_costs_the_same_however_long_the_chat(site: Site, count: int) -> None:
    claim, _ = grown_chat(site, count)
    arrival = access.arrive(site.public_token, claim.visitor_token, None)
    assert statements(lambda: access.arrive(site.public_token, claim.visitor_token, None)) <= 2
    assert statements(lambda: welcome(arrival, None, 0)) <= 4
    assert statements(lambda: update(arrival, None, 0)) <= 2


def test_a_newcomer(site: Site) -> None:
    token = newcomer(site).visitor_token
    arrival = access.arrive(site.public_token, token, None)
    assert statements(lambda: access.arrive(site.public_token, token, None)) <= 2
    assert statements(lambda: welcome(arrival, None, 0)) <= 4
