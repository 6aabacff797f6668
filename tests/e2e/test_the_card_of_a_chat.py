"""S15, S14, M7 in a real browser: a chat is taken, given away, mailed and closed on its card, which follows."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import NewContext, VisitorPage, chats, open_chat, picture
from tests.e2e.slack_page import card, choose, in_slack, press, submit
from tests.stack import Stack

Visit = Callable[..., VisitorPage]


def as_bob(stack: Stack, new_context: NewContext, **options: Any) -> Page:
    stack.control("join", user="bob", channel="website-chat")
    return in_slack(stack, new_context, **options)


def test_a_chat_from_its_card(
    stack: Stack, visit: Visit, owner: BrowserContext, new_context: NewContext
) -> None:
    visit().open_chat().say("Do you still have the oak table?")
    slack = as_bob(stack, new_context)
    expect(card(slack)).to_contain_text("🟠 Waiting · 1 unread · on the website")
    picture(card(slack), "card-waiting")
    press(slack, "Take")
    expect(card(slack)).to_contain_text("🟡 Bob has it · waiting")
    expect(card(slack).get_by_test_id("block-action").filter(has_text="Take")).to_have_count(0)

    choose(slack, "Assign…")
    expect(slack.get_by_test_id("modal-title")).to_have_text("Assign this chat")
    slack.get_by_test_id("modal-field-person").select_option(label="Carol")
    picture(slack, "assigning-a-chat")
    submit(slack)
    expect(card(slack)).to_contain_text("Carol has it · waiting")
    card(slack).get_by_test_id("thread-open").click()
    expect(slack.get_by_test_id("thread-messages")).to_contain_text(
        "this chat is yours now. Bob gave it to you."
    )
    slack.get_by_test_id("thread-close").click()

    choose(slack, "Transcript by e-mail…")
    slack.get_by_test_id("modal-field-address").fill("bob")
    submit(slack)
    expect(slack.get_by_test_id("modal-error")).to_be_visible()
    slack.get_by_test_id("modal-field-address").fill("bob@acme.example")
    picture(slack.get_by_test_id("modal"), "mailing-a-transcript")
    submit(slack)
    expect(slack.get_by_test_id("modal-error")).to_contain_text("This goes to the visitor’s own address")
    slack.get_by_test_id("modal-close").click()

    console = chats(stack, owner)
    open_chat(console, "oak table")
    console.get_by_role("button", name="Assign").click()
    console.get_by_role("dialog").get_by_role("button", name="Alice").click()
    expect(card(slack)).to_contain_text("Alice has it")
    press(slack, "Close")
    expect(card(slack)).to_contain_text("⚪ Closed · Alice had it")
    expect(card(slack).get_by_test_id("block-action")).to_have_text(["Open in console"])


def test_a_reply_from_a_silent_thread(
    stack: Stack, visit: Visit, owner: BrowserContext, new_context: NewContext
) -> None:
    page = owner.new_page()
    page.goto(f"{stack.product}/console/slack")
    page.locator("main section.card").first.get_by_role("link", name="Open").click()
    page.get_by_label("Silent thread").check()
    page.locator("form", has=page.get_by_label("Silent thread")).get_by_role("button", name="Save").click()
    expect(page.get_by_label("Silent thread")).to_be_checked()
    visitor = visit().open_chat()
    visitor.say("Are you open on Sunday?")
    slack = as_bob(stack, new_context, color_scheme="dark")
    expect(card(slack)).to_contain_text("Waiting")
    press(slack, "Reply…")
    expect(slack.get_by_test_id("modal-title")).to_have_text("Reply to the visitor")
    slack.get_by_test_id("modal-field-body").fill(";; no")
    submit(slack)
    expect(slack.locator("[data-testid=modal-error][data-block=body]")).to_contain_text("begins like a note")
    picture(slack.get_by_test_id("modal"), "replying-in-a-form")
    slack.get_by_test_id("modal-field-body").fill("From ten to four.")
    submit(slack)
    expect(slack.get_by_test_id("modal")).to_have_count(0)
    visitor.expect_lines("Are you open on Sunday?", "From ten to four.")
    expect(card(slack)).to_contain_text("🟢 Bob has it")
