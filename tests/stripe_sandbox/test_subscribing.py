"""B2, B3: Checkout – which sessions can be made, and what each card does to them."""

from typing import Any

import pytest
import stripe

from tests.stripe_sandbox.conftest import (
    ASKS,
    ASKS_ALWAYS,
    DAY,
    DECLINED,
    FAILS_LATER,
    HOUR,
    PAYS,
    T0,
    Till,
)


def test_a_good_card_subscribes(till: Till) -> None:
    session = till.session(till.customer().id)
    assert (session.status, session.payment_status, session.amount_total) == ("open", "unpaid", 4500)
    done = till.control("pay", session=session.id)
    assert done["location"] == f"http://localhost:8000/billing/done?session_id={session.id}"
    session = till.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["subscription.latest_invoice", "line_items"]}
    )
    subscription = session.subscription
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    assert (subscription.status, subscription.latest_invoice.status) == ("active", "paid")
    assert subscription.metadata["org_id"] == "org_7f3c"
    assert subscription.items.data[0].current_period_end == T0 + 31 * DAY
    assert session.line_items.data[0].amount_total == 4500
    first = ["customer.created", "customer.subscription.created", "invoice.created", "invoice.finalized"]
    last = ["invoice.paid", "customer.subscription.updated", "checkout.session.completed"]
    assert till.told()[:4] == first
    assert till.told()[-3:] == last


@pytest.mark.parametrize(
    "card,answer,status",
    [
        (PAYS, "", "active"),
        (ASKS, "pass", "active"),
        (ASKS_ALWAYS, "pass", "active"),
        (ASKS, "fail", "incomplete"),
        (ASKS, "abandon", "incomplete"),
    ],
)
def test_what_the_bank_answers_decides(till: Till, card: str, answer: str, status: str) -> None:
    session = till.session(till.customer().id)
    till.control("pay", session=session.id, card=card, challenge=answer)
    found = till.v1.subscriptions.list({"status": "all"}).data
    assert [row.status for row in found] == [status]
    if status == "incomplete":
        assert till.v1.checkout.sessions.retrieve(session.id).status == "open"
        till.control("pay", session=session.id, card=PAYS)
        assert [row.status for row in till.v1.subscriptions.list().data] == ["active"]


def test_a_declined_card_can_be_followed_by_another(till: Till) -> None:
    session = till.session(till.customer().id)
    assert till.refused("pay", session=session.id, card=DECLINED) == "Your card was declined."
    assert till.last("invoice.payment_failed")["data"]["object"]["attempt_count"] == 1
    till.control("pay", session=session.id, card=PAYS)
    assert till.v1.checkout.sessions.retrieve(session.id).status == "complete"
    assert "complete" in till.refused("pay", session=session.id, card=PAYS)


def test_a_first_payment_never_done_expires(till: Till) -> None:
    session = till.session(till.customer().id)
    till.control("pay", session=session.id, card=ASKS, challenge="abandon")
    subscription = till.v1.subscriptions.list({"status": "all"}).data[0]
    till.advance(23 * HOUR)
    assert till.sub(subscription.id).status == "incomplete_expired"
    assert till.v1.invoices.retrieve(subscription.latest_invoice).status == "void"
    till.advance(HOUR)
    assert till.v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert till.told()[-1] == "checkout.session.expired"


def test_a_session_can_be_expired_once(till: Till) -> None:
    session = till.session(till.customer().id)
    assert till.v1.checkout.sessions.expire(session.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="status of expired"):
        till.v1.checkout.sessions.expire(session.id)


@pytest.mark.parametrize("card", [None, PAYS, FAILS_LATER])
def test_a_trial_needs_no_money_and_no_card(till: Till, card: str | None) -> None:
    subscription = till.trial(card)
    assert (subscription.status, subscription.trial_end) == ("trialing", T0 + 14 * DAY)
    assert (subscription.default_payment_method is None) == (card is None)
    session = till.v1.checkout.sessions.list({"subscription": subscription.id}).data[0]
    assert session.payment_status == "no_payment_required"
    assert till.v1.invoices.retrieve(subscription.latest_invoice).total == 0


def test_a_promotion_code_takes_something_off(till: Till) -> None:
    session = till.session(till.customer().id, allow_promotion_codes=True)
    till.control("pay", session=session.id, code="welcome20")
    invoice = till.v1.invoices.list().data[0]
    assert (invoice.subtotal, invoice.total, invoice.amount_paid) == (4500, 3600, 3600)
    subscription = till.v1.subscriptions.list().data[0]
    assert subscription.discounts == []
    till.advance(31 * DAY + HOUR)
    assert till.v1.invoices.list().data[0].total == 4500


def refusals() -> list[tuple[dict[str, Any], str]]:
    day, twice = 86400, {"trial_end": T0 + 5 * DAY, "trial_period_days": 3}
    return [
        ({"mode": "payment"}, "subscriptions only"),
        ({"payment_method_types": ["card"]}, "unknown parameter"),
        ({"line_items": []}, "line_items"),
        ({"line_items": [{"price": "price_no", "quantity": 1}]}, "No such price"),
        ({"line_items": [{"price": "price_sandbox_team_month", "quantity": 0}]}, "at least 1"),
        ({"success_url": "billing"}, "Not a valid URL"),
        ({"customer_creation": "always"}, "customer_creation"),
        ({"customer_email": "a@b.example"}, "only specify one"),
        ({"tax_id_collection": {"enabled": True}}, "customer_update"),
        ({"automatic_tax": {"enabled": True}}, "valid address"),
        ({"allow_promotion_codes": True, "discounts": [{"coupon": "welcome20"}]}, "only specify one"),
        ({"discounts": [{"coupon": "nothing"}]}, "No such coupon"),
        ({"expires_at": T0 + 60}, "30 minutes"),
        ({"expires_at": T0 + 2 * day}, "24 hours"),
        ({"subscription_data": {"trial_period_days": 0}}, "between 1 and 730"),
        ({"subscription_data": {"trial_end": T0 + day}}, "2 days"),
        ({"subscription_data": twice}, "only specify one"),
        (
            {"subscription_data": {"trial_settings": {"end_behavior": {"missing_payment_method": "stop"}}}},
            "must be one of",
        ),
        ({"ui_mode": "embedded_page"}, "own page only"),
        ({"locale": "klingon"}, "must be one of"),
    ]


def test_a_session_that_cannot_be_is_refused_with_the_reason(till: Till) -> None:
    customer = till.customer().id
    for more, words in refusals():
        with pytest.raises(stripe.InvalidRequestError, match=words):
            till.session(customer, **more)
    assert till.v1.checkout.sessions.list().data == []
