"""One running product for the browser flows, and Chromium to use it with as a visitor, an agent and an owner do."""

import io
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Locator, Page, expect, sync_playwright

from tests.stack import Stack, running

# for all of them, so that each waits as long alone as among others; what comes sooner costs nothing
expect.set_options(timeout=20_000)

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync""".split()
# what crosses sockets, processes and both apps; what a page shows is the same on any database
EVERYWHERE = """test_the_first_chat test_the_console test_commands_in_slack test_the_card_of_a_chat
    test_sending_files test_erasing_a_visitor""".split()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.path).is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)
            if Path(item.path).stem in EVERYWHERE:
                item.add_marker(pytest.mark.everywhere)
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

    def expect_state(self, place: int, *states: str, ms: float | None = None) -> None:
        message = self.panel.get_by_test_id("tb-message").nth(place)
        expect(message).to_have_attribute("data-state", re.compile(f"^({'|'.join(states)})$"), timeout=ms)


@pytest.fixture
def visit(stack: Stack, new_context: NewContext) -> Callable[..., VisitorPage]:
    def open_shop(context: BrowserContext | None = None) -> VisitorPage:
        page = (context or new_context()).new_page()
        page.goto(stack.addresses["shop"])
        return VisitorPage(page)

    return open_shop


@pytest.fixture
def owner(stack: Stack, new_context: NewContext) -> BrowserContext:
    """Alice, logged in as the demo's link does it."""
    context = new_context()
    page = context.new_page()
    page.goto(stack.addresses["console"])
    expect(page.get_by_role("heading", name="Chats", level=1)).to_be_visible()
    page.close()
    return context


def chats(stack: Stack, owner: BrowserContext) -> Page:
    page = owner.new_page()
    page.goto(f"{stack.product}/console/chats")
    return page


def open_chat(page: Page, text: str) -> None:
    page.locator("#list a").filter(has_text=text).click()
    expect(page.locator("#lines")).to_contain_text(text)


def picture(of: Page | Locator, name: str) -> None:
    """For the documentation: docs/images/<name>.png, taken anew where PICTURES names that folder, otherwise nothing.

    Few colours are enough for pages, and a picture in the history stays for ever.
    """
    if folder := os.environ.get("PICTURES"):
        with Image.open(io.BytesIO(of.screenshot(animations="disabled"))) as taken:
            taken.convert("RGB").quantize(128).save(Path(folder) / f"{name}.png", optimize=True)
