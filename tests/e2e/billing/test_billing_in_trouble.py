"""B6 in a real browser: a renewal that fails, wants the bank's consent, is saved in time or too late."""

import signal

import pytest
from playwright.sync_api import expect

from tests.e2e.billing.conftest import NewPayer, end_trial
from tests.e2e.conftest import picture
from tests.e2e.stripe_page import (
    ASKS_ALWAYS,
    CHARGED,
    FAILS_LATER,
    MONTH,
    PAYS,
    at_home,
    bank,
    expect_paid,
    pass_time,
    pay_invoice,
    pay_with,
    remove_card,
    save_card,
)
from tests.stack import Stack, wait_until

WEEK = 7 * 86_400


def test_a_renewal_that_the_bank_wants_confirmed_is_confirmed(stack: Stack, new_payer: NewPayer) -> None:
    nora = new_payer("Nora")
    nora.choose("Team")
    pay_with(nora.page, ASKS_ALWAYS)
    bank(nora.page, "complete")
    nora.expect_thanks("Team")
    pass_time(stack, MONTH + CHARGED)
    nora.will_read("To be confirmed", "You keep Team until")
    picture(nora.page, "billing-payment-failed")
    assert nora.has() == "Team"
    nora.will_get("Please confirm a payment for Nora")
    nora.page.goto(f"{stack.product}/console/chats")
    expect(nora.page.get_by_text("Your bank wants you to confirm the last payment")).to_be_visible()
    picture(nora.page, "billing-banner")
    nora.billing()
    theirs = nora.in_new_tab("Confirm payment")
    pay_invoice(theirs)
    bank(theirs, "fail")
    expect(theirs.get_by_test_id("trouble")).to_contain_text("could not authenticate")
    pay_invoice(theirs)
    bank(theirs, "complete")
    expect_paid(theirs)
    nora.will_read("Active")
    nora.will_get("The payment for Nora’s workspace has arrived")
    assert nora.has() == "Team"
    nora.page.goto(f"{stack.product}/console/chats")
    expect(nora.page.get_by_role("heading", name="Chats", level=1)).to_be_visible()
    expect(nora.page.get_by_text("Your bank wants")).to_have_count(0)


def test_a_card_that_fails_is_replaced_by_one_that_pays(stack: Stack, new_payer: NewPayer) -> None:
    olga = new_payer("Olga").subscribe("Team")
    olga.billing().button("Change card")
    save_card(olga.page, FAILS_LATER)
    at_home(stack, olga.page)
    pass_time(stack, MONTH + CHARGED)
    olga.will_read("Payment failed")
    olga.button("Change card")
    save_card(olga.page, PAYS)
    at_home(stack, olga.page)
    pass_time(stack, WEEK)
    olga.will_read("Active", "4242")


def test_a_card_that_was_taken_away_is_missed_before_the_renewal(stack: Stack, new_payer: NewPayer) -> None:
    paula = new_payer("Paula").subscribe("Team")
    paula.billing().button("Address and tax id")
    remove_card(paula.page)
    paula.page.get_by_test_id("back").click()
    at_home(stack, paula.page)
    expect(paula.plan).to_contain_text("None. Give one")
    picture(paula.page, "billing-no-card")
    assert paula.has() == "Team"
    pass_time(stack, MONTH + CHARGED)
    paula.will_read("Payment failed")
    theirs = paula.in_new_tab("Pay €15 now")
    pay_invoice(theirs, PAYS)
    expect_paid(theirs)
    paula.will_read("Active")


def test_what_is_never_paid_ends_with_the_free_plan_and_nothing_is_lost(
    stack: Stack, new_payer: NewPayer
) -> None:
    quinn = new_payer("Quinn")
    end_trial(quinn)
    quinn.subscribe("Team")
    quinn.billing().button("Change card")
    save_card(quinn.page, FAILS_LATER)
    at_home(stack, quinn.page)
    pass_time(stack, MONTH + CHARGED)
    quinn.will_read("Payment failed")
    quinn.will_get("A payment for Quinn’s workspace did not go through")
    pass_time(stack, 3 * WEEK)
    quinn.will_have("Free")
    quinn.will_get("Team for Quinn’s workspace has ended")
    assert [row["status"] for row in quinn.subscriptions()] == ["canceled"]
    quinn.subscribe("Team")
    assert quinn.has() == "Team"


def test_a_server_that_was_killed_learns_what_was_paid_meanwhile(stack: Stack, new_payer: NewPayer) -> None:
    """The webhook finds nobody; after the restart Stripe sends it again."""
    rosa = new_payer("Rosa")
    rosa.choose("Team")
    session = open_session(stack)
    stack.stop_product(signal.SIGKILL)
    stack.at_stripe("pay", session=session)
    stack.start_product()
    pass_time(stack, 600)
    rosa.will_have("Team")


@pytest.mark.timeout(300)
def test_a_server_that_was_killed_at_work_on_what_it_was_told_does_it_after_its_restart(
    stack: Stack, new_payer: NewPayer
) -> None:
    """It has answered Stripe, which says nothing twice. The event was recorded, and is due again in a minute."""
    sara = new_payer("Sara")
    sara.choose("Team")
    session = open_session(stack)
    stack.at_stripe("faults", method="customers.retrieve", kind="hang", seconds=30, count=20)
    stack.at_stripe("pay", session=session)
    wait_until(lambda: not stack.stripe_pending(), "that Stripe has told everything")
    stack.stop_product(signal.SIGKILL)
    assert sara.has() == "Business"
    stack.forget_faults()
    stack.start_product()
    wait_until(lambda: sara.has() == "Team", "that Sara has what she paid for", seconds=150)


def open_session(stack: Stack) -> str:
    """The newest Checkout that nobody has paid."""
    rows = [row for row in stack.stripe_state()["checkout.session"] if row["status"] == "open"]
    return str(max(rows, key=lambda row: int(row["created"]))["id"])
