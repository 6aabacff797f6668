"""The console in a real browser beside widget and Slack: live, once, kept, reachable by keyboard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.e2e.conftest import VisitorPage, chats, open_chat
from tests.stack import Stack, wait_until

# two cores run two servers and two browsers here

Visit = Callable[..., VisitorPage]


def test_a_chat_appears_is_answered_and_reaches_both_sides(stack: Stack, visit: Visit, owner: BrowserContext):
    page = chats(stack, owner)
    visitor = visit().open_chat()
    visitor.say("Does the console hear me?")
    open_chat(page, "Does the console hear me?")
    expect(page.locator(".line-visitor .state")).to_contain_text("In Slack")
    page.get_by_label("Reply", exact=True).fill("Loud and clear.")
    page.get_by_label("Reply", exact=True).press("Enter")
    visitor.expect_lines("Does the console hear me?", "Loud and clear.")
    expect(page.locator(".line-agent .bubble")).to_have_text("Loud and clear.")
    expect(page.get_by_label("Reply", exact=True)).to_have_value("")
    wait_until(lambda: [m for m in stack.in_slack() if m["text"] == "Loud and clear."], "the answer in Slack")
    visitor.say("Thank you.")
    expect(page.locator("#lines")).to_contain_text("Thank you.")


def test_what_is_written_while_the_page_loads_is_on_it_once_it_is_live(
    stack: Stack, visit: Visit, owner: BrowserContext
):
    page = owner.new_page()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/console/live*.js*", hold)
    page.goto(f"{stack.product}/console/chats", wait_until="commit")
    expect(page.locator("#list")).to_be_visible()
    visitor = visit().open_chat()
    visitor.say("Did I come between?")
    visitor.expect_state(0, "delivered", "seen")
    held[0].continue_()
    expect(page.locator("#list a").filter(has_text="Did I come between?")).to_be_visible()


def press_while_the_list_is_read(stack: Stack, visit: Visit, owner: BrowserContext, words: str) -> Page:
    """The chat's line is under the pressed mouse; somebody else has written meanwhile, and the list was read again."""
    page = chats(stack, owner)
    visit().open_chat().say(words)
    page.locator("#list a").filter(has_text=words).hover()
    page.mouse.down()
    with page.expect_response("**/console/chats/list*"):
        visit().open_chat().say("Somebody comes between")
    # what was read is on the page in that time, or it never is
    page.wait_for_timeout(300)
    return page


def test_a_press_opens_what_was_pressed_though_the_list_changes_meanwhile(
    stack: Stack, visit: Visit, owner: BrowserContext
):
    page = press_while_the_list_is_read(stack, visit, owner, "Press me slowly")
    page.mouse.up()
    expect(page.locator("#lines")).to_contain_text("Press me slowly")


def test_a_press_that_opens_nothing_leaves_a_list_that_is_up_to_date(
    stack: Stack, visit: Visit, owner: BrowserContext
):
    page = press_while_the_list_is_read(stack, visit, owner, "Press me and think better of it")
    page.get_by_role("heading", name="Chats", level=1).hover()
    page.mouse.up()
    expect(page.locator("#list a").first).to_contain_text("Somebody comes between", timeout=5_000)
    expect(page.locator("#lines")).to_have_count(0)


def test_typing_is_shown_on_both_sides(stack: Stack, visit: Visit, owner: BrowserContext):
    page = chats(stack, owner)
    visitor = visit().open_chat()
    visitor.say("I type slowly")
    open_chat(page, "I type slowly")
    visitor.panel.get_by_test_id("tb-composer").press_sequentially("and then I write some more", delay=160)
    expect(page.locator("#typing")).to_contain_text("is typing")
    page.get_by_label("Reply", exact=True).press_sequentially("me too", delay=40)
    expect(visitor.panel.get_by_test_id("tb-typing")).to_be_visible()


def test_a_draft_survives_leaving_and_a_reload(stack: Stack, visit: Visit, owner: BrowserContext):
    page = chats(stack, owner)
    for text in ("Draft for me", "Another one"):
        visit().open_chat().say(text)
        expect(page.locator("#list")).to_contain_text(text)
    open_chat(page, "Draft for me")
    page.get_by_label("Reply", exact=True).fill("half a sen")
    open_chat(page, "Another one")
    expect(page.get_by_label("Reply", exact=True)).to_have_value("")
    open_chat(page, "Draft for me")
    expect(page.get_by_label("Reply", exact=True)).to_have_value("half a sen")
    page.reload()
    expect(page.get_by_label("Reply", exact=True)).to_have_value("half a sen")


