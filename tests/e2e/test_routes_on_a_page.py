"""S9 in a real browser: hours in lines, the order by keyboard, a case tried, and a route made the default."""

import re

from playwright.sync_api import BrowserContext, Page, expect

from tests.stack import Stack


def routes_page(stack: Stack, page: Page) -> Page:
    page.goto(f"{stack.product}/console/slack")
    page.get_by_role("link", name="Routes").first.click()
    return page


def hours(page: Page, place: int, days: str, begin: str, end: str) -> None:
    line = page.locator(".hours-line").nth(place)
    for day in days.split():
        line.get_by_label(day).check(force=True)
    line.get_by_label("From").fill(begin)
    line.get_by_label("Until").fill(end)


def test_an_owner_leads_chats_by_hours_and_order(stack: Stack, owner: BrowserContext) -> None:
    page = routes_page(stack, owner.new_page())
    page.fill("#name", "Sales")
    hours(page, 0, "Mon Tue", "09:00", "12:00")
    page.get_by_role("button", name="Add hours").press("Enter")
    hours(page, 1, "Mon Tue", "13:00", "17:00")
    page.get_by_role("button", name="Add hours").click()
    page.get_by_role("button", name="Remove hours 3").click()
    page.fill("#zone", "Europe/Vilnius")
    page.get_by_role("button", name="Add the route").click()
    page.fill("input[name=name]", "sales-chat")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_text("#sales-chat").first).to_be_visible()

    routes_page(stack, page)
    expect(page.locator("[data-route=Sales]")).to_contain_text("Mon, Tue 09:00–12:00, 13:00–17:00")
    page.fill("#name", "German")
    page.fill("#language", "de")
    page.get_by_role("button", name="Add the route").click()
    routes_page(stack, page).get_by_role("button", name="Move German up").press("Enter")
    expect(page.locator("[data-route]").first).to_have_attribute("data-route", "German")
    # the same button again, which now says that German is the first of two
    expect(page.get_by_role("button", name="Move German up")).to_be_focused()
    expect(page.get_by_role("button", name="Move German up")).to_have_accessible_description("1 of 2")
    page.keyboard.press("Enter")
    expect(page.locator("[data-route]").first).to_have_attribute("data-route", "German")

    page.fill("#try-at", "2026-03-02T10:00")
    page.fill("#try-zone", "Europe/Vilnius")
    page.get_by_role("button", name="Try", exact=True).click()
    expect(page.locator("#taken")).to_contain_text("It goes to Sales, #sales-chat")
    page.fill("#try-at", "2026-03-02T12:30")
    page.get_by_role("button", name="Try", exact=True).click()
    expect(page.locator("#taken")).to_contain_text("It goes to the default")

    page.locator("[data-route=Sales]").get_by_text("Make default", exact=True).click()
    page.get_by_role("button", name="Make Sales the default").click()
    expect(page.locator("[data-route=default]")).to_contain_text("Default: Sales")
    expect(page.locator("[data-route=website-chat]")).to_contain_text(re.compile("takes no chats"))
