"""W15, C11: axe reads every page as somebody would who cannot see it; nothing of a page stands out of a phone.

axe-core finds contrast, names, roles and order that are wrong; it cannot tell whether the words are any good.
"""

import json
from collections.abc import Callable

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, Frame, Page, expect

from tests.e2e.conftest import NewContext, VisitorPage, chats, open_chat
from tests.stack import Stack

Visit = Callable[..., VisitorPage]
RULES = {"resultTypes": ["violations"], "iframes": False}
DESK = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"}
PHONE = {
    "viewport": {"width": 360, "height": 740},
    "color_scheme": "dark",
    "has_touch": True,
    "is_mobile": True,
}
STRANGERS = """/ /accounts/login/ /accounts/signup/ /accounts/password/reset/ /nothing-is-here
    /slack/oauth/callback?error=access_denied /pricing /privacy /terms /security /support /support/sent
    /slack/scopes""".split()
MEMBERS = """/console/chats /console/chats?state=closed /console/replies /console/replies/new /console/sites
    /console/slack /console/team /console/settings/data/erasures /accounts/email/""".split()
FURTHER = """/console/sites/ /console/chats/ /console/team/ /console/slack/sites/
    /console/slack/""".split()


def expect_nothing_found(where: Page | Frame, name: str) -> None:
    where.evaluate(AXE_SCRIPT)
    found = where.evaluate(
        """async (rules) => (await axe.run(document, rules)).violations.map((one) =>
            [one.id, one.help, one.nodes.map((node) => node.html.slice(0, 200))])""",
        RULES,
    )
    assert found == [], f"{name}: {json.dumps(found, indent=1)}"


def expect_no_sideways_scrolling(page: Page, name: str) -> None:
    wide, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= room, f"{name} is {wide} px wide in a window of {room}"


def read(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    expect_no_sideways_scrolling(page, address)
    expect_nothing_found(page, address)


def test_a_button_without_a_name_is_found(new_context: NewContext) -> None:
    page = new_context().new_page()
    page.set_content("<html lang=en><title>A page</title><main><h1>A page</h1><button></button></main>")
    with pytest.raises(AssertionError, match="button-name"):
        expect_nothing_found(page, "a page")


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "dark phone"])
def person(new_context: NewContext, request: pytest.FixtureRequest) -> BrowserContext:
    return new_context(**request.param)


def test_pages_of_strangers(stack: Stack, person: BrowserContext) -> None:
    page = person.new_page()
    for path in STRANGERS:
        read(page, stack.product + path)


def first_of(page: Page, begins: str) -> str:
    """The address of the first link to something below that path: one site, one chat, one person."""
    for link in page.locator(f"main a[href^='{begins}']").all():
        path = (link.get_attribute("href") or "").split("#")[0]
        if path != begins and "?" not in path:
            return path
    raise AssertionError(f"no link to {begins} on {page.url}")


def test_pages_of_the_console(stack: Stack, person: BrowserContext, visit: Visit) -> None:
    visitor = visit().open_chat()
    visitor.say("Is the oak table still available in 180 cm?")
    visitor.expect_state(0, "delivered", "seen")
    page = person.new_page()
    page.goto(stack.addresses["console"])
    further: set[str] = set()
    for path in MEMBERS:
        read(page, stack.product + path)
        further |= {first_of(page, one) for one in FURTHER if page.locator(f"main a[href^='{one}']").count()}
    assert len(further) >= len(FURTHER), further
    connection = next(one for one in further if one.startswith("/console/slack/") and "sites" not in one)
    chat = next(one for one in further if one.startswith("/console/chats/"))
    site = next(one for one in further if one.startswith("/console/sites/"))
    more = {f"{connection}/welcome", f"{chat}/erase", f"{site}/look", f"{site}/texts", f"{site}/hours"}
    for path in sorted(further | more):
        read(page, stack.product + path)


def test_a_part_that_is_read_anew_keeps_the_focus(stack: Stack, owner: BrowserContext) -> None:
    page = owner.new_page()
    page.goto(f"{stack.product}/console/slack")
    page.get_by_role("link", name="Open").first.click()
    button = page.get_by_role("button", name="Connect again")
    button.focus()
    with page.expect_response(lambda answer: answer.url.endswith("/health")):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('chats:changed'))")
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    expect(button).to_be_focused()


