"""S15 in a real browser: a chat is snoozed and a visitor blocked on Slack's page, and taken back in the console."""

import re
import secrets
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, ViewportSize, expect

from tests.e2e.conftest import NewContext, VisitorPage, chats, picture
from tests.e2e.slack_page import card, choose, in_slack, submit
from tests.stack import Stack

Visit = Callable[..., VisitorPage]
PHONE: ViewportSize = {"width": 390, "height": 780}


@pytest.fixture
def asked() -> str:
    """The visitor's first line, unlike those of other chats."""
    return f"Is table {secrets.token_hex(3)} still there?"


@pytest.fixture
def visitor(visit: Visit, asked: str) -> VisitorPage:
    found = visit().open_chat()
    found.say(asked)
    return found


@pytest.fixture
def slack(stack: Stack, visitor: VisitorPage, new_context: NewContext) -> Page:
    """Slack's page as Bob has it, with the card of the visitor's chat."""
    return in_slack(stack, new_context)


def in_list(page: Page, tab: str, words: str) -> Locator:
    """The chat in that list of the console."""
    if tab == "Blocked":
        page.get_by_text("Filter", exact=True).click()
        page.get_by_role("link", name="Chats of blocked visitors").click()
    else:
        page.get_by_role("navigation", name="Which chats").get_by_role("link", name=tab).click()
    expect(page.locator(".tabs a[aria-current]")).to_contain_text(tab)
    return page.locator("#list a").filter(has_text=words)


def test_a_chat_rests_until_the_visitor_writes(
    stack: Stack, owner: BrowserContext, visitor: VisitorPage, slack: Page, asked: str
) -> None:
    choose(slack, "Snooze…")
    expect(slack.get_by_test_id("modal-title")).to_have_text("Snooze this chat")
    slack.get_by_test_id("modal-field-for").get_by_text("Another moment…").click()
    expect(slack.get_by_test_id("modal-field-at")).to_be_visible()
    slack.get_by_test_id("modal-field-at").fill("2020-01-01T09:00")
    submit(slack)
    expect(slack.locator("[data-testid=modal-error][data-block=at]")).to_contain_text("That moment is over")
    slack.get_by_test_id("modal-field-for").get_by_text("3 hours").click()
    expect(slack.get_by_test_id("modal-field-at")).to_have_count(0)
    picture(slack, "snoozing-a-chat")
    submit(slack)
    expect(slack.get_by_test_id("modal")).to_have_count(0)
    expect(card(slack)).to_contain_text(re.compile("Snoozed until .+ by Bob"))
    expect(card(slack).get_by_role("button", name="Wake up")).to_be_visible()
    console = chats(stack, owner)
    expect(in_list(console, "Open", asked)).to_have_count(0)
    in_list(console, "Snoozed", asked).click()
    expect(console.locator("#chat-resting")).to_contain_text("by Bob")
    visitor.say("I would take it on Friday.")
    expect(console.locator("#chat-resting")).to_be_empty()
    expect(card(slack)).not_to_contain_text("Snoozed")
    console.locator("#lines").focus()
    console.keyboard.press("s")
    expect(console.get_by_role("button", name="30 minutes")).to_be_focused()
    console.keyboard.press("Enter")
    expect(console.locator("#chat-resting")).to_contain_text("by Alice")
    expect(card(slack)).to_contain_text(re.compile("Snoozed until .+ by Alice"))
    card(slack).get_by_role("button", name="Wake up").click()
    expect(card(slack)).not_to_contain_text("Snoozed")
    expect(console.locator("#chat-resting")).to_be_empty()


def test_the_menu_folds_when_it_asks_about_blocking(
    stack: Stack, owner: BrowserContext, visitor: VisitorPage, asked: str
) -> None:
    phone = chats(stack, owner)
    phone.set_viewport_size(PHONE)
    in_list(phone, "Open", asked).click()
    more = phone.get_by_label("More", exact=True)
    more.click()
    phone.get_by_role("button", name="Block this visitor").click()
    expect(phone.get_by_role("button", name="Cancel")).to_be_focused()
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("button", name="Block this visitor")).to_be_hidden()
    expect(more).to_be_focused()


def test_a_menu_stays_open_while_its_chat_goes_on(
    stack: Stack, owner: BrowserContext, visitor: VisitorPage, asked: str
) -> None:
    """The head is read anew with each line, under the eyes of whoever looks for something in its menu."""
    page = chats(stack, owner)
    in_list(page, "Open", asked).click()
    more = page.get_by_label("More", exact=True)
    more.click()
    for line in ("One more thing", "And another"):
        visitor.say(line)
        expect(page.locator("#lines").get_by_text(line)).to_be_visible()
        expect(page.get_by_role("button", name="Block this visitor")).to_be_visible()
        expect(more).to_be_focused()


def test_a_blocked_visitor_reads_and_writes_nothing_more(
    stack: Stack, owner: BrowserContext, visitor: VisitorPage, slack: Page, asked: str
) -> None:
    choose(slack, "Block visitor…")
    expect(slack.get_by_test_id("modal-title")).to_have_text("Block this visitor?")
    picture(slack.get_by_test_id("modal"), "blocking-a-visitor")
    submit(slack)
    expect(slack.get_by_test_id("modal")).to_have_count(0)
    expect(card(slack)).to_contain_text("The visitor is blocked by Bob")
    visitor.say("Hello? Hello?")
    expect(visitor.panel.get_by_text("Not sent: you cannot write here at the moment.")).to_be_visible()
    visitor.page.reload()
    visitor.open_chat()
    expect(visitor.panel.get_by_text(asked)).to_be_visible()
    phone = chats(stack, owner)
    phone.set_viewport_size(PHONE)
    in_list(phone, "Blocked", asked).click()
    expect(phone.locator("#chat-resting")).to_contain_text("Blocked by Bob on")
    expect(phone.locator("#lines")).to_contain_text("Bob blocked this visitor.")
    expect(phone.locator("#lines")).not_to_contain_text("Hello? Hello?")
    phone.get_by_role("button", name="Unblock").click()
    expect(phone.locator("#chat-resting")).to_be_empty()
    expect(card(slack)).not_to_contain_text("blocked")
    visitor.panel.get_by_role("button", name="Retry").click()
    expect(phone.locator("#lines")).to_contain_text("Hello? Hello?")
    choose(slack, "Block visitor…")
    submit(slack)
    card(slack).get_by_role("button", name="Unblock visitor").click()
    expect(card(slack)).not_to_contain_text("blocked")
