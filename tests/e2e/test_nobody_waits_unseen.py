"""S20, S21 in a real browser: an owner writes hours and reminders, a visitor waits, Slack says so, *Take* ends it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import NewContext, VisitorPage, picture
from tests.e2e.test_everybody_can_use_it import PHONE, expect_no_sideways_scrolling, expect_nothing_found
from tests.stack import Stack

HOLIDAY = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()


def logged_in(stack: Stack, new_context: NewContext, **options: object) -> Page:
    page = new_context(**options).new_page()
    page.goto(stack.addresses["console"])
    page.goto(f"{stack.product}/console/sites")
    page.locator("main a[href*='/console/sites/']").first.click()
    page.get_by_role("link", name="Hours", exact=True).click()
    expect(page.get_by_role("heading", name="Working hours")).to_be_visible()
    return page


def minutes_go_by(stack: Stack, minutes: int) -> None:
    stack.manage("shell", "-c", f"from tests.slackapp.passing import go_by; go_by({minutes})")


def line(page: Page, place: int) -> Locator:
    return page.locator("#hours .hours-line").nth(place)


def test_hours_and_holidays_on_a_phone_and_by_keyboard(stack: Stack, new_context: NewContext) -> None:
    page = logged_in(stack, new_context, **PHONE)
    for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"):
        line(page, 0).get_by_label(day).check(force=True)
    line(page, 0).get_by_label("From").fill("00:00")
    line(page, 0).get_by_label("Until").fill("00:00")
    page.get_by_role("button", name="Add a day").press("Enter")
    expect(page.get_by_label("Date").nth(1)).to_be_focused()
    page.get_by_role("button", name="Remove day 2").press("Enter")
    page.get_by_label("Date").fill(HOLIDAY)
    page.get_by_label("Time zone").fill("Europe/Vilnius")
    with page.expect_navigation():
        page.get_by_role("button", name="Save the hours").press("Enter")
    expect(page.locator("#hours")).to_contain_text("Open now, until 00:00")
    expect(page.get_by_label("Date").first).to_have_value(HOLIDAY)
    expect_no_sideways_scrolling(page, "the site")
    expect_nothing_found(page, "the site")


def test_a_visitor_waits_and_slack_says_so_until_somebody_takes_the_chat(
    stack: Stack, new_context: NewContext, visit: Callable[..., VisitorPage]
) -> None:
    page = logged_in(stack, new_context, viewport={"width": 1180, "height": 900})
    page.get_by_role("link", name="Who is reminded of visitors who wait").click()
    page.get_by_label("A line in the chat’s thread").fill("2")
    page.get_by_label("A line that the whole channel sees").fill("5")
    mention = page.locator("[data-step=mention]")
    mention.get_by_role("spinbutton").fill("1")
    mention.get_by_text("Who is mentioned").click()
    mention.get_by_label(re.compile("Bob")).check()
    expect(page.locator("#moments")).to_contain_text("Each reminder comes later")
    mention.get_by_role("spinbutton").fill("10")
    page.get_by_label("A visitor writes at").fill("2026-11-02T09:00")
    expect(page.locator("#moments")).to_contain_text("09:10")
    expect_nothing_found(page, "the reminders")
    picture(page.locator("main"), "reminders")
    page.get_by_role("button", name="Save the reminders").click()
    expect(page.get_by_text("The reminders are saved")).to_be_visible()

    visitor = visit().open_chat()
    visitor.say("Is the oak table still available in 180 cm?")
    slack = new_context(viewport={"width": 1180, "height": 760}).new_page()
    slack.goto(f"{stack.addresses['slack']}?user=bob")
    slack.get_by_test_id("thread-open").last.click()
    thread = slack.get_by_test_id("thread-messages")
    expect(thread).to_contain_text("oak table")
    minutes_go_by(stack, 3)
    expect(thread).to_contain_text("A visitor has been waiting for 3 minutes.")
    minutes_go_by(stack, 4)
    expect(slack.get_by_test_id("messages")).to_contain_text("A visitor has been waiting for 7 minutes.")
    minutes_go_by(stack, 4)
    expect(thread).to_contain_text("@Bob, a visitor has been waiting for 11 minutes.")
    picture(slack, "reminded")
    thread.get_by_test_id("block-action").filter(has_text="Take").last.click()
    expect(thread).to_contain_text("Bob has it")
