"""C3, W11: an owner dresses the chat in front of the real widget; nothing is live before it is saved."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, FrameLocator, Locator, Page, expect

from tests.e2e.conftest import NewContext, VisitorPage, picture
from tests.e2e.test_everybody_can_use_it import PHONE
from tests.stack import Stack

Visit = Callable[..., VisitorPage]


def editor(stack: Stack, owner: BrowserContext, tab: str) -> Page:
    page = owner.new_page()
    page.goto(f"{stack.product}/console/sites")
    page.locator("main a[href*='/console/sites/']").first.click()
    page.get_by_role("link", name=tab, exact=True).click()
    expect(page.get_by_role("heading", name=tab)).to_be_visible()
    return page


def on_stage(page: Page) -> FrameLocator:
    return page.frame_locator("[data-testid=stage]")


def panel(page: Page) -> FrameLocator:
    return on_stage(page).frame_locator("iframe")


def choose(page: Page, what: str, which: str) -> None:
    page.get_by_role("group", name=what).get_by_text(which, exact=True).click()


def colour(of: Locator) -> str:
    return str(of.evaluate("(node) => getComputedStyle(node).backgroundColor"))


def test_what_is_typed_is_worn_at_once_and_is_live_once_it_is_saved(
    stack: Stack, owner: BrowserContext, visit: Visit, new_context: NewContext
) -> None:
    page = editor(stack, owner, "Look")
    preview, launcher = panel(page), on_stage(page).get_by_test_id("tb-launcher")
    expect(preview.get_by_test_id("tb-message")).to_have_count(2)
    expect(page.locator("[data-unsaved]")).to_be_hidden()
    page.get_by_label("Title").fill("Ask Acme")
    expect(preview.get_by_role("heading", name="Ask Acme")).to_be_visible()
    expect(page.get_by_label("Title")).to_be_focused()
    page.get_by_label("Colour").fill("#facc15")
    expect(page.locator("[data-contrast]")).to_contain_text("is black")
    expect(launcher).to_have_css("background-color", "rgb(250, 204, 21)")
    choose(page, "Light or dark", "Dark")
    expect(preview.locator("html")).to_have_attribute("data-theme", "dark")
    choose(page, "Shape", "With words")
    page.get_by_label("Words on the launcher").fill("Ask us")
    choose(page, "Corner", "Left")
    page.get_by_label("Show the launcher on phones").uncheck()
    page.get_by_label("Show faces of the team").uncheck()
    expect(launcher).to_have_accessible_name("Ask us, Close chat")
    expect(preview.locator(".face").first).to_be_hidden()
    picture(page, "the-look-of-a-site")

    expect(page.locator("[data-unsaved]")).to_contain_text("Not saved yet")
    before = visit()
    expect(before.page.get_by_test_id("tb-launcher")).to_have_accessible_name("Open chat")
    with page.expect_event("dialog") as asked:
        page.evaluate("setTimeout(() => location.reload())")
    asked.value.dismiss()
    page.get_by_role("button", name="Save the look").click()
    expect(page.locator(".messages")).to_contain_text("The look is saved")

    after = visit()
    expect(after.page.get_by_test_id("tb-launcher")).to_have_accessible_name("Ask us, Open chat")
    assert colour(after.page.get_by_test_id("tb-launcher")) == "rgb(250, 204, 21)"
    box = after.page.get_by_test_id("tb-launcher").bounding_box()
    assert box is not None
    assert box["x"] == 20
    after.open_chat()
    expect(after.panel.get_by_role("heading", name="Ask Acme")).to_be_visible()
    expect(after.panel.locator("html")).to_have_attribute("data-theme", "dark")
    phone = visit(new_context(**PHONE))
    expect(phone.page.get_by_test_id("tb-launcher")).to_be_attached()
    expect(phone.page.get_by_test_id("tb-launcher")).to_be_hidden()


def test_own_texts_are_seen_where_they_will_stand_and_what_is_tried_out_stays_there(
    stack: Stack, owner: BrowserContext, visit: Visit
) -> None:
    page = editor(stack, owner, "Texts")
    preview = panel(page)
    page.get_by_label("What is shown").select_option("away")
    expect(preview.locator("#state")).to_have_text("We are away. Write, and we will answer here.")
    page.get_by_label("When nobody is there").fill("Gone fishing.")
    expect(preview.locator("#state")).to_have_text("Gone fishing.")
    page.get_by_label("In the empty field").fill("What may it be?")
    expect(preview.get_by_test_id("tb-composer")).to_have_attribute("placeholder", "What may it be?")
    page.get_by_role("button", name="Discard the changes").click()
    expect(preview.locator("#state")).to_have_text("We are away. Write, and we will answer here.")
    page.get_by_label("In the empty field").fill("What may it be?")
    preview.get_by_test_id("tb-composer").fill("Nobody hears this")
    preview.get_by_test_id("tb-send").click()
    expect(preview.get_by_test_id("tb-message")).to_have_attribute("data-state", "delivered")
    page.get_by_role("button", name="Save the texts").click()
    expect(page.locator(".messages")).to_contain_text("The texts are saved")
    visitor = visit().open_chat()
    expect(visitor.panel.get_by_test_id("tb-composer")).to_have_attribute("placeholder", "What may it be?")
    visitor.say("Somebody hears this")
    page.goto(f"{stack.product}/console/chats")
    expect(page.locator("#list")).to_contain_text("Somebody hears this")
    expect(page.locator("#list")).not_to_contain_text("Nobody hears this")


def test_the_words_of_buttons_are_seen_at_once_and_a_visit_can_be_seen_waiting(
    stack: Stack, owner: BrowserContext
) -> None:
    page = editor(stack, owner, "Texts")
    preview, shown = panel(page), page.get_by_label("What is shown")
    shown.select_option("waiting")
    expect(preview.get_by_test_id("tb-message")).to_have_count(1)
    expect(preview.locator("#typing")).to_contain_text("Bob is typing")
    page.get_by_role("link", name="Questions", exact=True).click()
    page.get_by_label("What visitors agree to").fill("You may keep what I write.")
    page.get_by_label("Ask for a rating when a chat has ended").check()
    page.get_by_role("button", name="Save", exact=True).click()
    shown.select_option("sent")
    expect(preview.get_by_test_id("tb-composer")).to_be_visible()
    expect(preview.get_by_test_id("tb-ask")).to_have_count(0)
    page.get_by_role("link", name="Texts", exact=True).click()
    shown.select_option("new")
    page.get_by_label("Button below your questions").fill("Off we go")
    expect(preview.get_by_test_id("tb-answer")).to_have_text("Off we go")
    shown.select_option("ended")
    page.get_by_label("Button that leaves an address or stars out").fill("Not now")
    expect(preview.get_by_test_id("tb-no-thanks").first).to_have_text("Not now")
