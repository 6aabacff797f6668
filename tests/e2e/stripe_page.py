"""What a person does on Stripe's pages, in the words of a person, and what only time or a bank does."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.stack import Stack

PAYS, OTHER, ASKS, ASKS_ALWAYS, DECLINED, FAILS_LATER = (
    "4242 4242 4242 4242",
    "5555 5555 5555 4444",
    "4000 0025 0000 3155",
    "4000 0027 6000 3184",
    "4000 0000 0000 0002",
    "4000 0000 0000 0341",
)
MONTH = 31 * 86_400
# a renewal's invoice is a draft for an hour before it is charged
CHARGED = 2 * 3600


def pay_with(page: Page, card: str, name: str = "Nora Quill") -> None:
    """In Checkout: the card, the name on it, *Subscribe*."""
    expect(page.get_by_test_id("pay")).to_be_visible()
    page.get_by_test_id("card").fill(card)
    page.get_by_test_id("name").fill(name)
    page.get_by_test_id("pay").click()


def bank(page: Page, answer: str) -> None:
    """3-D Secure: `complete`, `fail` or `abandon`."""
    expect(page.get_by_role("heading", name="3-D Secure")).to_be_visible()
    page.get_by_test_id(answer).click()


def use_code(page: Page, code: str) -> None:
    page.get_by_test_id("code").fill(code)
    page.get_by_test_id("use-code").click()


def save_card(page: Page, card: str) -> None:
    """On the portal's page for a new card."""
    expect(page.get_by_role("heading", name="Add a card")).to_be_visible()
    page.get_by_test_id("card").fill(card)
    page.get_by_test_id("save-card").click()


def remove_card(page: Page) -> None:
    """The only one, in the portal."""
    page.get_by_test_id("remove-card").click()
    expect(page.get_by_test_id("remove-card")).to_have_count(0)


def pay_invoice(page: Page, card: str = "") -> None:
    """On the invoice's page: with the card that is known, or with another."""
    expect(page.get_by_test_id("status")).to_have_text("To be paid")
    if card:
        page.get_by_test_id("card").fill(card)
        page.get_by_test_id("pay").click()
    else:
        page.get_by_test_id("pay-saved").first.click()


def expect_paid(page: Page) -> None:
    expect(page.get_by_test_id("status")).to_have_text("Paid")


def at_stripe(stack: Stack, page: Page) -> None:
    """The browser has left for Stripe's pages."""
    expect(page).to_have_url(re.compile(f"^{re.escape(stack.stripe)}/"))


def at_home(stack: Stack, page: Page) -> None:
    expect(page).to_have_url(re.compile(f"^{re.escape(stack.product)}/console/"))


def pass_time(stack: Stack, seconds: float) -> None:
    """For Stripe. Whatever is due until then happens, and the product is told."""
    stack.at_stripe("clock", advance=seconds)


def subscriptions(stack: Stack, email: str) -> list[dict[str, Any]]:
    """Everything that this customer has ever subscribed to, the oldest first. The name is the cardholder's by then."""
    there = stack.stripe_state()
    owner = next(row["id"] for row in there["customer"] if row["email"] == email)
    found = [row for row in there.get("subscription", []) if row["customer"] == owner]
    return sorted(found, key=lambda row: int(row["created"]))