def test_a_part_that_is_read_anew_twice_at_once_keeps_the_focus(stack: Stack, owner: BrowserContext) -> None:
    page = owner.new_page()
    page.goto(f"{stack.product}/console/slack")
    page.get_by_role("link", name="Open").first.click()
    button = page.get_by_role("button", name="Connect again")
    expect(page.locator("#live")).to_be_attached()
    # the second reading comes before the first has settled
    page.evaluate("htmx.config.defaultSettleDelay = 1000")
    button.focus()
    for _ in range(2):
        with page.expect_response(lambda answer: answer.url.endswith("/health")):
            page.evaluate("document.body.dispatchEvent(new CustomEvent('chats:changed'))")
    expect(button).to_be_focused()
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    expect(button).to_be_focused()


def test_what_came_of_an_act_has_the_focus(stack: Stack, owner: BrowserContext) -> None:
    page = owner.new_page()
    page.goto(f"{stack.product}/console/slack")
    page.get_by_role("link", name="Open").first.click()
    page.get_by_role("button", name="Send a test message").press("Enter")
    expect(page.locator(".messages")).to_be_focused()


def test_a_day_in_a_transcript_is_a_quiet_line(stack: Stack, owner: BrowserContext, visit: Visit) -> None:
    visit().open_chat().say("Do you deliver to Vilnius?")
    page = chats(stack, owner)
    open_chat(page, "Do you deliver to Vilnius?")
    expect(page.locator("#lines .day").first).to_have_css("border-top-width", "0px")


@pytest.mark.parametrize("how", [DESK, PHONE], ids=["desk", "dark phone"])
def test_the_panel(stack: Stack, visit: Visit, new_context: NewContext, how: dict[str, object]) -> None:
    visitor = visit(new_context(**how)).open_chat()
    visitor.say("Is the oak table still available in 180 cm?")
    visitor.expect_state(0, "delivered", "seen")
    root = stack.in_slack()[-1]
    stack.control(
        "say", user="bob", channel="website-chat", text="Yes, *two* are left.", thread_ts=root["ts"]
    )
    expect(visitor.panel.get_by_text("two")).to_be_visible()
    panel = next(frame for frame in visitor.page.frames if "/widget/frame" in frame.url)
    expect_nothing_found(panel, "the panel")
    visitor.panel.get_by_test_id("tb-attach").wait_for()
    with visitor.page.expect_file_chooser() as chooser:
        visitor.panel.get_by_test_id("tb-attach").click()
    chooser.value.set_files({"name": "a.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"})
    expect(visitor.panel.locator("#tray [data-state=refused]")).to_be_visible()
    expect_nothing_found(panel, "the panel with a refused file")
    expect_nothing_found(visitor.page, "the shop with the chat open")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_stand_in_for_slack(stack: Stack, visit: Visit, new_context: NewContext, scheme: str) -> None:
    visitor = visit().open_chat()
    visitor.say("Do you deliver to Vilnius?")
    visitor.expect_state(0, "delivered", "seen")
    page = new_context(**DESK | {"color_scheme": scheme}).new_page()
    page.goto(f"{stack.addresses['slack']}?user=bob")
    page.get_by_test_id("thread-open").last.click()
    expect(page.get_by_test_id("thread-messages")).to_contain_text("Vilnius")
    expect_nothing_found(page, "the stand-in")


def test_the_panel_of_a_page_that_reads_from_the_right(visit: Visit, new_context: NewContext) -> None:
    visitor = visit(new_context(**PHONE))
    visitor.page.evaluate("document.documentElement.dir = 'rtl'")
    visitor.open_chat().say("هل الطاولة متوفرة؟")
    visitor.expect_state(0, "delivered", "seen")
    expect_no_sideways_scrolling(visitor.page, "the shop")
    expect(visitor.panel.get_by_test_id("tb-message").locator(".bubble")).to_have_css("direction", "rtl")
