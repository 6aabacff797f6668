"""One running product for the browser flows, and Chromium to use it with as a visitor, an agent and an owner do."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect, sync_playwright

from tests.stack import Stack, running

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync""".split()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.path).is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(180))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("stack")) as found:
        yield found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # Playwright's loop runs in this thread; nothing here touches the ORM
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


NewContext = Callable[..., BrowserContext]


@pytest.fixture
def new_context(chromium: Browser) -> Iterator[NewContext]:
    """A browser of its own per person; whatever a page logs as an error fails the test."""
    opened: list[BrowserContext] = []
    errors: list[str] = []

    def open_context(**options: object) -> BrowserContext:
        context = chromium.new_context(**options)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        opened.append(context)
        return context

    yield open_context
    for context in opened:
        context.close()
    assert errors == []


class VisitorPage:
    """The shop with its widget, as a visitor meets it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.panel: FrameLocator = page.frame_locator("iframe[src*='/widget/frame']")

    def open_chat(self) -> "VisitorPage":
        self.page.get_by_test_id("tb-launcher").click()
        expect(self.panel.get_by_test_id("tb-composer")).to_be_visible()
        return self

    def say(self, text: str) -> None:
        self.panel.get_by_test_id("tb-composer").fill(text)
        self.panel.get_by_test_id("tb-send").click()

    def expect_lines(self, *texts: str) -> None:
        expect(self.panel.get_by_test_id("tb-message")).to_have_count(len(texts))
        for place, text in enumerate(texts):
            expect(self.panel.get_by_test_id("tb-message").nth(place)).to_contain_text(text)

    def expect_state(self, place: int, *states: str) -> None:
        message = self.panel.get_by_test_id("tb-message").nth(place)
        expect(message).to_have_attribute("data-state", re.compile(f"^({'|'.join(states)})$"))


@pytest.fixture
def visit(stack: Stack, new_context: NewContext) -> Callable[..., VisitorPage]:
    def open_shop(context: BrowserContext | None = None) -> VisitorPage:
        page = (context or new_context()).new_page()
        page.goto(stack.addresses["shop"])
        return VisitorPage(page)

    return open_shop
