"""W14 in real browsers: one history on two machines, a shield in the console, and nothing left after logging out."""

import re
import time
from typing import Any

import jwt
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.e2e.conftest import NewContext, VisitorPage, chats, open_chat, picture
from tests.stack import Stack


class Website:
    """A shop whose server signs who is logged in there."""

    def __init__(self, stack: Stack, owner: BrowserContext) -> None:
        self.address, self.secret, self.site = stack.addresses["shop"], "", ""
        self.page = owner.new_page()
        self.page.goto(f"{stack.product}/console/sites")
        self.page.locator("main a[href*='/console/sites/']").first.click()
        self.page.get_by_role("link", name="Identity", exact=True).click()

    def make_key(self) -> None:
        self.page.get_by_role("button", name=re.compile("Make a (new )?key")).click()
        self.secret = self.page.locator("#identity-secret").inner_text()
        self.site = self.page.locator("#sample-page").inner_text().split('data-site="')[1].split('"')[0]
        picture(self.page, "identity-key")
        self.page.get_by_role("link", name="I have kept it").click()
        expect(self.page.locator("#identity-secret")).to_have_count(0)

    def choose(self, mode: str) -> None:
        self.page.get_by_text(mode, exact=True).click()
        self.page.get_by_role("button", name="Save").click()
        expect(self.page.get_by_role("radio", name=mode)).to_be_checked()

    def token(self, **claims: Any) -> str:
        now = int(time.time())
        whole = {"aud": self.site, "iat": now, "exp": now + 3600, **claims}
        return jwt.encode(whole, self.secret, "HS256")

    def opened_in(self, context: BrowserContext, identity: str = "") -> VisitorPage:
        """Its page, for somebody who is logged in, or for nobody."""
        page = context.new_page()
        if identity:
            page.route(self.address, lambda route: self._with(route, identity))
        page.goto(self.address)
        return VisitorPage(page)

    def _with(self, route: Route, identity: str) -> None:
        answer = route.fetch()
        body = answer.text().replace("data-site=", f'data-identity="{identity}" data-site=')
        route.fulfill(response=answer, body=body)


def kept(page: Page) -> list[str]:
    """What the panel holds in this browser."""
    frame = next(frame for frame in page.frames if "/widget/frame" in frame.url)
    return list(frame.evaluate("Object.keys(localStorage)"))


def test_one_history_on_two_machines_and_nothing_left_behind(
    stack: Stack, owner: BrowserContext, new_context: NewContext
) -> None:
    website = Website(stack, owner)
    website.make_key()
    website.choose("Mark")
    desk, phone = new_context(), new_context()
    carol = {"sub": "4711", "name": "Carol Nguyen"}

    at_desk = website.opened_in(desk).open_chat()
    at_desk.say("I have a question")
    at_desk.expect_state(0, "stored", "delivered", "seen", "sent")
    at_desk.page.evaluate("(token) => Threadbell('identify', { token })", website.token(**carol))
    console = chats(stack, owner)
    expect(console.locator("#list .row-top").first).to_contain_text("Carol Nguyen")
    open_chat(console, "I have a question")
    expect(console.locator("#chat-head h1").get_by_role("img", name="verified")).to_be_visible()
    picture(console, "verified-visitor")
    at_desk.say("Now I am logged in")

    on_phone = website.opened_in(phone, website.token(**carol)).open_chat()
    on_phone.expect_lines("I have a question", "Now I am logged in")

    other_tab = website.opened_in(desk, website.token(**carol)).open_chat()
    other_tab.expect_lines("I have a question", "Now I am logged in")
    other_tab.panel.get_by_test_id("tb-composer").fill("A draft of Carol's")
    at_desk.page.evaluate("Threadbell('reset')")
    for tab in (at_desk, other_tab):
        expect(tab.panel.get_by_test_id("tb-message")).to_have_count(0)
        expect(tab.panel.get_by_test_id("tb-composer")).to_have_value("")
    other_tab.page.close()
    dave = website.opened_in(desk, website.token(sub="4712", name="Dave")).open_chat()
    expect(dave.panel.get_by_test_id("tb-message")).to_have_count(0)
    dave.say("I am Dave")
    dave.expect_state(0, "stored", "delivered", "seen", "sent")
    assert not [name for name in kept(dave.page) if "draft" in name]
    # whoever comes next without logging Dave out is not Dave either
    again = website.opened_in(desk, website.token(**carol)).open_chat()
    again.expect_lines("I have a question", "Now I am logged in")


def test_where_a_log_in_is_required_the_widget_says_so_until_there_is_one(
    stack: Stack, owner: BrowserContext, new_context: NewContext
) -> None:
    website = Website(stack, owner)
    website.make_key()
    website.choose("Require")
    visitor = website.opened_in(new_context())
    visitor.page.evaluate("window.asked = []; Threadbell('on', 'identity', (why) => asked.push(why))")
    visitor.open_chat()
    expect(visitor.panel.get_by_test_id("tb-status")).to_contain_text("Log in on this website")
    assert "logged in" in visitor.page.evaluate("asked[0]")
    visitor.say("Let me in")
    visitor.page.evaluate("(token) => Threadbell('identify', { token })", website.token(sub="4713"))
    visitor.expect_state(0, "stored", "delivered", "seen", "sent")
    website.choose("Off")
