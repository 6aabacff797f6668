"""B2, B3: the pages of Stripe as a person walks through them: Checkout, the bank, the portal, the sandbox's own."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

from tests.slack_sandbox.test_chatting_on_the_page import CHROMIUM, FLAGS
from tests.stripe_sandbox.conftest import ASKS, DECLINED, Till

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no Chromium")]


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser.new_page(viewport={"width": 390, "height": 844})
        browser.close()


def fine(page: Page) -> None:
    """Nothing that axe-core finds, and nothing that scrolls sideways."""
    found = Axe().run(page).response["violations"]
    assert not [one["id"] for one in found]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def pay(page: Page, card: str) -> None:
    page.get_by_test_id("card").fill(card)
    page.get_by_test_id("pay").click()


def test_checkout_with_a_bank_that_asks(till: Till, browser_page: Page) -> None:
    page = browser_page
    session = till.session(
        till.customer().id,
        success_url=f"{till.url}/healthz?s={{CHECKOUT_SESSION_ID}}",
        allow_promotion_codes=True,
    )
    page.goto(session.url)
    fine(page)
    expect(page.get_by_test_id("total")).to_have_text("€45.00")
    page.get_by_test_id("code").fill("WELCOME20")
    page.get_by_test_id("use-code").click()
    expect(page.get_by_test_id("total")).to_have_text("€36.00")
    pay(page, "4242 4242 4242 4241")
    expect(page.get_by_test_id("trouble")).to_have_text("Your card number is invalid.")
    pay(page, DECLINED)
    expect(page.get_by_test_id("trouble")).to_have_text("Your card was declined.")
    pay(page, ASKS)
    fine(page)
    page.get_by_test_id("fail").click()
    expect(page.get_by_test_id("trouble")).to_contain_text("could not authenticate")
    pay(page, ASKS)
    page.get_by_test_id("abandon").click()
    assert till.v1.checkout.sessions.retrieve(session.id).status == "open"
    pay(page, ASKS)
    page.get_by_test_id("complete").click()
    page.wait_for_url(f"**/healthz?s={session.id}")
    assert till.v1.subscriptions.list().data[0].status == "active"
    page.goto(f"{till.url}/c/pay/{session.id}")
    expect(page.get_by_role("heading")).to_have_text("Nothing to pay")


def test_the_portal_the_invoice_and_the_sandboxs_own_page(till: Till, browser_page: Page) -> None:
    page = browser_page
    subscription = till.subscribe()
    opened = till.v1.billing_portal.sessions.create(
        {"customer": subscription.customer, "return_url": till.url}
    )
    page.goto(opened.url)
    fine(page)
    page.get_by_test_id("change").click()
    fine(page)
    page.get_by_test_id("choose-business_monthly_v1").click()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("done")).to_have_text("Your plan was changed.")
    page.get_by_test_id("cancel").click()
    fine(page)
    page.get_by_test_id("feedback").select_option("unused")
    page.get_by_test_id("confirm-cancel").click()
    expect(page.get_by_test_id("next")).to_contain_text("Ends on")
    page.get_by_test_id("keep").click()
    expect(page.get_by_test_id("next")).to_contain_text("Renews on")
    page.get_by_test_id("invoices").get_by_role("link").first.click()
    fine(page)
    expect(page.get_by_test_id("status")).to_have_text("Paid")
    page.goto(till.url)
    fine(page)
    page.get_by_test_id("next").click()
    expect(page.get_by_role("link", name="invoice.upcoming")).to_be_visible()
    page.get_by_role("link", name="invoice.upcoming").click()
    fine(page)