def test_a_reply_sent_without_a_network_is_kept_and_sent_once(
    stack: Stack, visit: Visit, owner: BrowserContext
):
    page = chats(stack, owner)
    visitor = visit().open_chat()
    visitor.say("Are you in a tunnel?")
    open_chat(page, "Are you in a tunnel?")
    owner.set_offline(True)
    box = page.get_by_label("Reply", exact=True)
    box.fill("Yes, wait.")
    box.press("Enter")
    expect(page.locator("#reply-error")).to_contain_text("Your words are kept")
    expect(box).to_have_value("Yes, wait.")
    owner.set_offline(False)
    box.press("Enter")
    visitor.expect_lines("Are you in a tunnel?", "Yes, wait.")
    expect(page.locator(".line-agent")).to_have_count(1)


def test_the_console_goes_on_by_itself_after_a_restart(stack: Stack, visit: Visit, owner: BrowserContext):
    page = chats(stack, owner)
    visitor = visit().open_chat()
    visitor.say("Before the restart")
    open_chat(page, "Before the restart")
    stack.stop_product()
    expect(page.locator("#live")).to_contain_text("Connecting again")
    stack.start_product()
    visitor.say("After the restart")
    expect(page.locator("#lines")).to_contain_text("After the restart", timeout=40_000)
    expect(page.locator("#live")).to_be_hidden()


def test_other_tabs_notice_at_once_that_somebody_has_logged_out(stack: Stack, owner: BrowserContext):
    """Their next reading would come within a minute; whichever asks first, socket or page, the tab says it."""
    kept, left = chats(stack, owner), chats(stack, owner)
    expect(kept.get_by_role("heading", name="Chats", level=1)).to_be_visible()
    left.get_by_role("button", name="Log out").click()
    told = kept.get_by_text("You are not let in here any more")
    expect(told.or_(kept.get_by_role("heading", name="Log in", exact=True))).to_be_visible(timeout=5_000)


def test_keys_move_write_close_and_tell(stack: Stack, visit: Visit, owner: BrowserContext):
    for text in ("Key one", "Key two"):
        visit().open_chat().say(text)
    page = chats(stack, owner)
    page.keyboard.press("j")
    expect(page.locator("#detail[data-chat]")).to_be_visible()
    first = page.url
    page.keyboard.press("j")
    expect(page).not_to_have_url(first)
    page.keyboard.press("k")
    expect(page).to_have_url(first)
    page.keyboard.press("r")
    expect(page.get_by_label("Reply", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.locator(".chat-head")).to_contain_text("Closed")


def test_a_link_to_a_message_shows_it(stack: Stack, visit: Visit, owner: BrowserContext):
    page = chats(stack, owner)
    visit().open_chat().say("Point at me")
    open_chat(page, "Point at me")
    line = page.locator(".line").first.get_attribute("id")
    page.goto(f"{page.url}#{line}")
    expect(page.locator(".line:target")).to_contain_text("Point at me")


def test_slack_away_is_told_and_heals_by_itself(stack: Stack, visit: Visit, owner: BrowserContext):
    page = chats(stack, owner)
    page.goto(f"{stack.product}/console/slack")
    page.get_by_role("link", name="Open").first.click()
    expect(page.locator("#health")).to_contain_text("Connected")
    page.get_by_role("button", name="Send a test message").click()
    expect(page.get_by_role("status").first).to_contain_text("The test message is in #")


def test_another_channel_is_chosen_from_slacks_own_list(stack: Stack, owner: BrowserContext):
    page = owner.new_page()
    page.goto(f"{stack.product}/console/slack")
    page.get_by_role("link", name="Open").first.click()
    page.get_by_text("Change the channel").click()
    expect(page.get_by_role("radio", name=re.compile("general"))).not_to_be_checked()
    page.get_by_label("New public channel").fill("second-desk")
    page.get_by_role("button", name="Make it").click()
    expect(page.locator("#health")).to_contain_text("#second-desk")
    page.get_by_text("Change the channel").click()
    page.get_by_role("radio", name=re.compile("website-chat")).check()
    page.get_by_role("button", name="Use this channel").click()
    expect(page.locator("#health")).to_contain_text("#website-chat")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_its_window(stack: Stack, owner: BrowserContext, width: int, scheme: str):
    page = owner.new_page()
    page.set_viewport_size({"width": width, "height": 740})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for address in ("/console/chats", "/console/sites", "/console/slack"):
        page.goto(f"{stack.product}{address}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
