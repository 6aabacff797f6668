"""S11 in real browsers: what an agent changes in Slack follows in every tab, and what a visitor changes in Slack."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import VisitorPage
from tests.e2e.test_changing_what_was_said import delete, edit
from tests.stack import Stack, wait_until

Visit = Callable[..., VisitorPage]


class Thread:
    """A chat's thread in Slack, and Bob in it."""

    def __init__(self, stack: Stack, words: str) -> None:
        self.stack = stack
        self.ts = wait_until(lambda: self._root_of(words), f"the line {words!r} in Slack")

    def _root_of(self, words: str) -> str | None:
        """The newest one, if several chats began with these words."""
        found = [line for line in self.stack.in_slack() if line["text"] == words]
        return str(found[-1]["thread_ts"]) if found else None

    def control(self, name: str, /, **body: Any) -> dict[str, Any]:
        return self.stack.control(name, user="bob", channel="website-chat", **body)

    def say(self, text: str, **more: Any) -> str:
        return str(self.control("say", thread_ts=self.ts, text=text, **more)["ts"])

    def expect(self, *texts: str) -> None:
        """What stands in the thread below the card, from then on."""

        def told() -> list[str]:
            lines = [line for line in self.stack.in_slack() if line.get("thread_ts") == self.ts]
            return [str(line["text"]) for line in lines if line["ts"] != self.ts]

        wait_until(lambda: _match(told(), texts), f"{texts} in the thread, where there is {told()}")


def _match(told: list[str], texts: tuple[str, ...]) -> bool:
    return len(told) == len(texts) and all(text in line for text, line in zip(texts, told, strict=True))


@pytest.fixture
def visitor(visit: Visit) -> VisitorPage:
    found = visit().open_chat()
    found.say("When do you open?")
    found.expect_state(0, "delivered", "seen")
    return found


@pytest.fixture
def thread(stack: Stack, visitor: VisitorPage) -> Thread:
    return Thread(stack, "When do you open?")


def message(visitor: VisitorPage, place: int) -> Locator:
    return visitor.panel.get_by_test_id("tb-message").nth(place)


def test_an_agents_edit_and_deletion_follow_in_both_tabs(visitor: VisitorPage, visit: Visit, thread: Thread):
    second = visit(visitor.page.context).open_chat()
    ts = thread.say("At nien")
    visitor.expect_lines("When do you open?", "At nien")
    thread.control("edit", ts=ts, text="At *nine*")
    for tab in (visitor, second):
        tab.expect_lines("When do you open?", "At nine")
        expect(message(tab, 1)).to_contain_text("edited")
        expect(message(tab, 1).locator("strong")).to_have_text("nine")
        expect(message(tab, 1).get_by_test_id("tb-more")).to_have_count(0)
    thread.control("delete", ts=ts)
    for tab in (visitor, second):
        tab.expect_lines("When do you open?", "Message deleted")
        expect(tab.panel.locator("body")).not_to_contain_text("nine")
    visitor.page.reload()
    visitor.open_chat().expect_lines("When do you open?", "Message deleted")


def test_a_lock_takes_an_answer_back(visitor: VisitorPage, thread: Thread):
    ts = thread.say("She still owes us for the last one")
    visitor.expect_lines("When do you open?", "She still owes us")
    thread.control("react", ts=ts, name="lock")
    visitor.expect_lines("When do you open?", "Message deleted")
    thread.say("At nine")
    visitor.expect_lines("When do you open?", "Message deleted", "At nine")


def test_what_is_changed_while_the_page_is_closed_is_there_when_it_opens(
    visitor: VisitorPage, thread: Thread
):
    ts = thread.say("At nien")
    visitor.expect_lines("When do you open?", "At nien")
    visitor.page.goto("about:blank")
    thread.control("edit", ts=ts, text="At nine")
    visitor.page.goto(thread.stack.addresses["shop"])
    visitor.open_chat().expect_lines("When do you open?", "At nine")
    expect(message(visitor, 1)).to_contain_text("edited")


def test_slacks_copy_follows_the_visitors_edit_and_withdrawal(visitor: VisitorPage, thread: Thread):
    visitor.say("And on Sundays?")
    visitor.expect_state(1, "delivered", "seen")
    edit(visitor, 0, "When do you open on Mondays?")
    delete(visitor, 1)
    thread.expect("(visitor): When do you open on Mondays?", "withdrew this message")
    visitor.expect_lines("When do you open on Mondays?", "Message deleted")


def test_what_was_changed_before_it_reached_slack_arrives_in_its_last_words(
    visitor: VisitorPage, thread: Thread
):
    thread.stack.control("faults", method="chat.postMessage", kind="ratelimit", retry_after=3, count=1)
    visitor.say("Fisrt")
    visitor.say("Secret")
    visitor.expect_state(2, "sent", "delivered", "seen")
    edit(visitor, 1, "First")
    delete(visitor, 2)
    visitor.expect_state(1, "delivered", "seen")
    thread.expect("When do you open?", "First")
    visitor.expect_lines("When do you open?", "First", "Message deleted")
