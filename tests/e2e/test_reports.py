"""C6: an owner reads the reports, chooses other days and another site, and takes a table along."""

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import picture
from tests.e2e.test_everybody_can_use_it import expect_nothing_found
from tests.stack import Stack


def a_year_of_chats(stack: Stack, owner: BrowserContext) -> None:
    page = owner.new_page()
    page.goto(f"{stack.product}/console/settings")
    found = re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", page.locator("main").inner_text())
    assert found is not None
    stack.manage("seed_load", "--chats", "1500", "--messages", "9000", "--workspace", found[0], "--force")
    page.close()


def number_of_chats(page: Page) -> int:
    return int(page.locator(".tile-value").first.inner_text().replace(",", ""))


def test_an_owner_reads_chooses_and_takes_along(stack: Stack, owner: BrowserContext) -> None:
    page = owner.new_page()
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.goto(f"{stack.product}/console/chats")
    page.get_by_role("link", name="Reports").click()
    expect(page.get_by_role("heading", name="No chats in these days")).to_be_visible()
    a_year_of_chats(stack, owner)
    page.reload()
    expect(page.get_by_role("img", name="Chats a day")).to_be_visible()
    month = number_of_chats(page)
    page.get_by_label("Days").select_option("Last 90 days")
    expect(page).to_have_url(re.compile(r"/console/reports\?period=90$"))
    assert number_of_chats(page) > month
    picture(page, "reports")
    expect_nothing_found(page, "reports")
    page.go_back()
    expect(page.get_by_label("Days")).to_have_value("30")
    expect(page.locator(".tile-value").first).to_have_text(f"{month:,}")
    a_day_of_ones_own(page)
    a_table_as_a_file(page)
    on_a_phone_in_the_dark(stack, owner)


def a_day_of_ones_own(page: Page) -> None:
    expect(page.get_by_label("From")).to_be_hidden()
    page.get_by_label("Days").select_option("Other days")
    page.get_by_label("To", exact=True).fill("2001-01-01")
    page.get_by_label("To", exact=True).blur()
    expect(page.get_by_role("alert")).to_contain_text("Choose a first and a last day")
    page.get_by_label("From").fill("2000-12-01")
    page.get_by_label("From").blur()
    expect(page.get_by_role("heading", name="No chats in these days")).to_be_visible()
    page.get_by_role("link", name="The last 90 days").click()
    expect(page.get_by_role("img", name="Chats a day")).to_be_visible()


def a_table_as_a_file(page: Page) -> None:
    with page.expect_download() as taken:
        page.get_by_role("link", name="CSV of agents").click()
    text = Path(taken.value.path()).read_text("utf-8-sig")
    assert text.startswith("Agent,Chats,Answered,Missed,")
    assert "Colleague 1," in text


def on_a_phone_in_the_dark(stack: Stack, owner: BrowserContext) -> None:
    page = owner.new_page()
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 375, "height": 740})
    page.goto(f"{stack.product}/console/reports?period=90")
    expect(page.get_by_role("img", name="Chats a day")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect_nothing_found(page, "reports on a phone")
    page.get_by_text("As a table").click()
    expect(page.get_by_role("rowheader").first).to_be_visible()
