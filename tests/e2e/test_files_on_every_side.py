"""S12: one picture from the visitor, one from the console, one from Slack's page; each shows on the other sides."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, FilePayload, Locator, expect

from tests.e2e.conftest import NewContext, VisitorPage, chats, open_chat
from tests.e2e.test_sending_files import INVOICE, PHOTO, attach, expect_picture, sent
from tests.stack import Stack, wait_until

Visit = Callable[..., VisitorPage]


def picture_in(place: Locator) -> None:
    expect_picture(place.locator("img").last)


def test_a_file_shows_on_every_side(
    stack: Stack, visit: Visit, owner: BrowserContext, new_context: NewContext
):
    visitor = visit().open_chat()
    attach(visitor, PHOTO)
    visitor.say("Is it this one?")
    console = chats(stack, owner)
    open_chat(console, "Is it this one?")
    picture_in(console.locator(".line-visitor .file-picture"))
    wait_until(lambda: [m for m in stack.in_slack() if m.get("files")], "the file in Slack")

    console.locator("#files").set_input_files([INVOICE, PHOTO])
    expect(console.locator("#attached .is-ready")).to_have_count(2)
    console.get_by_label("Reply", exact=True).fill("Here is the invoice")
    console.get_by_label("Reply", exact=True).press("Enter")
    expect(console.locator(".line-agent .files")).to_contain_text("invoice.pdf")
    expect(console.locator("#attached li")).to_have_count(0)
    expect(sent(visitor).nth(1)).to_contain_text("invoice.pdf")

    slack = new_context().new_page()
    slack.goto(f"{stack.slack}/client")
    slack.get_by_test_id("channel-website-chat").click()
    slack.get_by_test_id("thread-open").last.click()
    expect(slack.get_by_test_id("thread-messages").get_by_test_id("file").first).to_be_visible()
    slack.get_by_test_id("thread-composer-files").set_input_files([PHOTO])
    slack.get_by_test_id("thread-composer").fill("And the box")
    slack.get_by_test_id("thread-send").click()
    picture_in(slack.get_by_test_id("thread-messages").get_by_test_id("file").last)
    expect(sent(visitor)).to_have_count(4)
    picture_in(sent(visitor).nth(3))
    picture_in(console.locator(".line-agent .file-picture").last)


def expect_at_end(box: Locator) -> None:
    wait_until(
        lambda: box.evaluate("node => node.scrollHeight - node.scrollTop - node.clientHeight < 2"), "its end"
    )


def test_whoever_reads_at_the_end_stays_there_when_pictures_arrive_late(
    stack: Stack, visit: Visit, owner: BrowserContext, new_context: NewContext
):
    visitor = visit().open_chat()
    visitor.say("Let us look at some")
    console = chats(stack, owner)
    open_chat(console, "Let us look at some")
    slack = new_context().new_page()
    slack.goto(f"{stack.slack}/client")
    slack.get_by_test_id("channel-website-chat").click()
    slack.get_by_test_id("thread-open").last.click()
    for shown in (1, 2, 3):
        slack.get_by_test_id("thread-composer-files").set_input_files([PHOTO])
        slack.get_by_test_id("thread-send").click()
        expect(sent(visitor)).to_have_count(shown)
        picture_in(sent(visitor).last)
        expect(console.locator(".line-agent .file-picture")).to_have_count(shown)
        picture_in(console.locator(".line-agent .file-picture").last)
        expect(slack.get_by_test_id("thread-messages").get_by_test_id("file")).to_have_count(shown)
        picture_in(slack.get_by_test_id("thread-messages").get_by_test_id("file").last)
    expect_at_end(visitor.panel.locator("#log"))
    expect_at_end(console.locator("#lines"))
    expect_at_end(slack.get_by_test_id("thread-messages"))


def test_a_refused_file_says_why_and_the_reply_goes_without_it(
    stack: Stack, visit: Visit, owner: BrowserContext
):
    visit().open_chat().say("No programs please")
    console = chats(stack, owner)
    open_chat(console, "No programs please")
    program: FilePayload = {"name": "setup.exe", "mimeType": "application/x-dosexec", "buffer": b"MZ\x90\0"}
    console.locator("#files").set_input_files([program])
    refused = console.locator("#attached .is-refused")
    expect(refused).to_contain_text("cannot be sent")
    console.get_by_label("Remove setup.exe").click()
    expect(console.locator("#attached li")).to_have_count(0)
    console.get_by_label("Reply", exact=True).fill("Of course")
    console.get_by_label("Reply", exact=True).press("Enter")
    expect(console.locator(".line-agent .bubble")).to_have_text("Of course")
