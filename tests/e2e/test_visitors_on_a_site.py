"""C7 in a browser: the switch, two tabs that are one line, a turned page, a chat that the team begins, and leaving."""

import re

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.e2e.conftest import NewContext, VisitorPage, picture
from tests.stack import Stack


def switch_on(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.product}/console/sites")
    page.locator("a.link-card").first.click()
    page.get_by_role("navigation", name="Pages of").get_by_role("link", name="Visitors").click()
    page.get_by_label("Show who is on the site").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. Visitors of pages")).to_be_visible()


def sockets_of(page: Page) -> list[str]:
    found: list[str] = []
    page.on("websocket", lambda socket: found.append(socket.url))
    return found


def shop(context: BrowserContext, stack: Stack) -> VisitorPage:
    page = context.new_page()
    page.goto(stack.addresses["shop"])
    return VisitorPage(page)


def test_somebody_is_seen_written_to_and_leaves(
    stack: Stack, new_context: NewContext, owner: BrowserContext
) -> None:
    before = new_context().new_page()
    opened = sockets_of(before)
    before.goto(stack.addresses["shop"])
    expect(before.get_by_test_id("tb-launcher")).to_be_visible()
    console = owner.new_page()
    switch_on(console, stack)
    assert opened == [], "a page of a site that shows nobody opens no connection"
    before.close()

    console.get_by_role("navigation", name="Console").get_by_role("link", name="Visitors").click()
    expect(console.get_by_text("Nobody is here now")).to_be_visible()
    browser = new_context()
    tab = shop(browser, stack)
    shop(browser, stack)
    lines = console.locator(".visitor-row")
    expect(lines).to_have_count(1)
    expect(lines).to_contain_text("1 page")
    tab.page.evaluate("history.pushState({}, '', '?boots'); document.title = 'Red boots'")
    expect(lines).to_contain_text("Red boots")
    expect(lines).to_contain_text("2 pages")
    picture(console, "console-visitors")

    console.get_by_role("link", name="Start a chat with").click()
    console.get_by_label("Your first line").fill("May I help you with the boots?")
    console.get_by_role("button", name="Start the chat").click()
    expect(console.locator("#lines")).to_contain_text("May I help you with the boots?")
    expect(tab.page.get_by_test_id("tb-launcher")).to_have_accessible_name(re.compile("1 new message$"))
    the_bubble_opens_the_chat(tab)
    tab.expect_lines("May I help you with the boots?")
    tab.say("Yes, do they come in 45?")
    expect(console.locator("#lines")).to_contain_text("Yes, do they come in 45?")
    in_slack = [line["text"] for line in stack.in_slack()]
    assert any("May I help you with the boots?" in text for text in in_slack), in_slack

    console.goto(f"{stack.product}/console/visitors")
    expect(lines).to_contain_text("In a chat with")
    browser.close()
    expect(console.get_by_text("Nobody is here now")).to_be_visible()


def bubble(page: Page) -> Locator:
    return page.frame_locator("iframe").get_by_test_id("tb-teaser")


def the_bubble_opens_the_chat(tab: VisitorPage) -> None:
    expect(bubble(tab.page)).to_contain_text("May I help you with the boots?")
    words = tab.page.evaluate(
        "document.documentElement.outerHTML + document.querySelector('threadbell-widget').shadowRoot.innerHTML"
    )
    assert "May I help" not in words, "no word of a chat reaches the page around"
    bubble(tab.page).click()
    expect(tab.panel.get_by_test_id("tb-composer")).to_be_focused()
    expect(bubble(tab.page)).to_be_hidden()


def test_the_bubble_is_dismissed_by_keyboard_in_every_tab_and_for_good(
    stack: Stack, new_context: NewContext, owner: BrowserContext
) -> None:
    console = owner.new_page()
    switch_on(console, stack)
    browser = new_context()
    tab, other = shop(browser, stack), shop(browser, stack)
    console.goto(f"{stack.product}/console/visitors")
    console.get_by_role("link", name="Start a chat with").click()
    console.get_by_label("Your first line").fill("Shall I show you around?")
    console.get_by_role("button", name="Start the chat").click()
    for one in (tab, other):
        expect(bubble(one.page)).to_contain_text("Shall I show you around?")
    launcher, cross = (
        tab.page.get_by_test_id("tb-launcher"),
        tab.page.frame_locator("iframe").get_by_role("button", name="Dismiss"),
    )
    expect(tab.page.frame_locator("iframe").locator("#teaser-said")).to_contain_text(
        "said: Shall I show you around?"
    )
    cross.focus()
    expect(cross).to_be_focused()
    tab.page.keyboard.press("Enter")
    for one in (tab, other):
        expect(bubble(one.page)).to_be_hidden()
    expect(launcher).to_be_focused()
    expect(launcher).to_have_accessible_name(re.compile("1 new message$"))
    tab.page.reload()
    expect(launcher).to_have_accessible_name(re.compile("1 new message$"))
    expect(bubble(tab.page)).to_be_hidden()
    tab.open_chat()
    tab.expect_lines("Shall I show you around?")
