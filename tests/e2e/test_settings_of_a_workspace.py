"""C10: an owner says how long chats are kept, takes the data out, deletes the workspace and thinks better of it."""

import io
import zipfile

import pytest
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from tests.e2e.conftest import VisitorPage, picture
from tests.stack import Stack

PHONE: ViewportSize = {"width": 360, "height": 740}
WORDS = "My name is Zebrafish"


@pytest.fixture
def page(stack: Stack, owner: BrowserContext) -> Page:
    found = owner.new_page()
    found.goto(f"{stack.product}/console/settings")
    return found


def test_from_the_rule_to_the_end_and_back(stack: Stack, page: Page, visit: object) -> None:
    visitor: VisitorPage = visit().open_chat()  # type: ignore[operator]
    visitor.say(WORDS)
    page.get_by_role("navigation", name="Settings").get_by_role("link", name="Data").click()
    page.get_by_label("For a number of days after they were closed").check()
    page.get_by_label("Days", exact=True).fill("29")
    expect(page.locator("#would-go")).to_contain_text("from 30 to 730")
    page.get_by_label("Days", exact=True).fill("90")
    expect(page.locator("#would-go")).to_contain_text("Today nothing would go")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("From tomorrow on, chats go 90 days after they were closed")).to_be_visible()
    page.get_by_role("button", name="Export everything").click()
    expect(page.get_by_text("The export is being made")).to_be_visible()
    page.get_by_role("link", name="Fetch it").click(timeout=30_000)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        assert WORDS in archive.read("livechat_message.ndjson").decode()
    page.goto(f"{stack.product}/console/settings/data")
    picture(page, "settings-data")
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.goto(f"{stack.product}/console/settings")
    page.get_by_role("link", name="Delete the workspace").click()
    name = page.get_by_label("to confirm").get_attribute("data-confirm") or ""
    expect(page.get_by_role("button", name="Delete the workspace")).to_be_disabled()
    page.get_by_label("to confirm").fill(name)
    page.get_by_role("button", name="Delete the workspace").click()
    expect(page.get_by_role("heading", name="is closed")).to_be_visible()
    page.get_by_role("button", name="Undo, keep the workspace").click()
    expect(page.get_by_text("The workspace stays")).to_be_visible()
