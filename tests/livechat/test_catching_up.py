"""One cursor for first load, resume and gap: whatever was missed is read again from the database (W5)."""

import random
import uuid
from typing import Any

import pytest

from accounts.access import agent_of
from accounts.models import Member
from livechat import access
from livechat.actions import chats, messages
from livechat.models import Site
from livechat.tokens import VisitorClaim
from livechat.visitor_reads import update, welcome
from tests.cast import chat_of, grown_chat, newcomer, say


def arrival_of(site: Site, claim: VisitorClaim) -> access.Arrival:
    return access.arrive(site.public_token, claim.visitor_token, None)


def read_all(arrival: access.Arrival, chat: str | None, rev: int = 0) -> tuple[list[dict[str, Any]], int]:
    """Every page until there is no more, and how many there were."""
    found, pages = [], 0
    while True:
        answer = update(arrival, chat, rev)
        found += answer.synced()["messages"]
        pages += 1
        if not answer.more:
            return found, pages
        assert answer.rev > rev
        chat, rev = answer.chat_id, answer.rev


@pytest.mark.parametrize(
    ("count", "pages"), [(0, 1), (1, 1), (199, 1), (200, 1), (201, 2), (400, 2), (405, 3)]
)
def test_long_chats_come_in_pages_of_200(site: Site, count: int, pages: int) -> None:
    claim, chat = grown_chat(site, count)
    found, needed = read_all(arrival_of(site, claim), str(chat.pk))
    assert [line["seq"] for line in found] == list(range(1, count + 1))
    assert needed == pages


def test_a_page_tells_how_far_it_reaches(site: Site) -> None:
    claim, chat = grown_chat(site, 250)
    first = update(arrival_of(site, claim), str(chat.pk), 0)
    assert (first.rev, first.more, len(first.changes.messages)) == (200, True, 200)


def test_resuming_reads_only_what_is_new(site: Site) -> None:
    claim, chat = grown_chat(site, 10)
    answer = update(arrival_of(site, claim), str(chat.pk), 7)
    assert [line["seq"] for line in answer.synced()["messages"]] == [8, 9, 10]


def test_a_cursor_of_another_chat_counts_as_zero(site: Site) -> None:
    claim, _ = grown_chat(site, 3)
    for chat in (None, str(uuid.uuid4()), "junk", ""):
        assert len(update(arrival_of(site, claim), chat, 2).changes.messages) == 3


def test_a_cursor_beyond_the_end_reads_nothing_and_comes_back(site: Site) -> None:
    claim, chat = grown_chat(site, 3)
    answer = update(arrival_of(site, claim), str(chat.pk), 2**31 - 1)
    assert (answer.rev, answer.changes.messages) == (3, [])


def test_welcome_of_a_newcomer_is_empty_and_carries_their_token(site: Site, bob: Member) -> None:
    arrival = arrival_of(site, newcomer(site))
    frame = welcome(arrival, None, 0).frame
    assert (frame["chat"], frame["rev"], frame["messages"], frame["more"]) == (None, 0, [], False)
    assert frame["visitor_token"] == arrival.claim.visitor_token
    assert {face["name"] for face in frame["agents"]} == {"Alice", "Bob"}


def test_the_newest_chat_is_the_one_that_is_shown(site: Site, claim: VisitorClaim) -> None:
    chats.close_chat(say(claim, "old").chat_id)
    say(claim, "new")
    answer = update(arrival_of(site, claim), None, 0)
    assert [line["body"] for line in answer.synced()["messages"]] == ["new"]
    assert answer.chat_id == str(chat_of(claim).pk)


@pytest.mark.parametrize("seed", range(5))
def test_applying_frames_equals_fetching_fresh(
    site: Site, claim: VisitorClaim, bob: Member, seed: int
) -> None:
    """A client that upserts by id whatever it hears, at whatever moments it asks, ends with the whole truth."""
    chance, known, rev = random.Random(seed), dict[str, dict[str, Any]](), 0
    say(claim, "start")
    arrival, chat = arrival_of(site, claim), chat_of(claim)
    for number in range(20):
        if chance.random() < 0.5:
            say(claim, f"visitor {number}")
        else:
            messages.post_agent_message(chat.pk, agent_of(bob), f"agent {number}")
        if chance.random() < 0.4:
            answer = update(arrival, str(chat.pk), max(0, rev - chance.randrange(4)))
            known |= {line["id"]: line for line in answer.synced()["messages"]}
            rev = answer.rev
    known |= {line["id"]: line for line in update(arrival, str(chat.pk), rev).synced()["messages"]}
    fresh, _ = read_all(arrival, None)
    assert sorted(known.values(), key=lambda line: line["seq"]) == fresh
