"""S2, S3: a stranger on an empty server presses *Add to Slack*; their first chat arrives; they log in again later."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, expect

from tests import web
from tests.e2e.conftest import NewContext, VisitorPage
from tests.stack import Stack, wait_until

MOST_BYTES = 100_000


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A server as an operator starts it: no demo, nobody has ever been here."""
    stack = Stack(tmp_path_factory.mktemp("empty"), DEMO="0")
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


def allow(page: Page, who: str) -> None:
    """The person's choice on Slack's page."""
    option = page.get_by_test_id("oauth-user").locator("option", has_text=who)
    page.get_by_test_id("oauth-user").select_option(value=option.get_attribute("value"))
    page.get_by_test_id("oauth-allow").click()


def add_to_slack(page: Page, stack: Stack, who: str) -> None:
    page.goto(f"{stack.product}/")
    page.get_by_role("link", name="Add to Slack").click()
    allow(page, who)
    expect(page.get_by_role("heading", name="Threadbell is in Slack")).to_be_visible()


class Website(BaseHTTPRequestHandler):
    """Somebody's page that carries nothing but the snippet."""

    snippet = ""

    def do_GET(self) -> None:
        body = f"<!doctype html><title>Shop</title><p>Tea</p>{self.snippet}".encode()
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Silent: pytest shows what matters."""


@pytest.fixture
def website() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Website)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()


def test_from_an_empty_server_to_the_first_chat(empty: Stack, new_context: NewContext, website: str) -> None:
    owner = new_context().new_page()
    add_to_slack(owner, empty, "Alice")
    expect(owner.locator("main")).to_contain_text("#website-chat of Acme")
    Website.snippet = owner.locator("#welcome-snippet").inner_text()
    visitor = VisitorPage(new_context().new_page())
    visitor.page.goto(website)
    visitor.open_chat()
    visitor.say("Do you have green tea?")
    visitor.expect_state(0, "delivered", "seen")
    owner.goto(f"{empty.slack}/")
    slack_of(owner, empty, "alice", "website-chat")
    owner.get_by_test_id("message").filter(has_text="Visitor").get_by_test_id("thread-open").click()
    expect(owner.get_by_test_id("thread-messages")).to_contain_text("Do you have green tea?")
    owner.get_by_test_id("thread-composer").fill("Three kinds of it")
    owner.get_by_test_id("thread-send").click()
    visitor.expect_lines("Do you have green tea?", "Three kinds of it")
    expect(visitor.panel.get_by_test_id("tb-message").nth(1)).to_contain_text("Alice")


def slack_of(page: Page, stack: Stack, person: str, channel: str) -> None:
    team = next(team for team in stack.state()["teams"] if team["name"] == "Acme")
    where = next(one["id"] for one in team["channels"] if one["name"] == channel)
    page.goto(f"{stack.slack}/client/{team['id']}/{where}?user={person}")


def test_who_came_by_slack_logs_in_with_slack(empty: Stack, new_context: NewContext) -> None:
    page = new_context().new_page()
    add_to_slack(page, empty, "Mallory")
    page.get_by_role("button", name="Log out").click()
    page.goto(f"{empty.product}/console/sites")
    page.get_by_role("link", name="Log in with Slack").click()
    allow(page, "Mallory")
    expect(page).to_have_url(f"{empty.product}/console/sites")
    expect(page.locator(".rail")).to_contain_text("Globex")


def test_a_stranger_who_logs_in_is_shown_both_doors(empty: Stack, new_context: NewContext) -> None:
    page = new_context().new_page()
    page.goto(f"{empty.product}/")
    page.get_by_role("link", name="Log in with Slack").click()
    allow(page, "Carol")
    expect(page.get_by_role("heading", name="This Slack account is not known here")).to_be_visible()
    expect(page.get_by_role("link", name="Log in with e-mail")).to_be_visible()
    page.get_by_role("link", name="Add to Slack").click()
    allow(page, "Carol")
    expect(page.get_by_role("heading", name="Threadbell is in Slack")).to_be_visible()


def test_who_says_no_in_slack_can_begin_again(empty: Stack, new_context: NewContext) -> None:
    page = new_context().new_page()
    page.goto(f"{empty.product}/")
    page.get_by_role("link", name="Add to Slack").click()
    page.get_by_test_id("oauth-cancel").click()
    expect(page.get_by_role("alert")).to_have_text("The request was declined in Slack. Nothing was changed.")
    page.get_by_role("link", name="Add to Slack").click()
    expect(page.get_by_test_id("oauth-allow")).to_be_visible()


def test_the_wrong_slack_is_undone_and_the_right_one_added(empty: Stack, new_context: NewContext) -> None:
    page = new_context().new_page()
    add_to_slack(page, empty, "Bob")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("Undone. Website no longer uses Acme.")
    expect(page.locator("main")).to_contain_text("Not connected")


# --- the landing page -------------------------------------------------------------------------------------------------


def test_the_loop_is_tried_out_on_the_landing_page(empty: Stack, new_context: NewContext) -> None:
    page = new_context().new_page()
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.goto(f"{empty.product}/")
    panel, thread = page.frame_locator("#try-frame"), page.locator("#try-thread")
    panel.get_by_test_id("tb-composer").fill("Is the <b>blue</b> one in stock?")
    panel.get_by_test_id("tb-send").click()
    expect(thread).to_contain_text("Is the <b>blue</b> one in stock?")
    expect(panel.get_by_test_id("tb-message")).to_have_count(2)
    expect(panel.get_by_test_id("tb-message").nth(1)).to_contain_text("I read you in Slack")
    page.get_by_label("Answer as Bob, in Slack").fill("Two are left")
    page.locator("#try-answer").get_by_role("button").click()
    expect(panel.get_by_test_id("tb-message").nth(2)).to_contain_text("Two are left")
    expect(thread).to_contain_text("Two are left")
    expect(panel.get_by_test_id("tb-message").nth(0)).to_have_attribute(
        "data-state", re.compile("delivered|seen")
    )
    assert sockets == []


def test_the_landing_page_weighs_little_and_asks_nobody_else(empty: Stack, new_context: NewContext) -> None:
    page = new_context().new_page()
    sizes: dict[str, int] = {}
    page.on("requestfinished", lambda request: sizes.update({request.url: weight(request)}))
    page.goto(f"{empty.product}/", wait_until="networkidle")
    expect(page.frame_locator("#try-frame").get_by_test_id("tb-composer")).to_be_visible()
    assert {url for url in sizes if not url.startswith(empty.product)} == set()
    assert len(sizes) > 10
    assert sum(sizes.values()) < MOST_BYTES, sizes


def weight(request: object) -> int:
    sizes = request.sizes()  # type: ignore[attr-defined]
    return int(sizes["responseBodySize"] + sizes["responseHeadersSize"])


def test_without_a_script_the_page_still_shows_the_loop(empty: Stack, new_context: NewContext) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{empty.product}/")
    expect(page.locator("#try-still")).to_contain_text("Is the blue one in stock?")
    expect(page.locator("#try-frame")).not_to_be_visible()
    expect(page.get_by_role("link", name="Add to Slack")).to_be_visible()
