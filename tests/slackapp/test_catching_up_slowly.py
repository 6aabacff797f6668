"""S27: long threads are read whole at the pace that Slack allows, and it refuses no call for every page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from livechat.models import ChatSession
from slackapp.models import ChatLink, Installation, Lane
from tests.slackapp.peer import Slack, settle
from tests.slackapp.test_catching_up_after_an_outage import deaf, shut_for, told, write

pytestmark = pytest.mark.django_db(transaction=True)
METHOD = "conversations.replies"


def refused(slack: Slack) -> int:
    return len([call for call in slack.calls(METHOD) if call["answered"].get("error") == "ratelimited"])


def read_to_the_end(slack: Slack, meanwhile: Callable[[float], None] = lambda passed: None) -> float:
    """Every wait is over at once, for Slack's clock as for ours; how many seconds it would have taken."""
    passed = 0.0
    for _ in range(400):
        settle(slack)
        moment = Installation.objects.values_list("catch_up_at", flat=True).get()
        if moment is None:
            return passed
        wait = max(0.0, (moment - timezone.now()).total_seconds())
        passed += wait
        slack.act("clock", ahead=wait)
        Installation.objects.update(catch_up_at=timezone.now())
        Lane.objects.filter(key__startswith="own:").update(due_at=timezone.now() - timedelta(seconds=1))
        meanwhile(passed)
    raise AssertionError("it never ended")


def written_while_deaf(slack: Slack, chat: ChatSession, count: int) -> list[str]:
    texts = [f"line {number}" for number in range(count)]
    with deaf(slack):
        for text in texts:
            write(slack, chat, text)
    return texts


def test_outside_the_marketplace_one_call_is_refused_and_none_after_it(
    slack: Slack, chat: ChatSession
) -> None:
    texts = written_while_deaf(slack, chat, 100)
    slack.act("limits", factor=1, replies_per_minute=1)
    shut_for(minutes=10)
    passed = read_to_the_end(slack)
    assert told(chat) == texts
    assert refused(slack) == 1
    pages = len(slack.calls(METHOD)) - 1
    assert pages == 7
    assert passed < (pages + 1) * 65


def test_a_pace_that_was_learnt_is_forgotten_with_the_next_outage(slack: Slack, chat: ChatSession) -> None:
    texts = written_while_deaf(slack, chat, 30)
    slack.act("limits", factor=1, replies_per_minute=1)
    shut_for(minutes=10)
    read_to_the_end(slack)
    assert Installation.objects.get().catch_up_pace > 55
    slack.act("limits", factor=1, replies_per_minute=None)
    with deaf(slack):
        write(slack, chat, "again")
    shut_for(minutes=10)
    assert read_to_the_end(slack) < 30
    assert told(chat) == [*texts, "again"]


def test_lines_that_come_meanwhile_come_once(slack: Slack, chat: ChatSession) -> None:
    """Reading at this pace takes long enough for people to go on writing."""
    texts = written_while_deaf(slack, chat, 40)
    slack.act("limits", factor=1, replies_per_minute=1)
    shut_for(minutes=10)
    said: list[str] = []

    def somebody_writes(passed: float) -> None:
        if passed > 30 and not said:
            said.append("meanwhile")
            write(slack, chat, "meanwhile")

    read_to_the_end(slack, somebody_writes)
    assert sorted(told(chat)) == sorted([*texts, "meanwhile"])


@pytest.mark.parametrize(("per_minute", "minutes"), [(None, 3), (1, 75)], ids=["inside", "outside"])
def test_a_thread_of_more_than_a_thousand_replies_is_read_whole(
    slack: Slack, chat: ChatSession, per_minute: int | None, minutes: int
) -> None:
    texts = written_while_deaf(slack, chat, 1005)
    slack.act("limits", factor=1, replies_per_minute=per_minute)
    shut_for(minutes=10)
    passed = read_to_the_end(slack)
    assert told(chat) == texts
    assert refused(slack) == (1 if per_minute else 0)
    assert passed < minutes * 60
    assert not ChatLink.objects.exclude(missing_since="").exists()
