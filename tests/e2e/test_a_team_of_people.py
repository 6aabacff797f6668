"""A4, A5, A7, C5: somebody is invited, joins, gets another role and is taken out; the audit log tells all of it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import NewContext, picture
from tests.e2e.test_a_new_owner import mailed_link
from tests.stack import Stack, running

NELL = "nell@acme.example"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Its mail lies in a folder."""
    folder = tmp_path_factory.mktemp("stack")
    (folder / "mail").mkdir()
    with running(folder, EMAIL_URL=f"filemail:///{folder / 'mail'}") as found:
        yield found


def invite(page: Page) -> None:
    page.get_by_role("link", name="Invite").click()
    page.get_by_label("E-mail address").fill(NELL)
    page.locator("input[value=viewer]").check()
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_role("status").first).to_contain_text(f"{NELL} has mail")
    expect(page.get_by_role("list", name="Invited")).to_contain_text(NELL)


def join(page: Page, link: str) -> None:
    page.goto(link)
    expect(page).not_to_have_url(link)
    page.get_by_label("Your name").fill("Nell")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Join").click()
    expect(page.locator(".errors")).to_contain_text("at least 12 characters")
    page.get_by_label("Password").fill("a long and quiet afternoon")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("heading", name="Chats", level=1)).to_be_visible()


def test_a_colleague_comes_and_goes(stack: Stack, owner: BrowserContext, new_context: NewContext) -> None:
    alice = owner.new_page()
    alice.goto(f"{stack.product}/console/team")
    invite(alice)
    nell = new_context().new_page()
    join(nell, mailed_link(stack))
    alice.reload()
    picture(alice, "console-team")
    alice.get_by_role("link", name="Change Nell").click()
    alice.locator("input[value=agent]").check()
    alice.get_by_role("button", name="Save the role").click()
    expect(alice.get_by_role("status").first).to_contain_text("Nell is agent now.")
    alice.get_by_role("link", name="Change Nell").click()
    out = alice.get_by_role("button", name="Take out")
    expect(out).to_be_disabled()
    alice.get_by_label("Type remove to confirm").fill("remove")
    out.click()
    expect(alice.get_by_role("status").first).to_contain_text("Nell is out of the team")
    nell.goto(f"{stack.product}/console/chats")
    expect(nell.get_by_role("heading", name="You are in no workspace")).to_be_visible()
    the_log_tells(stack, alice)
    on_a_phone(stack, new_context, owner)


def the_log_tells(stack: Stack, alice: Page) -> None:
    alice.goto(f"{stack.product}/console/settings/audit")
    log = alice.locator(".audit")
    for words in ("Alice took somebody out of the team", "Nell joined the team", "Alice invited somebody"):
        expect(log).to_contain_text(words)
    alice.locator("#audit-area").select_option("invitation")
    alice.get_by_role("button", name="Show").click()
    expect(log).to_contain_text("Alice invited somebody")
    expect(log).not_to_contain_text("joined")
    boxes = [field.bounding_box() for field in alice.locator(".audit-filter :is(select, input)").all()]
    assert len({(box["y"], box["height"]) for box in boxes if box}) == 1, "the filter stands in one line"
    picture(alice, "console-audit")
    with alice.expect_download() as taken:
        alice.get_by_role("button", name="Download as CSV").click()
    assert "invited somebody" in taken.value.path().read_text()


def on_a_phone(stack: Stack, new_context: NewContext, owner: BrowserContext) -> None:
    """Nothing is wider than the screen."""
    phone = new_context(viewport={"width": 360, "height": 740}, color_scheme="dark")
    phone.add_cookies(owner.cookies())  # type: ignore[arg-type]
    page = phone.new_page()
    for path in ("team", "team/invite", "settings/audit"):
        page.goto(f"{stack.product}/console/{path}")
        expect(page.locator("h1").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_somebody_goes_from_one_workspace_to_the_other_by_the_rail(
    stack: Stack, owner: BrowserContext
) -> None:
    """A5: with the keyboard; Escape leaves it, and whoever has no scripts comes to the page of them."""
    page = owner.new_page()
    page.goto(f"{stack.product}/console/team")
    door = page.get_by_role("button", name="Switch workspace")
    menu = page.get_by_role("group", name="Your workspaces")
    here = page.locator(".brand").inner_text()
    door.press("Enter")
    expect(menu.locator("[aria-current]")).to_contain_text(here)
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(door).to_be_focused()
    door.press("Enter")
    page.keyboard.press("Tab")
    expect(menu.get_by_role("link", name="New workspace")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_label("Name").fill("Boots and more")
    page.get_by_role("button", name="Create a workspace").click()
    expect(page.locator(".brand")).to_contain_text("Boots and more")
    door.click()
    expect(menu.locator("[aria-current]")).to_contain_text("Boots and more")
    picture(page, "console-workspaces-menu")
    menu.get_by_role("button", name=here).click()
    expect(page.locator(".brand")).to_contain_text(here)
    without = owner.browser.new_context(java_script_enabled=False, storage_state=owner.storage_state())  # type: ignore[union-attr]
    plain = without.new_page()
    plain.goto(f"{stack.product}/console/team")
    plain.get_by_role("button", name="Switch workspace").click()
    plain.get_by_role("link", name="All your workspaces").click()
    expect(plain.get_by_role("heading", name="Your workspaces", level=1)).to_be_visible()
    without.close()
