"""The browser page: a person reads, writes, answers in a thread, edits, reacts and clicks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.slack_sandbox.conftest import App, Bot, Slack, wait_until

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no Chromium")]
BUTTON = {"type": "button", "action_id": "take", "text": {"type": "plain_text", "text": "Take"}}


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser.new_page()
        browser.close()


@pytest.fixture
def channel(bot: Bot) -> str:
    return bot.create()


@pytest.fixture
def card(bot: Bot, channel: str) -> str:
    return str(bot.post(channel, "New chat", blocks=[{"type": "actions", "elements": [BUTTON]}])["ts"])


@pytest.fixture
def page(slack: Slack, bot: Bot, channel: str, card: str, browser_page: Page) -> Page:
    problems: list[str] = []
    browser_page.on("pageerror", lambda error: problems.append(str(error)))
    browser_page.goto(f"{slack.url}/client/{slack.team()['id']}/{channel}?user=bob")
    browser_page.wait_for_selector("body[data-ready]")
    assert problems == []
    return browser_page


def test_a_reply_in_the_thread_reaches_the_app_and_the_page(
    app: App, page: Page, bot: Bot, channel: str, card: str
) -> None:
    bot.post(channel, "Hello?", thread_ts=card, username="Ana (visitor)")
    page.get_by_test_id("thread-open").click()
    pane = page.locator("#thread")
    expect(pane.get_by_test_id("message-author").last).to_have_text("Ana (visitor)")
    page.get_by_test_id("thread-composer").fill("*Yes*, hello :wave:")
    page.get_by_test_id("thread-send").click()
    expect(pane.get_by_test_id("message-text").last.locator("strong")).to_have_text("Yes")
    wait_until(lambda: "*Yes*, hello :wave:" in app.texts())
    assert next(event for event in app.events() if event["text"].startswith("*Yes*"))["thread_ts"] == card


def test_markup_in_a_message_stays_text(page: Page, bot: Bot, channel: str) -> None:
    bot.post(channel, "&lt;img src=x onerror=alert(1)&gt;")
    expect(page.get_by_test_id("message-text").last).to_have_text("<img src=x onerror=alert(1)>")


def test_own_messages_can_be_edited_and_deleted(page: Page) -> None:
    page.get_by_test_id("composer").fill("frist")
    page.get_by_test_id("composer").press("Enter")
    mine = page.get_by_test_id("message").last
    expect(mine.get_by_test_id("message-text")).to_have_text("frist")
    mine.hover()
    mine.get_by_test_id("edit").click()
    page.get_by_test_id("edit-box").fill("first")
    page.get_by_test_id("edit-save").click()
    expect(page.get_by_test_id("message-text").last).to_have_text("first(edited)")
    page.get_by_test_id("message").last.hover()
    page.get_by_test_id("message").last.get_by_test_id("delete").click()
    expect(page.get_by_text("first(edited)")).to_have_count(0)


def test_a_click_on_a_card_reaches_the_app_or_says_why_not(app: App, page: Page) -> None:
    page.get_by_test_id("block-action").click()
    wait_until(lambda: any(heard.path == "/slack/interactivity" for heard in app.heard))
    expect(page.get_by_test_id("action-problem")).to_have_count(0)
    wait_until(lambda: page.get_by_test_id("block-action").is_enabled())
    app.fails["/slack/interactivity"] = 500
    page.get_by_test_id("block-action").click()
    expect(page.get_by_test_id("action-problem")).to_have_text("The app did not answer. Try again.")


def test_a_reaction_is_put_on_and_taken_off(slack: Slack, page: Page, channel: str) -> None:
    page.get_by_test_id("message").first.hover()
    page.get_by_test_id("react-white_check_mark").first.click()
    expect(page.get_by_test_id("reaction")).to_have_attribute("data-name", "white_check_mark")
    page.get_by_test_id("reaction").click()
    expect(page.get_by_test_id("reaction")).to_have_count(0)


def test_the_person_and_the_channel_can_be_changed(slack: Slack, page: Page) -> None:
    page.get_by_test_id("person-switch").select_option(label="Carol – Product specialist")
    page.get_by_test_id("channel-random").click()
    expect(page.get_by_test_id("channel-title")).to_have_text("random")
    expect(page.get_by_test_id("empty-state")).to_be_visible()
    page.get_by_test_id("composer").fill("Hello from Carol")
    page.get_by_test_id("send").click()
    expect(page.get_by_test_id("message-author").last).to_have_text("Carol")
    assert f"user={slack.person('carol')}" in page.url


def test_a_person_invites_the_app_and_an_admin_archives_the_channel(
    browser_page: Page, slack: Slack, bot: Bot, app: App
) -> None:
    page = browser_page
    place = slack.channel("random")["id"]
    page.goto(f"{slack.url}/client/{slack.team()['id']}/{place}?user=bob")
    menu = page.get_by_test_id("channel-menu")
    menu.select_option("invite")
    wait_until(lambda: app.events("member_joined_channel"))
    joined = app.events("member_joined_channel")[-1]
    assert (joined["user"], joined["inviter"]) == (bot.grant["bot_user_id"], slack.person("bob"))
    expect(menu.locator("option[value=kick]")).to_have_count(1)
    menu.select_option("make_private")
    expect(menu.locator("option[value=make_private]")).to_have_count(0)
    menu.select_option("archive")
    expect(page.get_by_text("This channel is archived.")).to_be_visible()
    menu.select_option("unarchive")
    expect(page.get_by_test_id("composer")).to_be_visible()
