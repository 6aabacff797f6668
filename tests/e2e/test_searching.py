"""C2: somebody finds a line of long ago, by keyboard alone, and lands on it."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.e2e.conftest import VisitorPage, chats, picture
from tests.stack import Stack


def test_a_line_is_found_and_opened_in_its_place(
    stack: Stack, owner: BrowserContext, visit: Callable[..., VisitorPage]
) -> None:
    visitor = visit().open_chat()
    visitor.say("The zanzibar lamp flickers since Monday")
    visitor.expect_lines("The zanzibar lamp flickers since Monday")
    page = chats(stack, owner)
    page.wait_for_load_state()
    page.keyboard.press("/")
    page.keyboard.type("zanz")
    page.keyboard.press("Enter")
    hit = page.locator(".hit-line")
    for _ in range(20):
        # words are found some seconds after they were written
        if hit.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(hit.locator("mark")).to_have_text("zanzibar")
    picture(page.locator("main"), "searching-chats")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#detail")).to_contain_text("The zanzibar lamp flickers")
    assert "#m-" in page.url
    page.goto(f"{stack.product}/console/search?q=nothing-like-it")
    expect(page.get_by_text("Nothing was said like that")).to_be_visible()
    expect(page.get_by_text("from:visitor")).to_be_visible()
