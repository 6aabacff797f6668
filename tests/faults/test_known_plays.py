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
