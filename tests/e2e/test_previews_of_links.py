"""S24 in real browsers: a link to a chat is pasted in Slack, its poster links their account, and it shows the chat."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests import web
from tests.e2e.conftest import NewContext, VisitorPage, chats, picture
from tests.e2e.test_everybody_can_use_it import expect_nothing_found
from tests.stack import Stack, wait_until

QUESTION = "Is the oak table still available in 180 cm?"


def in_slack(stack: Stack, context: BrowserContext, person: str) -> Page:
    """Their Slack, in a channel that carries no chats."""
    page = context.new_page()
    page.set_viewport_size({"width": 1100, "height": 700})
    team = stack.state()["teams"][0]["id"]
    page.goto(f"{stack.slack}/client/{team}?user={person}")
    page.get_by_test_id("channel-sales").click()
    expect(page.get_by_test_id("channel-title")).to_contain_text("sales")
    return page


def send(page: Page, text: str) -> Locator:
    """The message as it stands in the channel then."""
    page.get_by_test_id("composer").fill(text)
    page.get_by_test_id("send").click()
    message = page.get_by_test_id("message").filter(has_text=text[:30]).last
    expect(message).to_be_visible()
    return message


def allow(page: Page, who: str) -> None:
    page.get_by_test_id("oauth-user").select_option(
        value=page.locator("option", has_text=who).get_attribute("value")
    )
    page.get_by_test_id("oauth-allow").click()


@pytest.fixture(scope="module")
def sales(stack: Stack) -> None:
    stack.control("channels", name="sales")
    for person in ("alice", "bob"):
        stack.control("join", user=person, channel="sales")


@pytest.fixture
def links(
    stack: Stack, sales: None, owner: BrowserContext, visit: Callable[..., VisitorPage]
) -> tuple[str, str]:
    """Addresses of a chat and of its question, as the console has them."""
    visitor = visit().open_chat()
    visitor.say(QUESTION)
    visitor.expect_state(0, "delivered", "seen")
    console = chats(stack, owner)
    console.locator("#list a").filter(has_text="oak table").first.click()
    expect(console.locator("#lines")).to_contain_text("oak table")
    url = re.sub(r"[?#].*", "", console.url)
    line = console.locator("#lines [id^='m-']").filter(has_text="oak table").last.get_attribute("id")
    return url, f"{url}#{line}"


def link_account(message: Locator) -> None:
    """Follows the link below Alice's message; first Bob is chosen in Slack, who is somebody else."""
    with message.page.context.expect_page() as opened:
        message.get_by_test_id("unfurl-connect").click()
    page = opened.value
    page.set_viewport_size({"width": 1100, "height": 600})
    expect(page.get_by_role("heading", name="Link your Slack account")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Alice")
    expect_nothing_found(page, page.url)
    picture(page, "linking-from-slack")
    page.get_by_role("button", name="Confirm with Slack").click()
    allow(page, "Bob")
    expect(page.locator("main")).to_contain_text("was for another person")
    page.go_back()
    page.go_back()
    expect(page.get_by_role("heading", name="Link your Slack account")).to_be_visible()
    page.get_by_role("button", name="Confirm with Slack").click()
    allow(page, "Alice")
    expect(page.get_by_role("heading", name="Your Slack account is linked")).to_be_visible()


def test_from_pasting_a_link_to_its_preview(
    stack: Stack, owner: BrowserContext, links: tuple[str, str]
) -> None:
    chat, question = links
    slack = in_slack(stack, owner, "alice")
    first = send(slack, f"Who takes this one? {chat}")
    expect(first.get_by_test_id("unfurl-auth")).to_be_visible()
    expect(first.get_by_test_id("unfurl")).to_have_count(0)
    link_account(first)
    expect(first.get_by_test_id("unfurl")).to_contain_text("Open, waits for an answer")
    expect(first.get_by_test_id("unfurl-auth")).to_have_count(0)
    expect(first.get_by_test_id("unfurl")).not_to_contain_text("oak table")
    slack.get_by_test_id("composer").fill(question)
    expect(slack.get_by_test_id("composer-preview")).to_contain_text("Chat with Visitor")
    picture(slack, "preview-while-writing")
    second = send(slack, f"The question: {question}")
    expect(second.get_by_test_id("unfurl")).to_contain_text(QUESTION)
    picture(slack, "link-previews")
    the_site_and_the_reports(stack, owner, slack)


def the_site_and_the_reports(stack: Stack, owner: BrowserContext, slack: Page) -> None:
    console = owner.new_page()
    console.goto(f"{stack.product}/console/sites")
    site = console.locator("main a[href*='/console/sites/']").first.get_attribute("href")
    first = send(slack, f"Our shop: {stack.product}{site}")
    expect(first.get_by_test_id("unfurl")).to_contain_text("1 open chat now, 1 waiting for an answer")
    second = send(slack, f"This week: {stack.product}/console/reports")
    expect(second.get_by_test_id("unfurl")).to_contain_text("Reports of Acme")
    picture(slack, "previews-of-site-and-reports")


def test_who_never_wants_to_be_asked_is_left_alone(
    stack: Stack, new_context: NewContext, links: tuple[str, str]
) -> None:
    slack = in_slack(stack, new_context(), "bob")
    first = send(slack, f"And what is this? {links[0]}")
    expect(first.get_by_test_id("unfurl-auth")).to_be_visible()
    expect(first.get_by_test_id("unfurl")).to_have_count(0)
    first.get_by_test_id("unfurl-never").click()
    expect(first.get_by_test_id("unfurl-auth")).to_have_count(0)
    asked = len(unfurls(stack))
    second = send(slack, f"Once more {links[0]}")
    wait_until(lambda: len(unfurls(stack)) > asked, "Slack's no to a second question")
    expect(second.get_by_test_id("unfurl-auth")).to_have_count(0)


def unfurls(stack: Stack) -> list[dict[str, object]]:
    answer = web.get(f"{stack.slack}/_control/requests", timeout=20).json()
    return [row for row in answer["requests"] if row["method"] == "chat.unfurl"]
