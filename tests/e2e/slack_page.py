"""What a person does on Slack's page, in the words of a person."""

from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, ViewportSize, expect

from tests.e2e.conftest import NewContext
from tests.stack import Stack

DESK: ViewportSize = {"width": 1180, "height": 760}


def in_slack(stack: Stack, new_context: NewContext, person: str = "bob", **options: Any) -> Page:
    """Their Slack, in the channel where the chats arrive."""
    page = new_context(**{"viewport": DESK, **options}).new_page()
    page.goto(f"{stack.addresses['slack']}?user={person}")
    expect(page.locator("body[data-ready]")).to_be_visible()
    return page


def card(slack: Page) -> Locator:
    """The newest card of the channel."""
    return slack.get_by_test_id("messages").get_by_test_id("message").filter(has_text="Open in console").last


def press(slack: Page, name: str) -> None:
    card(slack).get_by_test_id("block-action").filter(has_text=name).click()


def choose(slack: Page, row: str) -> None:
    """From the menu of the card."""
    menu = card(slack).get_by_test_id("block-menu")
    expect(menu.locator("option", has_text=row)).to_have_count(1)
    menu.select_option(label=row)


def submit(slack: Page) -> None:
    slack.get_by_test_id("modal-submit").click()


def typed(slack: Page, text: str) -> Locator:
    """The answer to the command, which only whoever typed it sees."""
    messages = slack.get_by_test_id("messages").get_by_test_id("message")
    shown = messages.filter(has_text="Only visible to you")
    before = shown.count()
    slack.get_by_test_id("composer").fill(f"/threadbell {text}".strip())
    slack.get_by_test_id("composer").press("Enter")
    expect(shown).to_have_count(before + 1)
    return shown.last


def link_alice(stack: Stack, owner: BrowserContext) -> None:
    """The owner's account and Alice of Slack, in the console, by *Sign in with Slack*."""
    page = owner.new_page()
    page.goto(f"{stack.product}/console/slack")
    page.get_by_role("button", name="Link your Slack account").click()
    alice = page.get_by_test_id("oauth-user").locator("option", has_text="Alice")
    page.get_by_test_id("oauth-user").select_option(value=alice.get_attribute("value"))
    page.get_by_test_id("oauth-allow").click()
    expect(page.get_by_role("button", name="Unlink")).to_be_visible()
    page.close()
