"""Plays that did harm once, each in its shortest form."""

import pytest

from tests.faults.plays import Chats
from tests.faults.stage import Stage

pytestmark = pytest.mark.sqlite


@pytest.fixture
def chats(stage: Stage) -> Chats:
    Chats.stage = stage
    play = Chats()
    play.open_the_shop()
    return play


def test_a_line_whose_echo_overtakes_a_lost_answer_is_sent_and_not_in_doubt(chats: Chats) -> None:
    chats.a_visitor_writes(number=0, size=0, lost=False)
    chats.a_worker_takes_a_lane(which=0, outcomes=["", "echo_first_lost_after"], killed=None)
    chats.teardown()


def test_a_line_of_a_later_chat_sent_again_after_an_earlier_chat_was_reopened_is_stored_once(
    chats: Chats,
) -> None:
    for _ in range(2):
        chats.a_visitor_writes(number=0, size=0, lost=False)
        chats.a_visitor_ends_or_looks(number=0, ends=True)
    chats.an_agent_works_in_the_console(which=0, closes=1)
    chats.a_visitor_sends_again(number=0, which=1)
    chats.teardown()


def test_a_visitor_reads_the_answer_that_reopened_an_earlier_chat(chats: Chats) -> None:
    for _ in range(2):
        chats.a_visitor_writes(number=0, size=0, lost=False)
        chats.a_visitor_ends_or_looks(number=0, ends=True)
    chats.an_agent_works_in_the_console(which=0, closes=1)
    chats.teardown()
