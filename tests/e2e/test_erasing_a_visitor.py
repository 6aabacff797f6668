"""S28 in a real browser: erased on a phone, gone at once from every page that is open."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, ViewportSize, expect

from tests.e2e.conftest import VisitorPage, chats, open_chat
from tests.stack import Stack

Visit = Callable[..., VisitorPage]
WORDS = "My name is Zebrafish"
PHONE: ViewportSize = {"width": 360, "height": 740}


@pytest.fixture
def visitor(visit: Visit) -> VisitorPage:
    found = visit().open_chat()
    found.say(WORDS)
    return found


def test_it_is_done_on_a_phone_and_every_open_page_lets_go(
    stack: Stack, owner: BrowserContext, visitor: VisitorPage
) -> None:
    desk = chats(stack, owner)
    open_chat(desk, WORDS)
    phone = chats(stack, owner)
    phone.set_viewport_size(PHONE)
    open_chat(phone, WORDS)
    phone.get_by_label("More", exact=True).click()
    phone.get_by_role("link", name="Erase this visitor").click()
    phone.get_by_label("Type erase to confirm").fill("erase")
    phone.get_by_role("button", name="Erase the visitor").click()
    expect(phone.get_by_role("heading", name="A visitor was erased")).to_be_visible()
    expect(visitor.panel.get_by_test_id("tb-message")).to_have_count(0)
    expect(desk).to_have_url(f"{stack.product}/console/chats")
    expect(desk.locator("body")).not_to_contain_text(WORDS)
    expect(desk.locator("body")).to_contain_text("no longer here")
    visitor.say("Somebody new")
    visitor.expect_lines("Somebody new")
