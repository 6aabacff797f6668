"""W6, W7, W8: what an owner asks, what a visitor answers, and where it is read: console and Slack."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.e2e.conftest import NewContext, VisitorPage, picture
from tests.e2e.slack_page import card, in_slack, press
from tests.e2e.test_everybody_can_use_it import PHONE, expect_nothing_found
from tests.stack import Stack

Visit = Callable[..., VisitorPage]


def questions_of_the_shop(stack: Stack, owner: BrowserContext) -> Page:
    page = owner.new_page()
    page.goto(f"{stack.product}/console/sites")
    page.locator("main a[href^='/console/sites/']").first.click()
    page.get_by_role("link", name="Questions").click()
    expect(page.get_by_role("heading", name="Before a chat")).to_be_visible()
    return page


def ask_for(page: Page, place: int, label: str, kind: str) -> None:
    page.get_by_role("button", name="Add a question").click()
    row = page.locator(".question-list > li").nth(place)
    row.get_by_label("Question", exact=True).fill(label)
    row.get_by_label("Answer", exact=True).select_option(label=kind)


def opened(visitor: VisitorPage) -> Locator:
    """The questions stand where the composer will be."""
    visitor.page.get_by_test_id("tb-launcher").click()
    expect(visitor.panel.get_by_test_id("tb-ask")).to_be_visible()
    return visitor.panel.get_by_test_id("tb-ask")


def test_what_is_asked_is_answered_before_the_chat_and_read_everywhere(
    stack: Stack, owner: BrowserContext, visit: Visit, new_context: NewContext
) -> None:
    page = questions_of_the_shop(stack, owner)
    ask_for(page, 0, "Your name", "Name")
    ask_for(page, 1, "Your e-mail", "E-mail address")
    page.get_by_label("What visitors agree to").fill("We may keep what I write here.")
    picture(page, "console-questions")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    visitor = visit()
    form = opened(visitor)
    form.get_by_role("button", name=re.compile("Start")).click()
    expect(form.locator(":focus")).to_have_count(1)
    form.get_by_label("Your name").fill("Ana")
    form.get_by_label("Your e-mail").fill("ana@example.com")
    picture(visitor.page, "widget-questions")
    form.get_by_label("We may keep what I write here.").check()
    form.get_by_role("button", name=re.compile("Start")).click()
    expect(form).to_have_count(0)
    visitor.say("Is the oak table still there?")
    visitor.expect_state(0, "delivered", "seen")
    slack = in_slack(stack, new_context)
    expect(card(slack)).to_contain_text("Ana")
    press(slack, "Close")
    rate = visitor.panel.get_by_test_id("tb-ask")
    rate.get_by_label("4 stars").check(force=True)
    rate.get_by_role("textbox").fill("Quick and kind")
    picture(visitor.page, "widget-rating")
    rate.get_by_role("button", name="Send").click()
    expect(rate).to_contain_text("Thank you. Your comment was sent.")
    expect(rate.get_by_role("textbox")).to_be_hidden()
    expect(rate.get_by_test_id("tb-no-thanks")).to_have_count(0)
    expect(card(slack)).to_contain_text("★★★★")
    rate.get_by_label("5 stars").check(force=True)
    expect(rate.get_by_role("textbox")).to_have_value("Quick and kind")
    expect(card(slack)).to_contain_text("★★★★★")
    picture(card(slack), "agents-rated-card")
    page.goto(f"{stack.product}/console/chats?tab=closed")
    page.locator("#list a").filter(has_text="Ana").click()
    expect(page.locator("#detail")).to_contain_text("ana@example.com")
    expect(page.locator("#detail")).to_contain_text("Quick and kind")


def test_an_answer_is_corrected_and_the_button_stays_where_it_is_pressed(visit: Visit) -> None:
    """A button that moved up when the field was left could not be hit."""
    form = opened(visit())
    address = form.get_by_label("Your e-mail")
    address.fill("ana")
    start = form.get_by_role("button", name=re.compile("Start"))
    start.click()
    expect(form).to_contain_text("Write an e-mail address like")
    address.press_sequentially("@example.com")
    expect(form).not_to_contain_text("Write an e-mail address like")
    before = start.bounding_box()
    address.blur()
    assert start.bounding_box() == before


def test_half_typed_answers_survive_a_reload_once_no_consent_is_missing(
    stack: Stack, owner: BrowserContext, visit: Visit
) -> None:
    """Where one is asked for, nothing is kept before it is given, in the visitor's browser neither."""
    visitor = visit()
    opened(visitor).get_by_label("Your name").fill("Ana")
    visitor.page.reload()
    expect(opened(visitor).get_by_label("Your name")).to_have_value("")
    page = questions_of_the_shop(stack, owner)
    page.get_by_label("What visitors agree to").fill("")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    visitor = visit()
    opened(visitor).get_by_label("Your name").fill("Ana")
    visitor.page.reload()
    form = opened(visitor)
    expect(form.get_by_label("Your name")).to_have_value("Ana")
    form.get_by_role("button", name=re.compile("Start")).click()
    expect(form).to_have_count(0)
    panel = next(frame for frame in visitor.page.frames if "/widget/frame" in frame.url)
    assert panel.evaluate("Object.keys(localStorage).filter((name) => name.endsWith(':answers'))") == []


def test_the_cards_of_the_panel_can_be_used_by_everybody(visit: Visit, new_context: NewContext) -> None:
    for how in ({}, PHONE):
        visitor = visit(new_context(**how))
        opened(visitor)
        panel = next(frame for frame in visitor.page.frames if "/widget/frame" in frame.url)
        expect_nothing_found(panel, "the panel with questions")


def test_questions_longer_than_the_panel_begin_with_the_first_and_are_ready_to_be_answered(
    stack: Stack, owner: BrowserContext, visit: Visit, new_context: NewContext
) -> None:
    page = questions_of_the_shop(stack, owner)
    for place in range(2, 6):
        ask_for(page, place, f"Question {place}", "Long text")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    visitor = visit(new_context(viewport={"width": 480, "height": 600}))
    form = opened(visitor)
    for _ in ("opened", "opened again"):
        expect(form.get_by_label("Your name")).to_be_focused()
        expect(form.get_by_label("Your name")).to_be_in_viewport(ratio=1)
        visitor.panel.get_by_test_id("tb-log").evaluate("(log) => log.scrollTo(0, log.scrollHeight)")
        expect(form.get_by_label("Your name")).not_to_be_in_viewport()
        visitor.panel.get_by_test_id("tb-close").click()
        visitor.page.get_by_test_id("tb-launcher").click()
    phone = visit(new_context(**PHONE))
    expect(opened(phone).get_by_label("Your name")).to_be_in_viewport(ratio=1)
    expect(phone.panel.locator("input:focus, textarea:focus")).to_have_count(0)
