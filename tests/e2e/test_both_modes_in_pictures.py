"""Still and Noisy as people see them; what docs/slack.md shows is photographed here.

`PICTURES_INTO=docs/images bin/test tests/e2e/test_both_modes_in_pictures.py` takes the pictures anew.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import NewContext, VisitorPage
from tests.stack import Stack

DESK = {"viewport": {"width": 1180, "height": 760}}


@pytest.fixture
def picture(tmp_path: Path) -> Callable[[Page | Locator, str], None]:
    folder = Path(os.environ.get("PICTURES_INTO") or tmp_path)

    def take(what: Page | Locator, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        what.screenshot(path=folder / f"{name}.png", animations="disabled")
        assert (folder / f"{name}.png").stat().st_size > 5_000

    return take


def in_slack(stack: Stack, new_context: NewContext, person: str = "bob") -> Page:
    page = new_context(**DESK).new_page()
    page.goto(f"{stack.addresses['slack']}?user={person}")
    expect(page.locator("body[data-ready]")).to_be_visible()
    return page


def answer(page: Page, text: str) -> None:
    page.get_by_test_id("thread-composer").fill(text)
    page.get_by_test_id("thread-send").click()
    expect(page.get_by_test_id("thread-messages")).to_contain_text(re.sub(r"[*_;]", "", text).strip()[:20])


def connection_page(stack: Stack, new_context: NewContext) -> Page:
    page = new_context(**DESK).new_page()
    page.goto(stack.addresses["console"])
    page.goto(f"{stack.product}/console/slack")
    page.locator("main a[href*='/console/slack/']").first.click()
    expect(page.get_by_role("heading", name="How chats appear")).to_be_visible()
    return page


def test_still_mode_is_a_card_and_its_thread(
    stack: Stack,
    new_context: NewContext,
    visit: Callable[..., VisitorPage],
    picture: Callable[[Page | Locator, str], None],
) -> None:
    visitor = visit().open_chat()
    visitor.say("Is the oak table still available in 180 cm?")
    slack = in_slack(stack, new_context)
    slack.get_by_test_id("thread-open").last.click()
    expect(slack.get_by_test_id("thread-messages")).to_contain_text("oak table")
    answer(slack, "Yes, *two* are left. I can keep one for you until Friday.")
    answer(slack, ";; Carol, can you check the store room?")
    expect(visitor.panel.get_by_text("two are left")).to_be_visible()
    expect(visitor.panel.get_by_text("store room")).to_have_count(0)
    picture(slack, "still-thread")
    picture(visitor.page, "visitor-panel")


def test_noisy_mode_is_a_lobby_and_a_channel_for_each_chat(
    stack: Stack,
    new_context: NewContext,
    visit: Callable[..., VisitorPage],
    picture: Callable[[Page | Locator, str], None],
) -> None:
    console = connection_page(stack, new_context)
    picture(console.locator("section", has=console.locator("#mode-title")), "choosing-a-mode")
    console.locator("input[name=mode][value=noisy]").check()
    with console.expect_navigation():
        console.locator("form", has=console.locator("input[name=mode]")).get_by_role("button").last.click()
    allow_if_asked(console)
    expect(console.locator("main")).to_contain_text("Noisy")
    visitor = visit().open_chat()
    visitor.say("Do you deliver to Vilnius?")
    slack = in_slack(stack, new_context)
    expect(slack.get_by_test_id("block-action").filter(has_text="Join").last).to_be_visible()
    picture(slack, "noisy-lobby")
    slack.get_by_test_id("block-action").filter(has_text="Join").last.click()
    room = slack.locator("[data-testid^='channel-tb-']").last
    expect(room).to_be_visible()
    room.click()
    expect(slack.get_by_test_id("messages")).to_contain_text("Vilnius")
    slack.get_by_test_id("composer").fill("We do: three days, and it costs nothing above 100 €.")
    slack.get_by_test_id("send").click()
    expect(visitor.panel.get_by_text("three days")).to_be_visible()
    picture(slack, "noisy-channel")


def allow_if_asked(page: Page) -> None:
    """Noisy mode needs permissions that Still does not; Slack asks for them."""
    if "/oauth/v2/authorize" in page.url:
        with page.expect_navigation(url=re.compile("/console/")):
            page.get_by_test_id("oauth-allow").click()
