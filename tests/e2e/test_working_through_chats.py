"""C2: a morning at the desk – what is unread, tags, several at once, an undo, older lines, and being told once."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import VisitorPage, chats, open_chat, picture
from tests.stack import Stack, wait_until

Visit = Callable[..., VisitorPage]
# counts the notes of a sound and the notifications instead of making them
COUNTED = """
  window.told = { notes: 0, shown: [] };
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (at) { window.told.notes += 1; return start.call(this, at); };
  window.Notification = class extends EventTarget {
    static permission = "granted";
    static requestPermission() { return Promise.resolve("granted"); }
    constructor(title) { super(); window.told.shown.push(title); }
    close() {}
  };
"""

SELECTED_AFTER_A_READING = """() => new Promise((done) => {
    const count = () => done(document.querySelectorAll("#list .row-check:checked").length);
    document.body.addEventListener("htmx:afterSwap", count, { once: true });
    document.body.dispatchEvent(new CustomEvent("chats:changed"));
})"""


def write(visit: Visit, *texts: str) -> VisitorPage:
    visitor = visit().open_chat()
    for text in texts:
        visitor.say(text)
        expect(visitor.panel.get_by_test_id("tb-message").last).to_contain_text(text)
    return visitor


def row(page: Page, text: str):
    return page.locator("#list a").filter(has_text=text)


def test_unread_tags_and_several_at_once(stack: Stack, visit: Visit, owner: BrowserContext) -> None:
    page = chats(stack, owner)
    write(visit, "Where is my parcel?", "Order 1201")
    write(visit, "Do you deliver to Riga?")
    expect(row(page, "Order 1201").locator(".row-unread")).to_contain_text("2")
    expect(page).to_have_title(re.compile(r"^\(2\) Chats"))
    open_chat(page, "Order 1201")
    expect(row(page, "Order 1201")).not_to_have_class("row-chat is-unread")
    expect(page).to_have_title(re.compile(r"^\(1\) "))
    page.keyboard.press("t")
    # typed before the list of tags has come, which must not take it away
    page.get_by_label("Find a tag or make one").fill("Delivery")
    expect(page.locator("#tag-choices.htmx-request, #tag-choices .htmx-request")).to_have_count(0)
    expect(page.get_by_label("Find a tag or make one")).to_have_value("Delivery")
    page.keyboard.press("Enter")
    expect(page.locator("#tag-choices [aria-pressed=true]")).to_contain_text("Delivery")
    expect(page.locator("#chat-tags")).to_contain_text("Delivery")
    page.keyboard.press("Escape")
    expect(row(page, "Order 1201").locator(".tag")).to_have_text("Delivery")
    picture(page, "working-through-chats")
    page.keyboard.press("u")
    expect(row(page, "Order 1201").locator(".row-unread")).to_contain_text("1")
    for text in ("Order 1201", "Riga"):
        row(page, text).locator("xpath=..").locator(".row-check").check(force=True)
    expect(page.locator("#bulk [data-selected]")).to_have_text("2")
    assert page.evaluate(SELECTED_AFTER_A_READING) == 2
    page.locator("#bulk").get_by_role("button", name="Close").click()
    expect(page.locator(".messages")).to_contain_text("2 chats are closed.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".messages")).to_contain_text("2 chats are open again.")
    expect(row(page, "Riga")).to_be_visible()


def test_keys_lead_everywhere_and_the_dialog_knows_them(stack: Stack, owner: BrowserContext) -> None:
    page = chats(stack, owner)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_contain_text("Mark the chat unread")
    expect(page.get_by_role("dialog", name="Keyboard")).to_contain_text("Go to Sites")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page).to_have_url(f"{stack.product}/console/sites")


def test_of_two_tabs_one_tells_and_none_while_it_is_read(
    stack: Stack, visit: Visit, owner: BrowserContext
) -> None:
    owner.add_init_script(COUNTED)
    tabs = [chats(stack, owner) for _ in range(2)]
    for tab in tabs:
        tab.locator("#inbox-title").click()
        expect(tab.locator("#live")).to_be_hidden()
    visitor = write(visit, "Is anybody there?")

    def told(what: str) -> int:
        return sum(tab.evaluate(f"window.told.{what}") for tab in tabs)

    wait_until(lambda: told("shown.length") and told("notes"), "being told")
    assert (told("shown.length"), told("notes")) == (1, 2)
    open_chat(tabs[0], "Is anybody there?")
    tabs[0].evaluate("localStorage.removeItem('tb-rang')")
    visitor.say("Hello?")
    # the other tab was about to tell, and heard that somebody reads it
    wait_until(lambda: tabs[1].evaluate("localStorage.getItem('tb-rang')"), "the other tab's attempt")
    expect(tabs[0].locator("#lines")).to_contain_text("Hello?")
    tabs[1].wait_for_timeout(400)
    assert (told("shown.length"), told("notes")) == (1, 2)
