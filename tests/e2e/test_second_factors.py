"""A6 in a browser: an authenticator app, a passkey in a virtual authenticator, and the sessions they end."""

import re
from urllib.parse import unquote

from playwright.sync_api import BrowserContext, Page, expect

from tests.accounts.factors import code_of
from tests.e2e.conftest import NewContext, picture
from tests.stack import Stack

TOUCH_ID = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_authenticator(page: Page) -> None:
    """A device that has a finger on its sensor all the time."""
    wire = page.context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    wire.send("WebAuthn.addVirtualAuthenticator", {"options": TOUCH_ID})


def log_out(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.product}/console/account")
    page.locator("main").get_by_role("button", name="Log out").click()
    expect(page).to_have_url(f"{stack.product}/")


def set_up_app(page: Page) -> tuple[str, str]:
    """Its secret, and one of the recovery codes."""
    page.get_by_role("link", name="Set it up").click()
    expect(page.locator(".qr")).to_have_js_property("complete", True)
    assert page.locator(".qr").evaluate("image => image.naturalWidth") > 0
    picture(page.locator("main"), "second-factor-app")
    secret = page.locator("[data-secret]").inner_text()
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Switch it on").click()
    expect(page.locator(".codes code")).to_have_count(10)
    codes = page.locator(".codes code").all_inner_texts()
    link = page.get_by_role("link", name="Download as text").get_attribute("href") or ""
    assert all(code in unquote(link) for code in codes)
    page.get_by_role("link", name="I have kept them").click()
    return secret, codes[0]


def test_an_app_and_a_passkey_guard_an_account(
    stack: Stack, owner: BrowserContext, new_context: NewContext
) -> None:
    elsewhere = new_context().new_page()
    elsewhere.goto(stack.addresses["console"])
    page = owner.new_page()
    with_authenticator(page)
    page.goto(f"{stack.product}/console/chats")
    page.locator(".rail-me").click()
    page.get_by_role("link", name="Sign-in & security").click()
    _, recovery = set_up_app(page)

    # the other browser is out, and its link alone no longer lets it in; in a tab of its own, since the open one
    # leaves by itself, maybe in the midst of this
    elsewhere = elsewhere.context.new_page()
    elsewhere.goto(f"{stack.product}/console/chats")
    expect(elsewhere).to_have_url(re.compile(rf"{stack.product}/accounts/login/"))
    elsewhere.goto(stack.addresses["console"])
    expect(elsewhere.get_by_role("heading", name="One more step")).to_be_visible()
    elsewhere.get_by_label("Code").fill(recovery)
    elsewhere.get_by_role("button", name="Log in").click()
    expect(elsewhere.get_by_role("heading", name="Chats", level=1)).to_be_visible()

    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("My laptop")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.locator("main")).to_contain_text("My laptop")
    expect(page.locator("main")).to_contain_text("Logs you in alone")
    expect(page.locator("main")).to_contain_text("9 of 10 are unused")
    picture(page, "sign-in-and-security")

    log_out(page, stack)
    page.goto(f"{stack.product}/accounts/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_role("heading", name="Chats", level=1)).to_be_visible()

    log_out(page, stack)
    page.goto(stack.addresses["console"])
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Chats", level=1)).to_be_visible()
    page.goto(f"{stack.product}/console/account/sessions")
    expect(page.locator("main")).to_contain_text("This one")
    picture(page, "sessions")


def test_a_device_without_a_passkey_says_what_to_do(stack: Stack, new_context: NewContext) -> None:
    page = new_context().new_page()
    wire = page.context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    wire.send("WebAuthn.addVirtualAuthenticator", {"options": TOUCH_ID})
    page.goto(f"{stack.product}/accounts/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_role("alert").first).to_contain_text("Press the button to try again")
    expect(page.get_by_role("button", name="Log in with a passkey")).to_be_enabled()
