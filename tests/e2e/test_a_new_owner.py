"""C1: from an empty database to the first answered chat in the console alone; every click on the way is counted."""

import email
import os
import re
import threading
from collections.abc import Iterator
from email.policy import default
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import web
from tests.e2e.conftest import NewContext, VisitorPage, picture
from tests.e2e.test_from_nothing_to_the_first_chat import Website, allow
from tests.stack import ROOT, Stack, wait_until

CLICKS_IN_THE_GUIDE = re.compile(r"\*\*(\d+) clicks\*\* from signing up")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A server as an operator starts it, whose mail lies in a folder."""
    folder = tmp_path_factory.mktemp("empty")
    (folder / "mail").mkdir()
    stack = Stack(folder, DEMO="0", EMAIL_URL=f"filemail:///{folder / 'mail'}")
    try:
        stack.start_slack()
        stack.prepare()
        stack.start_product()
        wait_until(lambda: web.get(f"{stack.product}/readyz").status_code == 200, "readiness")
        yield stack
    except BaseException:
        print(stack.logs())
        raise
    finally:
        stack.down()


@pytest.fixture
def website() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Website)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()


class Owner:
    """Somebody who has never been here. What they type is free, what they press is counted."""

    def __init__(self, page: Page, stack: Stack) -> None:
        self.page, self.stack, self.clicks = page, stack, 0

    def press(self, what: Locator) -> None:
        what.click()
        self.clicks += 1

    def button(self, name: str) -> None:
        self.press(self.page.get_by_role("button", name=name, exact=True))

    def link(self, name: str) -> None:
        self.press(self.page.get_by_role("link", name=name).first)

    def step(self, name: str) -> Locator:
        return self.page.locator(".step").filter(has=self.page.get_by_role("heading", name=name))


def mailed_link(stack: Stack) -> str:
    """The link of the newest mail."""
    folder = stack.folder / "mail"
    wait_until(lambda: os.listdir(folder), "the mail")
    newest = max(Path(folder).iterdir(), key=lambda path: path.stat().st_mtime)
    text = email.message_from_bytes(newest.read_bytes().strip(b"-\n"), policy=default).get_content()
    (link,) = re.findall(rf"{re.escape(stack.product)}\S+", text)[:1]
    return str(link)


def sign_up(owner: Owner) -> None:
    page = owner.page
    page.goto(f"{owner.stack.product}/")
    owner.link("Sign up")
    page.locator("[name=name]").fill("Nora")
    page.locator("[name=email]").fill("nora@teahouse.example")
    page.locator("[name=password1]").fill("a long and quiet afternoon")
    owner.button("Sign up")
    page.goto(mailed_link(owner.stack))
    owner.clicks += 1  # the link in the mail
    owner.button("Yes, it is mine")


def test_from_an_empty_database_to_the_first_answered_chat(
    empty: Stack, new_context: NewContext, website: str
) -> None:
    owner = Owner(new_context().new_page(), empty)
    page = owner.page
    sign_up(owner)
    expect(page.get_by_role("heading", name="Three steps to your first chat")).to_be_visible()
    page.get_by_label("Name of your website").fill("Tea house")
    # a part that is read anew, as when the socket opens, takes no half-written name away
    with page.expect_response(lambda answer: answer.url.endswith("/console/chats/setup")):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('chats:changed'))")
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    expect(page.get_by_label("Name of your website")).to_have_value("Tea house")
    owner.button("Make the site")
    picture(page, "console-first-run")
    Website.snippet = page.locator("#setup-snippet").inner_text()
    visitor = VisitorPage(new_context().new_page())
    visitor.page.goto(website)
    visitor.open_chat()
    expect(owner.step("Put the snippet on your website")).to_have_class(re.compile("is-done"))
    visitor.say("Do you have green tea?")
    expect(owner.step("Have the first chat")).to_have_class(re.compile("is-done"))
    owner.press(page.locator("#list a").first)
    page.locator("#body").fill("Three kinds of it")
    owner.button("Send")
    visitor.expect_lines("Do you have green tea?", "Three kinds of it")
    expect(visitor.panel.get_by_test_id("tb-message").nth(1)).to_contain_text("Nora")
    told = CLICKS_IN_THE_GUIDE.search((ROOT / "docs" / "console.md").read_text())
    assert told is not None
    assert owner.clicks == int(told[1])
    and_slack(owner)


def and_slack(owner: Owner) -> None:
    """The step that was left out ends the first run; the chat that is there goes on beside it."""
    page = owner.page
    page.goto(f"{owner.stack.product}/console/chats")
    owner.link("Connect Slack")
    owner.button("Connect Slack")
    allow(page, "Alice")
    page.goto(f"{owner.stack.product}/console/chats")
    expect(page.get_by_role("heading", name="Three steps to your first chat")).to_be_visible()


def test_an_owner_is_their_own_first_visitor(empty: Stack, new_context: NewContext) -> None:
    context = new_context()
    owner = Owner(context.new_page(), empty)
    owner.page.goto(f"{empty.product}/accounts/login/")
    owner.page.locator("[name=login]").fill("nora@teahouse.example")
    owner.page.locator("[name=password]").fill("a long and quiet afternoon")
    owner.button("Log in")
    owner.page.goto(f"{empty.product}/console/sites")
    address = owner.page.locator("main a[href^='/console/sites/']").first.get_attribute("href")
    owner.page.goto(f"{empty.product}{address}/try")
    visitor = VisitorPage(owner.page).open_chat()
    visitor.say("Am I my own visitor?")
    visitor.expect_state(0, "sent", "delivered", "seen")
