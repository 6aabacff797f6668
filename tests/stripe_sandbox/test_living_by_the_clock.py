"""B2, B4, B6: a subscription's life, months of it, by the clock."""

from typing import Any

import pytest
import stripe

from tests.stripe_sandbox.conftest import (
    ASKS,
    ASKS_LATER,
    DAY,
    DECLINED,
    FAILS_LATER,
    HOUR,
    PAYS,
    T0,
    Till,
)

FEBRUARY = T0 + 31 * DAY


def test_a_month_is_renewed_and_paid(till: Till) -> None:
    subscription = till.subscribe()
    till.control("clock", to=FEBRUARY + HOUR)
    renewed = till.sub(subscription.id, "latest_invoice")
    assert (renewed.status, renewed.items.data[0].current_period_end) == ("active", FEBRUARY + 28 * DAY)
    assert (renewed.latest_invoice.billing_reason, renewed.latest_invoice.status) == (
        "subscription_cycle",
        "paid",
    )
    assert till.told() == [  # those of January are older than thirty days
        "invoice.upcoming",
        "invoice.created",
        "customer.subscription.updated",
        "invoice.finalized",
        "invoice.paid",
    ]
    assert "id" not in till.last("invoice.upcoming")["data"]["object"]
    assert till.last("invoice.paid")["created"] == FEBRUARY + HOUR
    old = till.last("customer.subscription.updated")["data"]["previous_attributes"]
    assert old["items"]["data"][0]["current_period_start"] == T0
    till.advance(366 * DAY)
    assert len(till.v1.invoices.list({"status": "paid", "limit": 100}).data) == 14


@pytest.mark.parametrize(
    "end_state,status", [("cancel", "canceled"), ("unpaid", "unpaid"), ("past_due", "past_due")]
)
def test_a_card_that_fails_is_tried_eight_times_in_two_weeks(till: Till, end_state: str, status: str) -> None:
    till.control("end_state", state=end_state)
    subscription = till.trial(FAILS_LATER)
    till.advance(14 * DAY + HOUR)
    late = till.sub(subscription.id, "latest_invoice")
    assert (late.status, late.latest_invoice.attempt_count) == ("past_due", 1)
    assert late.latest_invoice.next_payment_attempt == T0 + 17 * DAY + HOUR
    assert till.v1.customers.retrieve(subscription.customer).delinquent
    till.advance(14 * DAY)
    over = till.sub(subscription.id, "latest_invoice")
    assert (over.status, over.latest_invoice.attempt_count) == (status, 8)
    assert over.latest_invoice.next_payment_attempt is None
    if status == "canceled":
        assert over.latest_invoice.status == "uncollectible"
        assert over.cancellation_details.reason == "payment_failed"


def test_a_new_card_makes_good_what_failed(till: Till) -> None:
    subscription = till.trial(FAILS_LATER)
    till.advance(14 * DAY + HOUR)
    till.control("card", customer=subscription.customer, card=PAYS)
    till.advance(3 * DAY)
    assert till.sub(subscription.id, "latest_invoice").latest_invoice.status == "paid"
    assert till.sub(subscription.id).status == "active"
    assert not till.v1.customers.retrieve(subscription.customer).delinquent


@pytest.mark.parametrize("answer,status", [("pass", "active"), ("fail", "past_due")])
def test_a_renewal_that_wants_3d_secure_waits_for_the_person(till: Till, answer: str, status: str) -> None:
    subscription = till.subscribe(ASKS_LATER)
    till.control("clock", to=FEBRUARY + HOUR)
    late = till.sub(subscription.id)
    assert late.status == "past_due"
    assert till.told()[-5:-1] == [
        "invoice.finalized",
        "invoice.payment_action_required",
        "invoice.payment_failed",
        "customer.updated",
    ]
    new = {"card": ASKS, "challenge": answer}
    till.control("pay_invoice", invoice=late.latest_invoice, **new)
    assert till.sub(subscription.id).status == status


