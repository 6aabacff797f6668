"""S8: visitor, lobby line, Join, an answer in the channel, the close, the archive, the return – each in a browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests import web
from tests.e2e.conftest import NewContext, VisitorPage, chats, open_chat
from tests.e2e.slack_page import in_slack, typed
from tests.stack import Stack, wait_until

Visit = Callable[..., VisitorPage]


def as_bob(stack: Stack, new_context: NewContext) -> Page:
    """Bob, who is in the lobby as colleagues are."""
    web.post(f"{stack.slack}/_control/join", json={"user": "bob", "channel": "website-chat"}, timeout=20)
    return in_slack(stack, new_context)


def make_noisy(stack: Stack, owner: BrowserContext) -> None:
    """As Alice chooses it: Slack asks for what Noisy mode needs more; closed channels are archived at once."""
    page = owner.new_page()
    page.goto(f"{stack.product}/console/slack")
    page.locator("main section.card").first.get_by_role("link", name="Open").click()
    page.get_by_label("Noisy").check()
    page.locator("details", has=page.locator("#grace")).evaluate("details => { details.open = true; }")
    page.get_by_label("Archive a closed chat’s channel after").select_option("0")
    page.locator("section", has=page.locator("#mode-title")).get_by_role("button", name="Save").click()
    page.get_by_test_id("oauth-allow").click()
    expect(page.get_by_role("heading", name="How chats appear")).to_be_visible()
    expect(page.get_by_label("Noisy")).to_be_checked()
    page.close()


@pytest.fixture
def noisy(stack: Stack, owner: BrowserContext) -> None:
    make_noisy(stack, owner)


def channels(stack: Stack) -> dict[str, bool]:
    """The channels of chats, and whether they are archived."""
    found = [channel for team in stack.state()["teams"] for channel in team["channels"]]
    return {str(c["name"]): bool(c["is_archived"]) for c in found if re.match(r"(zz-)?tb-", str(c["name"]))}


def test_a_chat_has_a_channel_from_the_first_word_to_the_last(
    stack: Stack, noisy: None, visit: Visit, owner: BrowserContext, new_context: NewContext
) -> None:
    visitor = visit().open_chat()
    visitor.say("Do you repair old chairs?")
    visitor.expect_state(0, "delivered", "seen")
    slack = as_bob(stack, new_context)
    lobby = slack.get_by_test_id("message").filter(has_text="Waiting in").last
    expect(lobby).to_contain_text("tb-visitor-001")
    lobby.get_by_test_id("block-action").filter(has_text="Join").click()
    expect(slack.get_by_test_id("messages")).to_contain_text("You are in #tb-visitor-001 now.")

    slack.get_by_test_id("channel-tb-visitor-001").click()
    expect(slack.get_by_test_id("messages")).to_contain_text("Do you repair old chairs?")
    slack.get_by_test_id("composer").fill("We do, *gladly*.")
    slack.get_by_test_id("send").click()
    visitor.expect_lines("Do you repair old chairs?", "We do, gladly.")

    console = chats(stack, owner)
    open_chat(console, "We do, gladly.")
    console.get_by_role("button", name="Close").click()
    expect(slack.get_by_test_id("messages")).to_contain_text("This chat is closed")
    wait_until(lambda: channels(stack) == {"zz-tb-visitor-001": True}, "the channel's archiving")

    visitor.say("And tables?")
    wait_until(lambda: channels(stack).get("tb-visitor-002") is False, "the new channel")
    slack.get_by_test_id("channel-tb-visitor-002").click()
    expect(slack.get_by_test_id("messages")).to_contain_text("And tables?")
    card = slack.get_by_test_id("message").filter(has_text="New chat")
    expect(card).to_contain_text("Earlier chat:")
    expect(card).to_contain_text("zz-tb-visitor-001")
    the_chat_of_the_channel_is_meant_by_command(slack, visitor)


def the_chat_of_the_channel_is_meant_by_command(slack: Page, visitor: VisitorPage) -> None:
    room = slack.get_by_test_id("messages")
    expect(typed(slack, "note asks for the second time")).to_contain_text("Kept as a note.")
    expect(room).to_contain_text("asks for the second time")
    slack.get_by_test_id("composer").fill("/threadbell close")
    slack.get_by_test_id("composer").press("Enter")
    expect(room).to_contain_text("is closed. An answer to the visitor opens it")
    expect(visitor.panel.locator("body")).to_contain_text("And tables?")
    expect(visitor.panel.locator("body")).not_to_contain_text("second time")
