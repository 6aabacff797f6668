"""B8 in a real browser: a larger plan, a smaller one, leaving, staying and coming back."""

from playwright.sync_api import expect

from tests.e2e.billing.conftest import NewPayer, Payer, end_trial
from tests.e2e.conftest import picture
from tests.e2e.stripe_page import (
    ASKS,
    ASKS_ALWAYS,
    CHARGED,
    MONTH,
    OTHER,
    at_home,
    bank,
    expect_paid,
    pass_time,
    pay_invoice,
    pay_with,
    save_card,
)
from tests.stack import Stack


def open_change(payer: Payer, plan: str) -> None:
    """Up to what it costs."""
    payer.billing().link("Change plan")
    payer.link(f"Change to {plan}")
    expect(payer.page.locator("#preview .facts")).to_be_visible()


def test_a_larger_plan_holds_at_once_and_is_paid_by_the_day(stack: Stack, new_payer: NewPayer) -> None:
    nora = new_payer("Nora").subscribe("Team")
    open_change(nora, "Business")
    expect(nora.page.locator("#preview")).to_contain_text("At once")
    picture(nora.page, "billing-upgrade")
    nora.page.get_by_role("button", name="and change").click()
    at_home(stack, nora.page)
    expect(nora.page.get_by_text("Business is active.")).to_be_visible()
    assert nora.has() == "Business"
    expect(nora.billing().page.locator(".invoices li")).to_have_count(2)


def test_a_larger_plan_waits_until_the_bank_is_answered(new_payer: NewPayer) -> None:
    olga = new_payer("Olga")
    olga.choose("Team")
    pay_with(olga.page, ASKS_ALWAYS)
    bank(olga.page, "complete")
    olga.expect_thanks("Team")
    open_change(olga, "Business")
    olga.page.get_by_role("button", name="and change").click()
    expect(olga.page.get_by_text("Your bank wants you to confirm the payment")).to_be_visible()
    assert olga.has() == "Team"
    expect(olga.billing().plan).to_contain_text("A change waits for your payment")
    picture(olga.page, "billing-upgrade-to-confirm")
    theirs = olga.in_new_tab("Confirm payment")
    pay_invoice(theirs)
    bank(theirs, "complete")
    expect_paid(theirs)
    olga.will_have("Business")


def test_a_smaller_plan_begins_with_the_next_month(stack: Stack, new_payer: NewPayer) -> None:
    paula = new_payer("Paula").subscribe("Business")
    open_change(paula, "Team")
    expect(paula.page.locator("#preview")).to_contain_text("€0")
    paula.page.get_by_role("button", name="Change on").click()
    expect(paula.page.get_by_text("Team begins when what you have paid for is over.")).to_be_visible()
    expect(paula.billing().plan).to_contain_text("Team begins on")
    picture(paula.page, "billing-downgrade")
    assert paula.has() == "Business"
    pass_time(stack, MONTH + CHARGED)
    paula.will_have("Team")
    expect(paula.billing().plan).to_contain_text("Active")


def test_a_smaller_plan_is_taken_back(stack: Stack, new_payer: NewPayer) -> None:
    quinn = new_payer("Quinn").subscribe("Business")
    open_change(quinn, "Team")
    quinn.page.get_by_role("button", name="Change on").click()
    expect(quinn.page.get_by_text("Team begins when what you have paid for is over.")).to_be_visible()
    quinn.billing().button("Stay with Business")
    expect(quinn.page.get_by_text("Everything stays as it was")).to_be_visible()
    pass_time(stack, MONTH + CHARGED)
    quinn.will_read("Business", "Active")
    assert quinn.has() == "Business"


def test_leaving_is_announced_taken_back_and_done(stack: Stack, new_payer: NewPayer) -> None:
    rosa = new_payer("Rosa")
    end_trial(rosa)
    rosa.subscribe("Team").billing().link("Cancel…")
    expect(rosa.page.get_by_text("nobody’s account is closed")).to_be_visible()
    picture(rosa.page, "billing-cancel")
    rosa.button("Cancel Team")
    expect(rosa.page.get_by_text("Cancelled. You keep what you have paid for")).to_be_visible()
    expect(rosa.billing().plan).to_contain_text("Cancelled")
    picture(rosa.page, "billing-cancelled")
    rosa.button("Keep the plan")
    expect(rosa.page.get_by_text("Everything stays as it was")).to_be_visible()
    expect(rosa.billing().plan).to_contain_text("Active")
    rosa.link("Cancel…")
    rosa.button("Cancel Team")
    expect(rosa.page.get_by_text("Cancelled. You keep what you have paid for")).to_be_visible()
    expect(rosa.billing().plan).to_contain_text("Cancelled")
    assert rosa.has() == "Team"
    pass_time(stack, MONTH)
    rosa.will_have("Free")
    rosa.subscribe("Business", card=OTHER)
    assert rosa.has() == "Business"
    assert [row["status"] for row in rosa.subscriptions()] == ["canceled", "active"]
    expect(rosa.billing().plan).to_contain_text("4444")


def test_another_card_is_given_on_stripes_page(stack: Stack, new_payer: NewPayer) -> None:
    sara = new_payer("Sara").subscribe("Team")
    sara.billing().button("Change card")
    save_card(sara.page, OTHER)
    at_home(stack, sara.page)
    expect(sara.billing().plan).to_contain_text("4444")
    sara.button("Change card")
    save_card(sara.page, ASKS)
    bank(sara.page, "complete")
    at_home(stack, sara.page)
    expect(sara.billing().plan).to_contain_text("3155")
