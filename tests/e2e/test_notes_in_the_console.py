"""S14 in a real browser: what is begun as a note ends as a note, whichever way it is sent."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import VisitorPage, chats, open_chat
from tests.stack import Stack

Visit = Callable[..., VisitorPage]
NOTE = "Note for your team"


@pytest.fixture
def visitor(visit: Visit) -> VisitorPage:
    found = visit().open_chat()
    found.say("Do you remember me?")
    return found


@pytest.fixture
def page(stack: Stack, owner: BrowserContext, visitor: VisitorPage) -> Page:
    found = chats(stack, owner)
    found.locator("#list a").filter(has_text="Do you remember me?").last.click()
    expect(found.locator("#lines")).to_contain_text("Do you remember me?")
    return found


def expect_note(page: Page, visitor: VisitorPage, stack: Stack, words: str) -> None:
    """The team sees it as a note; a reply after it arrives, so nothing of it is still on its way to the visitor."""
    expect(page.locator(".line-note .bubble").last).to_have_text(words)
    expect(page.locator(".line-note .by").last).to_contain_text("Note, your team only")
    expect(page.get_by_label("Reply", exact=True)).to_have_value("")
    page.get_by_label("Reply", exact=True).fill(f"Yes, not {len(words)}")
    page.get_by_label("Reply", exact=True).press("Enter")
    expect(visitor.panel.get_by_test_id("tb-message").last).to_contain_text(f"Yes, not {len(words)}")
    expect(visitor.panel.locator("body")).not_to_contain_text(words)


def test_a_note_by_keyboard(page: Page, visitor: VisitorPage, stack: Stack):
    page.locator("#lines").focus()
    page.keyboard.press("n")
    expect(page.get_by_role("textbox", name=NOTE)).to_be_focused()
    page.keyboard.type("She never pays")
    page.keyboard.press("Enter")
    expect_note(page, visitor, stack, "She never pays")


def test_a_note_by_its_button_and_the_send_button(page: Page, visitor: VisitorPage, stack: Stack):
    page.get_by_role("button", name=NOTE).click()
    page.get_by_role("textbox", name=NOTE).fill("Careful with this one")
    page.get_by_role("button", name="Keep the note").click()
    expect_note(page, visitor, stack, "Careful with this one")


def test_words_become_a_note_after_they_were_written(page: Page, visitor: VisitorPage, stack: Stack):
    page.get_by_label("Reply", exact=True).fill("Not for her eyes")
    page.get_by_role("button", name=NOTE).click()
    page.keyboard.press("Enter")
    expect_note(page, visitor, stack, "Not for her eyes")


def test_what_begins_like_a_note_says_so_before_it_is_sent(page: Page, visitor: VisitorPage, stack: Stack):
    page.get_by_label("Reply", exact=True).fill(";; ask Carol first")
    expect(page.locator("#note-hint")).to_be_visible()
    box = page.get_by_role("textbox", name=NOTE)
    box.fill("ask Carol first")
    expect(page.locator("#note-hint")).to_be_hidden()
    expect(page.get_by_label("Reply", exact=True)).to_have_value("ask Carol first")
    page.get_by_label("Reply", exact=True).fill("note: ask Carol first")
    page.get_by_role("button", name="Keep the note").click()
    expect_note(page, visitor, stack, "note: ask Carol first")


def test_a_note_that_was_begun_is_still_one_after_leaving_and_a_reload(
    page: Page, visitor: VisitorPage, visit: Visit, stack: Stack
):
    visit().open_chat().say("Somebody else entirely")
    page.get_by_role("button", name=NOTE).click()
    page.keyboard.type("Begun and left")
    open_chat(page, "Somebody else entirely")
    expect(page.get_by_label("Reply", exact=True)).to_have_value("")
    page.go_back()
    expect(page.get_by_role("textbox", name=NOTE)).to_have_value("Begun and left")
    page.reload()
    expect(page.get_by_role("textbox", name=NOTE)).to_have_value("Begun and left")
    page.get_by_role("textbox", name=NOTE).press("Enter")
    expect_note(page, visitor, stack, "Begun and left")


def test_escape_makes_it_a_reply_again_and_says_so(page: Page, visitor: VisitorPage):
    page.get_by_role("button", name=NOTE).click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=NOTE)).to_have_attribute("aria-pressed", "false")
    page.get_by_label("Reply", exact=True).fill("For you after all")
    page.get_by_role("button", name="Send").click()
    expect(visitor.panel.get_by_test_id("tb-message").last).to_contain_text("For you after all")


def test_a_line_is_changed_and_its_versions_stay_open_while_the_page_lives(page: Page, visitor: VisitorPage):
    page.get_by_label("Reply", exact=True).fill("Of corse")
    page.get_by_label("Reply", exact=True).press("Enter")
    line = page.locator(".line-agent").last
    page.set_viewport_size({"width": 1280, "height": 420})
    line.get_by_text("Change", exact=True).click()
    expect(line.get_by_role("textbox")).to_be_focused()
    expect(line.get_by_role("button", name="Save")).to_be_in_viewport(ratio=1)
    line.get_by_role("textbox").fill("Of course")
    line.get_by_role("button", name="Save").click()
    expect(visitor.panel.get_by_test_id("tb-message").last).to_contain_text("Of courseedited")
    line.get_by_text("edited", exact=True).click()
    expect(line.locator(".versions")).to_contain_text("Of corse")
    visitor.say("Thanks")
    expect(page.locator("#lines")).to_contain_text("Thanks")
    expect(line.locator(".versions")).to_contain_text("Of corse")
    line.get_by_text("Change", exact=True).click()
    line.get_by_role("button", name="Delete for everybody").click()
    expect(visitor.panel.get_by_test_id("tb-message").nth(1)).to_contain_text("Message deleted")
    expect(page.locator(".line-agent .bubble")).to_have_text("Deleted by Alice")
