"""M3, S17: a reply is saved in the console, used there with //, and in Slack from a message's menu and as //name."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.e2e.conftest import NewContext, VisitorPage, chats, open_chat, picture
from tests.e2e.slack_page import DESK, in_slack, link_alice
from tests.stack import Stack

HOURS = "Hello {{visitor.first_name}}, we are open Monday to Friday from 9 to 5. {{agent.first_name}}"
SAID = "Hello there, we are open Monday to Friday from 9 to 5."


def save(page: Page, title: str, shortcut: str, text: str) -> None:
    page.get_by_label("Title").fill(title)
    page.get_by_label("Shortcut").fill(shortcut)
    page.get_by_label("Text").fill(text)


def thread(page: Page) -> Locator:
    page.get_by_test_id("thread-open").last.click()
    return page.get_by_test_id("thread-messages")


def from_menu(page: Page, message: Locator, shortcut: str) -> None:
    message.hover()
    message.get_by_test_id("more-actions").click()
    page.get_by_test_id(f"shortcut-{shortcut}").click()


def test_a_reply_is_saved_and_used_in_the_console(
    stack: Stack, owner: BrowserContext, visit: Callable[..., VisitorPage]
) -> None:
    visitor = visit().open_chat()
    visitor.say("When are you open?")
    visitor.expect_lines("When are you open?")
    page = owner.new_page()
    page.set_viewport_size(DESK)
    page.goto(f"{stack.product}/console/replies")
    page.get_by_role("link", name="Write the first one").click()
    save(page, "Opening hours", "//hours", "Hello {{visitor.nmae}}")
    page.get_by_role("button", name="Save the reply").click()
    expect(page.locator("#id_body_error")).to_contain_text("{{visitor.nmae}} is no variable")
    page.get_by_label("Text").fill(HOURS)
    expect(page.locator("#preview")).to_contain_text(f"{SAID} Alice")
    page.get_by_role("button", name="Save the reply").click()
    for title, shortcut in (("Returns", "returns"), ("Shipping", "shipping")):
        page.get_by_role("link", name="New reply").click()
        save(page, title, shortcut, f"All about it: https://acme.example/{shortcut}")
        page.get_by_role("button", name="Save the reply").click()
    page.get_by_role("button", name="Delete //returns").click()
    expect(page.locator("#replies")).not_to_contain_text("//returns")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#replies")).to_contain_text("//returns")
    page.wait_for_load_state()
    page.keyboard.press("/")
    page.keyboard.type("monday")
    expect(page.locator("#replies li")).to_have_count(1)
    in_the_reply_box(stack, owner, visitor)


def in_the_reply_box(stack: Stack, owner: BrowserContext, visitor: VisitorPage) -> None:
    page = chats(stack, owner)
    open_chat(page, "When are you open?")
    page.wait_for_load_state()
    box = page.get_by_role("textbox", name="Reply")
    box.press_sequentially("//")
    expect(page.locator("#saved").get_by_role("option")).to_have_count(3)
    picture(page.locator("#detail"), "saved-replies-in-the-reply-box")
    box.press("ArrowDown")
    expect(page.get_by_role("option", name="Returns")).to_have_attribute("aria-selected", "true")
    box.press_sequentially("mond")
    expect(page.locator("#saved").get_by_role("option")).to_have_count(1)
    box.press("Enter")
    expect(box).to_have_value(f"{SAID} Alice")
    expect(page.get_by_role("listbox")).to_be_hidden()
    box.press_sequentially(" Until then.")
    box.press("Enter")
    visitor.expect_lines("When are you open?", f"{SAID} Alice Until then.")
    expect(box).to_have_value("")
    box.press_sequentially("//nothing")
    expect(page.locator("#saved")).to_contain_text("No saved reply has these words.")
    box.press("Enter")
    expect(page.locator("#reply-error")).to_contain_text("There is no saved reply //nothing.")


def test_an_agent_uses_them_in_slack(
    stack: Stack, new_context: NewContext, visit: Callable[..., VisitorPage]
) -> None:
    visitor = visit().open_chat()
    visitor.say("Are you there tomorrow?")
    visitor.expect_state(0, "delivered", "seen")
    page = in_slack(stack, new_context)
    said = thread(page)
    from_menu(page, said.get_by_test_id("message").filter(has_text="tomorrow"), "chat.manage")
    expect(page.get_by_test_id("modal")).to_contain_text("Waiting")
    page.get_by_test_id("modal").get_by_role("button", name="Saved reply…").click()
    expect(page.get_by_test_id("modal-title")).to_have_text("Saved reply")
    page.get_by_test_id("modal-field-saved").fill("monday")
    page.get_by_test_id("suggestion").filter(has_text="//hours").click()
    words = page.get_by_test_id("modal").get_by_role("textbox", name="What is sent")
    expect(words).to_have_value(f"{SAID} Bob")
    picture(page.get_by_test_id("modal"), "saved-reply-in-slack")
    words.fill("Tomorrow from 9 to 5.")
    page.get_by_test_id("modal-submit").click()
    expect(page.get_by_test_id("modal")).to_have_count(0)
    visitor.expect_lines("Are you there tomorrow?", "Tomorrow from 9 to 5.")
    expect(said).to_contain_text("Tomorrow from 9 to 5.")
    page.get_by_test_id("thread-composer").fill("//hours")
    page.get_by_test_id("thread-send").click()
    expect(said).to_contain_text("//hours reached the visitor as:")
    visitor.expect_lines("Are you there tomorrow?", "Tomorrow from 9 to 5.", f"{SAID} Bob")
    a_note_and_a_close(page, said, visitor)


def a_note_and_a_close(page: Page, said: Locator, visitor: VisitorPage) -> None:
    from_menu(page, said.get_by_test_id("message").first, "chat.note")
    page.get_by_test_id("modal-field-note").fill("He comes every week")
    picture(page.get_by_test_id("modal"), "a-note-in-a-form")
    page.get_by_test_id("modal-submit").click()
    expect(said).to_contain_text("Note by Bob, for your team only")
    from_menu(page, said.get_by_test_id("message").first, "chat.manage")
    expect(page.get_by_test_id("modal")).to_contain_text("Bob has it")
    picture(page.get_by_test_id("modal"), "manage-this-chat")
    page.get_by_test_id("modal").get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_test_id("modal")).to_contain_text("The chat is closed.")
    page.get_by_test_id("modal-close").click()
    visitor.expect_lines("Are you there tomorrow?", "Tomorrow from 9 to 5.", f"{SAID} Bob")
    page.get_by_test_id("composer").fill("lunch?")
    page.get_by_test_id("send").click()
    from_menu(page, page.get_by_test_id("message").filter(has_text="lunch?").last, "chat.manage")
    expect(page.get_by_test_id("modal")).to_contain_text("This message belongs to no chat.")


def test_an_owner_finds_open_chats_and_settings_from_anywhere(
    stack: Stack, owner: BrowserContext, new_context: NewContext, visit: Callable[..., VisitorPage]
) -> None:
    visitor = visit().open_chat()
    visitor.say("Do you sell benches?")
    visitor.expect_state(0, "delivered", "seen")
    page = in_slack(stack, new_context, "alice")
    lightning(page)
    expect(page.get_by_test_id("modal")).to_contain_text("Link your Slack account")
    page.get_by_test_id("modal-close").click()
    link_alice(stack, owner)
    lightning(page)
    modal = page.get_by_test_id("modal")
    expect(modal).to_contain_text("nobody has it")
    picture(modal, "open-chats")
    modal.get_by_role("button", name="Manage…").first.click()
    modal.get_by_role("button", name="Take").click()
    expect(modal).to_contain_text("You have this chat now.")
    page.get_by_test_id("modal-close").click()
    modal.get_by_role("button", name="Settings…").click()
    expect(page.get_by_test_id("modal-title")).to_have_text("Settings")
    picture(modal, "settings-in-slack")
    modal.get_by_role("textbox", name="Reminder in the chat's thread").fill("soon")
    page.get_by_test_id("modal-submit").click()
    expect(page.get_by_test_id("modal-error").filter(has_text="Write whole minutes")).to_be_visible()
    modal.get_by_role("textbox", name="Reminder in the chat's thread").fill("3")
    modal.get_by_label("Silent thread").check()
    page.get_by_test_id("modal-submit").click()
    expect(page.get_by_test_id("modal")).to_have_count(0)
    console = owner.new_page()
    console.goto(f"{stack.product}/console/slack")
    console.locator("main a[href*='/console/slack/']").first.click()
    expect(console.get_by_role("radio", name="Silent thread")).to_be_checked()


def lightning(page: Page) -> None:
    page.get_by_test_id("shortcuts").click()
    page.get_by_test_id("shortcut-chats.open").click()
