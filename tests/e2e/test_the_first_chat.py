"""The whole loop in real browsers: visitor types, thread in Slack, agent answers there, visitor reads."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import NewContext, VisitorPage
from tests.stack import Stack, wait_until

Visit = Callable[..., VisitorPage]


class AgentPage:
    """The sandbox's Slack in a browser, as Bob."""

    def __init__(self, page: Page, stack: Stack) -> None:
        self.page = page
        bob = next(
            person["id"]
            for team in stack.state()["teams"]
            for person in team["people"]
            if person["name"] == "bob"
        )
        page.goto(f"{stack.addresses['slack']}?user={bob}")

    def open_thread(self, about: str) -> None:
        self.page.get_by_test_id("message").filter(has_text=about).get_by_test_id("thread-open").click()

    def answer(self, text: str) -> None:
        self.page.get_by_test_id("thread-composer").fill(text)
        self.page.get_by_test_id("thread-send").click()


@pytest.fixture
def agent(stack: Stack, new_context: NewContext) -> AgentPage:
    return AgentPage(new_context().new_page(), stack)


def card_of(stack: Stack, text: str) -> dict[str, object]:
    """The card of the chat in which this line stands."""

    def look() -> dict[str, object] | None:
        messages = stack.in_slack()
        roots = [message["thread_ts"] for message in messages if message["text"] == text]
        return next((message for message in messages if roots and message["ts"] == roots[0]), None)

    return dict(wait_until(look, f"the line {text!r} in Slack"))


def test_what_a_visitor_types_is_answered_in_slack_and_read_in_the_widget(
    stack: Stack, visit: Visit, agent: AgentPage
):
    visitor = visit().open_chat()
    visitor.say("Do you ship to Vilnius?")
    visitor.expect_lines("Do you ship to Vilnius?")
    card = card_of(stack, "Do you ship to Vilnius?")
    visitor.expect_state(0, "delivered", "seen")
    name = re.search(r"Visitor \w+", str(card["text"]))
    assert name
    agent.open_thread(name.group())
    expect(agent.page.get_by_test_id("thread-messages")).to_contain_text("Do you ship to Vilnius?")
    agent.answer("Yes, *two days* :wave:")
    visitor.expect_lines("Do you ship to Vilnius?", "Yes, two days 👋")
    expect(visitor.panel.locator("strong")).to_have_text("two days")
    expect(visitor.panel.get_by_test_id("tb-message").nth(1)).to_contain_text("Bob")


def test_a_line_for_a_colleague_stays_inside(stack: Stack, visit: Visit):
    visitor = visit().open_chat()
    visitor.say("Is anybody there?")
    card = card_of(stack, "Is anybody there?")
    for text in (";; who takes this one?", "note: she was here before", "I am"):
        stack.control("say", user="bob", channel="website-chat", thread_ts=card["ts"], text=text)
    visitor.expect_lines("Is anybody there?", "I am")
    expect(visitor.panel.locator("body")).not_to_contain_text("who takes")


def test_a_reload_and_a_second_tab_show_the_same_transcript(
    stack: Stack, visit: Visit, new_context: NewContext
):
    context = new_context()
    first = visit(context).open_chat()
    first.say("One question")
    card = card_of(stack, "One question")
    stack.control("say", user="bob", channel="website-chat", thread_ts=card["ts"], text="Ask away")
    first.expect_lines("One question", "Ask away")
    first.page.reload()
    first.open_chat().expect_lines("One question", "Ask away")
    second = visit(context).open_chat()
    second.expect_lines("One question", "Ask away")
    second.say("Typed in the second tab")
    first.expect_lines("One question", "Ask away", "Typed in the second tab")
    stack.control("say", user="bob", channel="website-chat", thread_ts=card["ts"], text="Seen in both")
    for tab in (first, second):
        tab.expect_lines("One question", "Ask away", "Typed in the second tab", "Seen in both")


def test_what_is_typed_offline_is_kept_and_sent_once(stack: Stack, visit: Visit, new_context: NewContext):
    context: BrowserContext = new_context()
    visitor = visit(context).open_chat()
    visitor.say("Before the tunnel")
    card_of(stack, "Before the tunnel")
    context.set_offline(True)
    visitor.say("Inside the tunnel")
    visitor.expect_state(1, "pending")
    context.set_offline(False)
    visitor.expect_lines("Before the tunnel", "Inside the tunnel")
    card_of(stack, "Inside the tunnel")
    visitor.expect_state(1, "sent", "delivered", "seen")
    assert [message["text"] for message in stack.in_slack()].count("Inside the tunnel") == 1


def test_a_restart_of_the_server_in_the_middle_loses_nothing(stack: Stack, visit: Visit):
    visitor = visit().open_chat()
    visitor.say("Before the restart")
    card = card_of(stack, "Before the restart")
    stack.stop_product()
    visitor.say("During the restart")
    visitor.expect_state(1, "pending")
    stack.start_product()
    visitor.expect_lines("Before the restart", "During the restart")
    # the longer the server is away, the longer a widget waits before it asks again: half a minute at most
    visitor.expect_state(1, "sent", "delivered", "seen", ms=40_000)
    card_of(stack, "During the restart")
    stack.control("say", user="bob", channel="website-chat", thread_ts=card["ts"], text="Still here")
    visitor.expect_lines("Before the restart", "During the restart", "Still here")


def test_an_answer_while_the_panel_is_closed_shows_on_the_launcher(stack: Stack, visit: Visit):
    visitor = visit().open_chat()
    visitor.say("I will be back")
    card = card_of(stack, "I will be back")
    visitor.panel.get_by_test_id("tb-close").click()
    expect(visitor.panel.get_by_test_id("tb-composer")).not_to_be_visible()
    stack.control("say", user="bob", channel="website-chat", thread_ts=card["ts"], text="Here is your answer")
    expect(visitor.page.get_by_test_id("tb-launcher")).to_contain_text("1")


def test_the_owner_answers_from_the_console_and_both_sides_see_it(
    stack: Stack, visit: Visit, new_context: NewContext
):
    visitor = visit().open_chat()
    visitor.say("A question for the console")
    card = card_of(stack, "A question for the console")
    console = new_context().new_page()
    console.goto(stack.addresses["console"])
    console.get_by_text("A question for the console").first.click()
    console.get_by_role("textbox").last.fill("Answered from the console")
    console.keyboard.press("Enter")
    visitor.expect_lines("A question for the console", "Answered from the console")
    wait_until(
        lambda: any(
            message["text"] == "Answered from the console" and message["thread_ts"] == card["ts"]
            for message in stack.in_slack()
        ),
        "the console's answer in the thread",
    )