@pytest.mark.parametrize(
    "card,ending,status", [(None, "pause", "paused"), (None, "cancel", "canceled"), (PAYS, "pause", "active")]
)
def test_a_trial_ends_as_it_was_agreed(till: Till, card: str | None, ending: str, status: str) -> None:
    subscription = till.trial(card, missing_payment_method=ending)
    till.advance(11 * DAY)
    assert till.told()[-1] == "customer.subscription.trial_will_end"
    till.advance(3 * DAY + HOUR)
    assert till.sub(subscription.id).status == status


def test_a_paused_subscription_is_resumed_once_it_is_paid(till: Till) -> None:
    subscription = till.trial()
    till.advance(20 * DAY)
    assert till.sub(subscription.id).status_details.paused.type == "subscription"
    resumed = till.v1.subscriptions.resume(subscription.id, {"billing_cycle_anchor": {"type": "now"}})
    assert resumed.status == "paused"
    with pytest.raises(stripe.InvalidRequestError, match="being resumed"):
        till.v1.subscriptions.resume(subscription.id)
    till.control("pay_invoice", invoice=resumed.latest_invoice, card=PAYS)
    assert till.sub(subscription.id).status == "active"
    assert till.told()[-1] == "customer.subscription.resumed"
    with pytest.raises(stripe.InvalidRequestError, match="Only paused"):
        till.v1.subscriptions.resume(subscription.id)


def test_cancelling_at_the_end_can_be_undone_until_then(till: Till) -> None:
    subscription = till.subscribe()
    why = {"cancel_at_period_end": True, "cancellation_details": {"feedback": "too_expensive"}}
    leaving = till.v1.subscriptions.update(subscription.id, why)
    assert (leaving.status, leaving.cancel_at) == ("active", FEBRUARY)
    stays = till.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})
    assert (stays.cancel_at, stays.canceled_at, stays.cancellation_details.feedback) == (None, None, None)
    till.v1.subscriptions.update(subscription.id, why)
    till.control("clock", to=FEBRUARY)
    gone = till.sub(subscription.id)
    assert (gone.status, gone.ended_at, gone.cancellation_details.feedback) == (
        "canceled",
        FEBRUARY,
        "too_expensive",
    )
    with pytest.raises(stripe.InvalidRequestError, match="No such subscription"):
        till.v1.subscriptions.cancel(subscription.id)
    with pytest.raises(stripe.InvalidRequestError, match="canceled subscription"):
        till.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})


def seats(subscription: Any, count: int, **more: object) -> dict[str, object]:
    return {"items": [{"id": subscription.items.data[0].id, "quantity": count}], **more}


def test_more_seats_are_prorated_by_the_second(till: Till) -> None:
    subscription = till.subscribe()
    till.control("clock", to=T0 + 8 * DAY)
    asked = seats(subscription, 5, proration_behavior="always_invoice", proration_date=T0 + 8 * DAY)
    preview = till.v1.invoices.create_preview(
        {"subscription": subscription.id, "subscription_details": asked}
    )
    till.v1.subscriptions.update(subscription.id, {**asked, "payment_behavior": "pending_if_incomplete"})
    changed = till.sub(subscription.id, "latest_invoice")
    lines = [line.amount for line in changed.latest_invoice.lines.data]
    assert lines == [-3339, 5565]  # 4500 and 7500 for 23 of 31 days
    assert preview.total == changed.latest_invoice.total == 2226
    assert (changed.items.data[0].quantity, changed.latest_invoice.status) == (5, "paid")


def test_seats_that_are_not_billed_now_come_with_the_renewal(till: Till) -> None:
    subscription = till.subscribe()
    till.v1.subscriptions.update(subscription.id, seats(subscription, 4))
    till.control("clock", to=FEBRUARY + HOUR)
    assert till.sub(subscription.id, "latest_invoice").latest_invoice.total == 1500 + 4 * 1500


