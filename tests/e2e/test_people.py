"""S10, S13, S21 in real browsers: faces, what an agent's markup looks like, a company's own emoji, who is there."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, expect

from tests.e2e.conftest import NewContext, VisitorPage
from tests.stack import Stack, wait_until

Visit = Callable[..., VisitorPage]
SHOWY = "*Yes*, _today_:\n• oak\n• pine\n> as you asked\n`ORD-1` :our_logo: :wave::skin-tone-4: https://shop.example/a"


@pytest.fixture
def owner(stack: Stack, new_context: NewContext) -> BrowserContext:
    context = new_context()
    page = context.new_page()
    page.goto(stack.addresses["console"])
    expect(page.get_by_role("heading", name="Chats", level=1)).to_be_visible()
    page.close()
    return context


def answer(stack: Stack, question: str, text: str, user: str = "bob", **more: Any) -> dict[str, Any]:
    """In the thread in which the question stands."""

    def root() -> str | None:
        return next((str(m["thread_ts"]) for m in stack.in_slack() if m["text"] == question), None)

    thread = wait_until(root, "the question in Slack")
    where = {"channel": "website-chat", "thread_ts": thread, "team": "Acme"}
    return stack.control("say", user=user, text=text, **where, **more)


def shot(page: Page, name: str) -> None:
    """Kept where somebody wants to look at the pages: SHOTS names the folder."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_a_face_and_what_it_says_arrive_as_they_were_meant(
    stack: Stack, visit: Visit, owner: BrowserContext
) -> None:
    stack.control("emoji", team="Acme", name="our_logo")
    visitor = visit().open_chat()
    foreign: list[str] = []
    visitor.page.on("request", lambda asked: foreign.append(asked.url) if stack.slack in asked.url else None)
    visitor.say("Do you have chairs?")
    answer(stack, "Do you have chairs?", SHOWY)
    bubble = visitor.panel.get_by_test_id("tb-message").nth(1)
    expect(bubble.locator("strong")).to_have_text("Yes")
    expect(bubble.locator("em")).to_have_text("today")
    expect(bubble.locator("ul > li")).to_have_text(["oak", "pine"])
    expect(bubble.locator("blockquote")).to_have_text("as you asked")
    expect(bubble.locator("code")).to_have_text("ORD-1")
    expect(bubble.get_by_role("link")).to_have_attribute("href", "https://shop.example/a")
    emoji = bubble.get_by_alt_text(":our_logo:")
    expect(emoji).to_be_visible()
    wait_until(lambda: emoji.evaluate("image => image.naturalWidth > 0"), "the emoji's picture")
    face = visitor.panel.locator("img[src*='/pictures/']").first
    wait_until(lambda: face.evaluate("image => image.naturalWidth > 0"), "the face")
    expect(visitor.panel.get_by_text("We are online")).to_be_visible()
    shot(visitor.page, "widget")
    page = owner.new_page()
    page.goto(f"{stack.product}/console/chats")
    page.locator("#list a").filter(has_text="oak").first.click()
    expect(page.locator("#lines").get_by_alt_text(":our_logo:")).to_be_visible()
    shot(page, "console-chat")
    assert foreign == []


HOSTILE = [
    {"type": "link", "url": "javascript:alert(1)", "text": "click"},
    {"type": "text", "text": "<img src=x onerror=alert(1)><script>alert(1)</script>"},
    {"type": "link", "url": 'https://evil.example/"><script>alert(1)</script>', "text": "<b>x</b>"},
    {"type": "emoji", "name": 'x" onerror="alert(1)', "unicode": "zz"},
    {"type": "user", "user_id": "U<script>alert(1)</script>"},
    {
        "type": "date",
        "timestamp": 1,
        "format": "{date}",
        "url": "data:text/html,x",
        "fallback": "<i>1 May</i>",
    },
]


def test_hostile_answers_stay_text_in_panel_and_console(
    stack: Stack, visit: Visit, owner: BrowserContext
) -> None:
    visitor = visit().open_chat()
    asked: list[str] = []

    def refuse(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    visitor.page.on("dialog", refuse)
    visitor.say("Are you safe?")
    section = {"type": "rich_text_section", "elements": HOSTILE}
    deep = {"type": "rich_text_list", "style": "bullet", "indent": 8, "elements": [section]}
    blocks = [{"type": "rich_text", "elements": [section, deep]}]
    answer(stack, "Are you safe?", "fallback", blocks=blocks)
    bubble = visitor.panel.get_by_test_id("tb-message").nth(1)
    expect(bubble).to_contain_text("<script>alert(1)</script>")
    assert bubble.locator("script, img[onerror], [href^='javascript'], [href^='data']").count() == 0
    page = owner.new_page()
    page.on("dialog", refuse)
    page.goto(f"{stack.product}/console/chats")
    page.locator("#list a").filter(has_text="click").first.click()
    expect(page.locator("#lines")).to_contain_text("<script>alert(1)</script>")
    assert (
        page.locator("#lines").locator("script, img[onerror], [href^='javascript'], [href^='data']").count()
        == 0
    )
    assert asked == []


def test_the_owner_chooses_a_face_and_open_windows_show_it(
    stack: Stack, visit: Visit, owner: BrowserContext
) -> None:
    visitor = visit().open_chat()
    visitor.say("Who are you?")
    answer(stack, "Who are you?", "I am Carol", "carol")
    expect(visitor.panel.locator("body")).to_contain_text("Carol")
    page = owner.new_page()
    page.goto(f"{stack.product}/console/team")
    shot(page, "team")
    page.get_by_role("link").filter(has_text="Carol").click()
    shot(page, "face")
    page.get_by_label("Public name").fill("Robin")
    preview = page.locator("[data-face-preview]")
    expect(preview.locator("[data-face-name]")).to_have_text("Robin")
    page.get_by_label("Show the first letter").check()
    expect(preview.locator("[data-face-letter]")).to_have_text("R")
    expect(preview.locator("[data-face-photo]")).to_be_hidden()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Visitors now see Robin")).to_be_visible()
    expect(visitor.panel.locator("body")).to_contain_text("Robin")
    expect(visitor.panel.locator("body")).not_to_contain_text("Carol,")
    visitor.expect_lines("Who are you?", "I am Carol")
    shot(page, "face-saved")


def test_the_pages_fit_phones_and_the_dark(stack: Stack, owner: BrowserContext) -> None:
    page = owner.new_page()
    page.set_viewport_size({"width": 375, "height": 780})
    page.emulate_media(color_scheme="dark")
    for path, name in (("team", "team"), ("slack", "slack")):
        page.goto(f"{stack.product}/console/{path}")
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, path
        shot(page, f"phone-{name}")
    page.goto(f"{stack.product}/console/team")
    page.locator(".face-row").first.click()
    expect(page.get_by_label("Public name")).to_be_visible()
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    shot(page, "phone-face")
    page.goto(f"{stack.product}/console/slack")
    page.locator("a[href^='/console/slack/']").first.click()
    expect(page.get_by_role("heading", name="Who may answer")).to_be_visible()
    shot(page, "phone-connection")
