"""S17: on the app's page in Slack a colleague takes a chat, an owner says who is there, a guest reads a sentence."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import NewContext, VisitorPage, picture
from tests.e2e.slack_page import link_alice
from tests.stack import Stack

Visit = Callable[..., VisitorPage]
DESK = {"viewport": {"width": 1180, "height": 820}}


def at_home(stack: Stack, new_context: NewContext, person: str, **options: object) -> Page:
    """The app's page as this person opens it from Slack's sidebar."""
    page = new_context(**{**DESK, **options}).new_page()
    page.goto(f"{stack.addresses['slack']}?user={person}")
    page.get_by_test_id("open-home").click()
    expect(page.get_by_test_id("home")).to_be_visible()
    return page


def test_a_colleague_without_an_account_takes_a_chat_and_reads_on(
    stack: Stack, visit: Visit, new_context: NewContext
) -> None:
    stack.control("join", user="bob", channel="website-chat", team="Acme")
    visitor = visit().open_chat()
    visitor.say("Do you have chairs?")
    page = at_home(stack, new_context, "bob")
    home = page.get_by_test_id("home")
    expect(home).to_contain_text("Do you have chairs?")
    expect(home.get_by_role("link", name="Open in Slack")).to_be_visible()
    expect(home).to_contain_text("Link your account")
    picture(page, "home-colleague")
    home.get_by_test_id("block-action").filter(has_text="Take").click()
    expect(home).to_contain_text("You have this chat now.")
    expect(home).to_contain_text("Nobody is waiting.")
    visitor.say("In oak?")
    expect(home).to_contain_text("In oak?")


def test_an_owner_says_who_is_there_and_takes_a_chat(
    stack: Stack, visit: Visit, owner: BrowserContext, new_context: NewContext
) -> None:
    link_alice(stack, owner)
    visitor = visit().open_chat()
    visitor.say("Is anybody there?")
    page = at_home(stack, new_context, "alice")
    home = page.get_by_test_id("home")
    expect(home).to_contain_text("Is anybody there?")
    home.get_by_test_id("block-action").filter(has_text="Set away").click()
    expect(home).to_contain_text("Alice said so in Slack, until it is changed.")
    expect(visitor.panel.locator("body")).to_contain_text("away")
    home.get_by_test_id("block-action").filter(has_text="Automatic").click()
    expect(home.get_by_test_id("block-action").filter(has_text="Automatic")).to_have_count(0)
    home.get_by_test_id("block-action").filter(has_text="Take").first.click()
    expect(home).to_contain_text("You have this chat now.")
    picture(page, "home-owner")
    home.get_by_test_id("block-action").filter(has_text="Settings").click()
    expect(page.get_by_test_id("modal")).to_contain_text("Acme shop")


def test_a_guest_reads_a_sentence_and_nothing_else(stack: Stack, new_context: NewContext) -> None:
    stack.control("people", team="Acme", name="gus", real_name="Gus Guest", is_restricted=True)
    home = at_home(stack, new_context, "gus").get_by_test_id("home")
    expect(home).to_contain_text("This page is for people of that company.")
    expect(home.get_by_role("link")).to_have_count(0)
    expect(home.get_by_test_id("block-action")).to_have_count(0)