@pytest.mark.parametrize("paid", [True, False])
def test_a_change_that_is_not_paid_waits_and_then_lapses(till: Till, paid: bool) -> None:
    subscription = till.subscribe(ASKS_LATER)
    asked = seats(
        subscription, 5, proration_behavior="always_invoice", payment_behavior="pending_if_incomplete"
    )
    waiting = till.v1.subscriptions.update(subscription.id, asked)
    assert (waiting.items.data[0].quantity, waiting.status) == (3, "active")
    assert waiting.pending_update.subscription_items[0].quantity == 5
    with pytest.raises(stripe.InvalidRequestError, match="pending update"):
        till.v1.subscriptions.update(subscription.id, asked)
    if paid:
        till.control("pay_invoice", invoice=waiting.latest_invoice)
    till.advance(DAY)
    after = till.sub(subscription.id)
    assert (after.items.data[0].quantity, after.pending_update) == (5 if paid else 3, None)
    word = "applied" if paid else "expired"
    assert f"customer.subscription.pending_update_{word}" in till.told()
    assert till.v1.invoices.retrieve(waiting.latest_invoice).status == ("paid" if paid else "void")


def test_other_behaviours_of_a_failing_payment(till: Till) -> None:
    subscription = till.subscribe(ASKS_LATER)
    now = {"proration_behavior": "always_invoice"}
    asked = seats(subscription, 5, payment_behavior="error_if_incomplete", **now)
    with pytest.raises(stripe.CardError) as refused:
        till.v1.subscriptions.update(subscription.id, asked)
    assert (refused.value.http_status, refused.value.code) == (402, "authentication_required")
    assert till.sub(subscription.id).items.data[0].quantity == 3
    asked = seats(subscription, 5, payment_behavior="pending_if_incomplete", metadata={"a": "b"}, **now)
    with pytest.raises(stripe.InvalidRequestError, match="you cannot send: metadata"):
        till.v1.subscriptions.update(subscription.id, asked)
    changed = till.v1.subscriptions.update(subscription.id, seats(subscription, 5, **now))
    assert (changed.items.data[0].quantity, changed.status) == (5, "past_due")


def test_a_new_price_counts_one_unless_told_and_a_second_item_needs_no_id(till: Till) -> None:
    subscription = till.subscribe()
    item = subscription.items.data[0].id
    asked = [{"id": item, "price": "price_sandbox_business_month"}]
    changed = till.v1.subscriptions.update(subscription.id, {"items": asked, "proration_behavior": "none"})
    assert (changed.items.data[0].price.lookup_key, changed.items.data[0].quantity) == (
        "business_monthly_v1",
        1,
    )
    added = till.v1.subscriptions.update(subscription.id, {"items": [{"price": "price_sandbox_team_month"}]})
    assert len(added.items.data) == 2
    for wrong in (
        [{"id": "si_no", "quantity": 2}],
        [{"price": "price_sandbox_team_month"}],
        [{"quantity": 2}],
    ):
        with pytest.raises(stripe.InvalidRequestError):
            till.v1.subscriptions.update(subscription.id, {"items": wrong})


def test_a_smaller_plan_begins_with_the_next_period(till: Till) -> None:
    subscription = till.subscribe(price="price_sandbox_business_month")
    schedule = till.v1.subscription_schedules.create({"from_subscription": subscription.id})
    first = schedule.phases[0]
    phases = [
        {
            "start_date": first.start_date,
            "end_date": first.end_date,
            "items": [{"price": "price_sandbox_business_month", "quantity": 3}],
        },
        {
            "items": [{"price": "price_sandbox_team_month", "quantity": 3}],
            "duration": {"interval": "month"},
            "proration_behavior": "none",
        },
    ]
    till.v1.subscription_schedules.update(schedule.id, {"phases": phases, "end_behavior": "release"})
    with pytest.raises(stripe.InvalidRequestError, match="managed by the subscription schedule"):
        till.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    till.control("clock", to=FEBRUARY + HOUR)
    renewed = till.sub(subscription.id, "latest_invoice", "schedule")
    assert (renewed.items.data[0].price.lookup_key, renewed.latest_invoice.total) == ("team_monthly_v1", 4500)
    assert renewed.schedule.current_phase.start_date == FEBRUARY
    till.advance(28 * DAY)
    assert till.sub(subscription.id).schedule is None
    assert till.v1.subscription_schedules.retrieve(schedule.id).status == "released"


