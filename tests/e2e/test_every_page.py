"""C11: every page of the console, on a desk and on a phone, in the light and in the dark, with the keyboard alone.

Pages are found as a person finds them, by links; what the product answers beyond that must be named here. With PICTURES
set each is photographed for docs/console.md.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from tests.e2e.conftest import NewContext, VisitorPage, picture
from tests.e2e.test_everybody_can_use_it import (
    DESK,
    PHONE,
    expect_no_sideways_scrolling,
    expect_nothing_found,
)
from tests.security.addresses import addresses
from tests.stack import Stack

SIZES: dict[str, dict[str, Any]] = {"desk": DESK, "phone": PHONE | {"color_scheme": "light"}}
# parts that scripts fetch; the door of /console; what only a file, a long chat, an erasure, an export or a route has;
# what only a server that sells plans has beside its billing tab
NOT_LINKED = set(
    """chat_replies chat_setup site_panel site_seen site_stage report_tags exports styleguide
    console chat_file chat_earlier erasure export_fetch slack_route
    billing_plan billing_plan_change billing_preview billing_leave billing_stripe billing_news billing_invoice
    billing_return billing_returned billing_pay""".split()
)
LEFT_ALONE = {"account_logout"}
VALUES = {"uuid": "00000000-0000-4000-8000-000000000001", "int": "1"}
# a tablet, a large desk, and a desk of 1280 pixels at twice the size
MORE_SIZES: tuple[ViewportSize, ...] = (
    {"width": 768, "height": 1024},
    {"width": 1440, "height": 900},
    {"width": 640, "height": 400},
)
CROPPED = """() => {
    const parts = ".rail nav, .rail *, .settings-tabs, .settings-tabs *, .tabs, .tabs *, button, .button, .badge";
    return [...document.querySelectorAll(parts)].filter((one) => {
        if (!one.checkVisibility() || !one.scrollWidth || one.closest(".visually-hidden, [tabindex='0']")) return false;
        const {overflowX, textOverflow} = getComputedStyle(one), {left, right} = one.getBoundingClientRect();
        const clips = overflowX !== "visible" && textOverflow !== "ellipsis";
        return (clips && one.scrollWidth > one.clientWidth + 1) || right > innerWidth + 1 || left < -1;
    }).map((one) => one.outerHTML.slice(0, 120));
}"""
AS_ON_A_DESK: ViewportSize = {"width": 1280, "height": 800}
FOCUSABLE = """a[href], button:not([disabled]), input:not([disabled]):not([type=hidden]):not([type=radio]),
    select:not([disabled]), textarea:not([disabled]), summary"""
LEFT = f"""() => [...document.querySelectorAll(`{FOCUSABLE}`)].filter((one) =>
    one.checkVisibility({{visibilityProperty: true}}) && one.tabIndex >= 0 && !one.closest("[inert]")
    && !window.reached.has(one)).map((one) => one.outerHTML.slice(0, 120))"""
STEP = """() => { const at = document.activeElement; window.reached.add(at);
    return at !== document.body && at.tagName !== "IFRAME" && !at.checkVisibility() ? 1 : 0 }"""


def name_of(path: str) -> str | None:
    try:
        return resolve(path.split("?")[0].split("#")[0]).url_name
    except Resolver404:
        return None


def leads_to(page: Page) -> Iterator[str]:
    """Whatever of the console a page links to or fetches parts from."""
    for path in page.evaluate(
        """() => [...document.querySelectorAll("a[href], [hx-get]")].map((one) =>
            one.getAttribute("hx-get") || one.getAttribute("href"))"""
    ):
        if path.startswith(("/console", "/accounts")) and not path.startswith("/accounts/logout"):
            yield path


def is_page(page: Page, address: str) -> bool:
    answer = page.request.get(address)
    return answer.ok and answer.body().lstrip()[:15].lower() == b"<!doctype html>"


def readable(stack: Stack, page: Page) -> set[str]:
    """Names of what may be asked for at all; deeds answer 405."""
    found = set()
    for one in addresses("console/"):
        path = one.filled(*(VALUES.get(kind, "a") for _, kind in one.wants))
        if page.request.get(stack.product + path, max_redirects=0).status != 405:
            found.add(one.name)
    return found


def expect_the_keyboard_to_reach_everything(page: Page, name: str) -> None:
    """Tab comes to everything that can be pressed or filled in, and never to what is hidden."""
    page.evaluate(
        "() => { document.activeElement?.blur(); document.body.focus(); window.reached = new Set() }"
    )
    hidden, left = 0, page.evaluate(LEFT)
    # a date takes several steps, and so does what stands in a frame
    for _ in range(4 * len(left) + 40):
        page.keyboard.press("Tab")
        hidden += page.evaluate(STEP)
        if not (left := page.evaluate(LEFT)):
            break
    assert not left, f"{name}: Tab does not come to {left}"
    assert not hidden, f"{name}: the focus is where nobody sees it"


def expect_it_fits(page: Page, name: str) -> None:
    """No sideways scrolling, and no word of what one goes by or presses is cut off."""
    expect_no_sideways_scrolling(page, name)
    assert not (cropped := page.evaluate(CROPPED)), f"{name}: cut off {cropped}"


def look_at(page: Page, name: str, size: str) -> None:
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    expect_it_fits(page, name)
    if size == "desk":
        for one in MORE_SIZES:
            page.set_viewport_size(one)
            expect_it_fits(page, f"{name} at {one['width']} px")
        page.set_viewport_size(AS_ON_A_DESK)
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        expect_nothing_found(page, f"{name} ({size}, {scheme})")
    picture(page, f"pages/{name.replace('_', '-')}-{size}")
    if size == "desk":
        expect_the_keyboard_to_reach_everything(page, name)


@pytest.fixture(params=SIZES)
def person(new_context: NewContext, request: pytest.FixtureRequest) -> BrowserContext:
    context = new_context(**SIZES[request.param])
    context.size = request.param  # type: ignore[attr-defined]
    return context


def save_a_reply(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.product}/console/replies/new")
    page.get_by_label("Title").fill("Opening hours")
    page.get_by_label("Text", exact=True).fill("We are here from 9 to 5.")
    page.get_by_role("button", name="Save the reply").click()


def show_who_is_there(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.product}/console/sites")
    page.locator("a.link-card").first.click()
    page.get_by_role("navigation", name="Pages of").get_by_role("link", name="Visitors").click()
    page.get_by_label("Show who is on the site").check()
    page.get_by_role("button", name="Save").click()


def beside(path: str) -> list[str]:
    """Pages that one comes to by a form, out of Slack, or in a tab of its own while nothing is set up."""
    return {
        "chats": ["/console/search?q=oak"],
        "site": [f"{path}/try"],
        "slack_connection": [f"{path}/welcome"],
    }.get(name_of(path) or "", [])


# some fifty pages, each in four sizes
@pytest.mark.timeout(300)
def test_every_page(stack: Stack, person: BrowserContext, visit: Callable[..., VisitorPage]) -> None:
    visitor = visit().open_chat()
    visitor.say("Is the oak table still available in 180 cm?")
    visitor.expect_state(0, "delivered", "seen")
    size: str = person.size  # type: ignore[attr-defined]
    page = person.new_page()
    page.goto(stack.addresses["console"])
    expect(page.get_by_role("heading", name="Chats", level=1)).to_be_visible()
    save_a_reply(stack, page)
    show_who_is_there(stack, page)
    onlooker = visit()
    expect(onlooker.page.get_by_test_id("tb-launcher")).to_be_visible()
    waiting, known = [*leads_to(page)], set(LEFT_ALONE)
    problems: list[str] = []
    while waiting:
        path = waiting.pop(0)
        name = name_of(path)
        if name is None or name in known:
            continue
        known.add(name)
        if is_page(page, stack.product + path):
            page.goto(stack.product + path)
            try:
                look_at(page, name, size)
            except AssertionError as found:
                problems.append(str(found))
            waiting += [*leads_to(page), *beside(path)]
    assert not problems, "\n".join(problems)
    never = readable(stack, page) - known
    assert not never - NOT_LINKED, f"nothing leads to {sorted(never - NOT_LINKED)}"