def test_what_the_running_phase_says_is_so_now_and_what_follows_is_foreseen(till: Till) -> None:
    subscription = till.subscribe(price="price_sandbox_business_month")
    schedule = till.v1.subscription_schedules.create({"from_subscription": subscription.id})
    first = schedule.phases[0]
    after = 0
    for seats_now, how, extra in ((5, "create_prorations", True), (4, "none", False)):
        phases = [
            {
                "start_date": first.start_date,
                "end_date": first.end_date,
                "items": [{"price": "price_sandbox_business_month", "quantity": seats_now}],
            },
            {
                "items": [{"price": "price_sandbox_team_month", "quantity": 4}],
                "duration": {"interval": "month"},
            },
        ]
        before = till.v1.invoices.create_preview({"subscription": subscription.id}).total
        till.v1.subscription_schedules.update(schedule.id, {"phases": phases, "proration_behavior": how})
        assert till.sub(subscription.id).items.data[0].quantity == seats_now
        after = till.v1.invoices.create_preview({"subscription": subscription.id}).total
        assert (after != before) is extra
    assert 6000 < after < 6000 + 2 * 3500 + 1


def test_a_month_that_becomes_a_year_starts_anew_and_credits_the_rest(till: Till) -> None:
    subscription = till.subscribe()
    till.control("clock", to=T0 + 10 * DAY)
    asked = [{"id": subscription.items.data[0].id, "price": "price_sandbox_team_year", "quantity": 3}]
    changed = till.v1.subscriptions.update(subscription.id, {"items": asked, "expand": ["latest_invoice"]})
    assert changed.items.data[0].current_period_end == T0 + 375 * DAY
    assert changed.latest_invoice.total == 45000 - 3048


def test_a_deleted_customer_takes_its_subscriptions_along(till: Till) -> None:
    subscription = till.subscribe()
    till.v1.customers.delete(subscription.customer)
    assert till.sub(subscription.id).status == "canceled"
    assert till.told()[-2:] == ["customer.subscription.deleted", "customer.deleted"]
    till.advance(90 * DAY)
    assert len(till.v1.invoices.list({"limit": 100}).data) == 1


def test_money_goes_back_by_refund_and_by_dispute(till: Till) -> None:
    invoice = till.subscribe().latest_invoice
    till.control("refund", invoice=invoice, amount=1000)
    assert till.last("charge.refunded")["data"]["previous_attributes"] == {"amount_refunded": 0}
    assert "cannot be refunded" in till.refused("refund", invoice=invoice, amount=4000)
    dispute = till.control("dispute", invoice=invoice)["dispute"]
    till.control("close_dispute", dispute=dispute, status="lost")
    till.control("fraud_warning", invoice=invoice)
    assert till.last("charge.dispute.closed")["data"]["object"]["status"] == "lost"
    assert till.told()[-1] == "radar.early_fraud_warning.created"


def test_an_invoice_is_paid_or_voided_by_the_api(till: Till) -> None:
    subscription = till.subscribe(ASKS_LATER)
    till.control("clock", to=FEBRUARY + HOUR)
    invoice = till.sub(subscription.id).latest_invoice
    with pytest.raises(stripe.CardError):
        till.v1.invoices.pay(invoice)
    card = till.control("card", customer=subscription.customer, card=PAYS)["method"]
    assert till.v1.invoices.pay(invoice, {"payment_method": card}).status == "paid"
    assert till.sub(subscription.id).status == "active"
    with pytest.raises(stripe.InvalidRequestError, match="already paid"):
        till.v1.invoices.pay(invoice)
    with pytest.raises(stripe.InvalidRequestError, match="open invoices"):
        till.v1.invoices.void_invoice(invoice)


def test_the_clock_is_never_set_back(till: Till) -> None:
    assert "never set back" in till.refused("clock", to=T0 - 1)
    assert DECLINED in till.refused("card", customer=till.customer().id, card="1234")
