"""What we ask Stripe to do, and the few things that are asked of it for one page alone.

Everything here raises BillingError. Whatever is written may be written twice: with a key where Stripe would make a
second one, else because it says how things are to be and not by how much they change.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from billing import gateway
from billing.errors import Refused
from billing.models import Subscription
from billing.plans import Plan

FLOWS = ("payment_method_update",)
# by this the portal's settings that `stripe_setup` makes are known; an account may sell other things beside
OURS = {"app": "threadbell"}
LONGEST_NAME = 250


@dataclass(frozen=True, slots=True)
class Card:
    """Told by Stripe for one page, and kept nowhere."""

    brand: str
    last4: str
    exp_month: int
    exp_year: int


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What will be charged next, in the currency's smallest unit."""

    total: int
    currency: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class CheckoutNow:
    """`address` lets anybody pay; it is empty once the page is shut."""

    id: str
    is_open: bool
    address: str
    plan: str
    seats: str
    back: str


@dataclass(frozen=True, slots=True)
class Bill:
    """What a change costs now."""

    due: int
    currency: str


def price_of(plan: Plan) -> str:
    """Its id. Refused for a plan of which Stripe's catalogue knows nothing yet."""
    found = gateway.price_ids().get(plan.key)
    if found is None:
        gateway.price_ids.cache_clear()
        raise Refused(f"Stripe has no active price for {plan.key}")
    return found


def make_customer(workspace_id: str, asking_number: int) -> str:
    """Everything in it stays as it is for ever, as Stripe refuses a key that comes with other words."""
    with gateway.sorted_errors():
        made = gateway.client().v1.customers.create(
            {"metadata": {"workspace": workspace_id}},
            {"idempotency_key": f"customer-{workspace_id}-{asking_number}"},
        )
    return made.id


def find_customer(workspace_id: str, since: datetime) -> str | None:
    """One that an earlier try has made, of which we never heard."""
    with gateway.sorted_errors():
        found = gateway.client().v1.customers.list({"created": {"gte": int(since.timestamp())}, "limit": 100})
        ours = (
            row.id for row in found.auto_paging_iter() if (row.metadata or {}) and _of(row) == workspace_id
        )
        return next(ours, None)


def _of(row: Any) -> str:
    return str(row.metadata["workspace"]) if "workspace" in row.metadata else ""


def introduce(customer_id: str, name: str, email: str) -> None:
    """To whom Stripe sends its receipts. The address goes there and nowhere else."""
    told: Any = {"name": name[:LONGEST_NAME]} | ({"email": email} if email else {})
    with gateway.sorted_errors():
        gateway.client().v1.customers.update(customer_id, told)


def checkouts(customer_id: str) -> list[CheckoutNow]:
    """The newest first."""
    with gateway.sorted_errors():
        found = gateway.client().v1.checkout.sessions.list({"customer": customer_id, "limit": 20})
    return [_checkout(row) for row in found.data]


def _checkout(row: Any) -> CheckoutNow:
    said = row.metadata.to_dict() if row.metadata else {}
    is_open = row.status == "open" and bool(row.url)
    return CheckoutNow(
        id=row.id,
        is_open=is_open,
        address=row.url if is_open else "",
        plan=said.get("plan", ""),
        seats=said.get("seats", ""),
        back=row.success_url or "",
    )


def open_checkout(customer_id: str, plan: Plan, seats: int, back: str, after: str) -> CheckoutNow:
    """`after` is the session before this one: the same order after the same one is the same session."""
    asked: Any = {
        "mode": "subscription",
        "customer": customer_id,
        # a tax id is collected with the name that belongs to it
        "customer_update": {"name": "auto", "address": "auto"},
        "tax_id_collection": {"enabled": True},
        "allow_promotion_codes": True,
        "line_items": [{"price": price_of(plan), "quantity": seats}],
        "metadata": {"plan": plan.key, "seats": str(seats)},
        "success_url": back,
        "cancel_url": back,
    }
    key = hashlib.sha256(repr((asked, after)).encode()).hexdigest()
    with gateway.sorted_errors():
        made = gateway.client().v1.checkout.sessions.create(asked, {"idempotency_key": f"checkout-{key}"})
    return _checkout(made)


def shut_checkout(session_id: str) -> None:
    """Harmless for one that is paid or over."""
    try:
        with gateway.sorted_errors():
            gateway.client().v1.checkout.sessions.expire(session_id)
    except Refused:
        return


def open_portal(customer_id: str, back: str, flow: str) -> str:
    """Good for its holder alone: for one click, never kept."""
    asked: Any = {"customer": customer_id, "return_url": back}
    if ours := portal_settings():
        asked["configuration"] = ours
    if flow:
        after = {"type": "redirect", "redirect": {"return_url": back}}
        asked["flow_data"] = {"type": flow, "after_completion": after}
    with gateway.sorted_errors():
        return gateway.client().v1.billing_portal.sessions.create(asked).url


def portal_settings() -> str:
    """The id of those that are ours. Empty: the account's own hold, which somebody has saved in the dashboard."""
    with gateway.sorted_errors():
        found = gateway.client().v1.billing_portal.configurations.list({"active": True, "limit": 100})
        rows = found.auto_paging_iter()
        return next((row.id for row in rows if _is_ours(row)), "")


def _is_ours(row: Any) -> bool:
    return row.metadata is not None and OURS.items() <= row.metadata.to_dict().items()


def invoice_address(invoice_id: str) -> str:
    """Empty for a draft."""
    with gateway.sorted_errors():
        return gateway.client().v1.invoices.retrieve(invoice_id).hosted_invoice_url or ""


def card_of(customer_id: str, subscription_id: str) -> Card | None:
    """The one that the next invoice is charged to: the subscription's, else the customer's."""
    with gateway.sorted_errors():
        method: Any = None
        if subscription_id:
            found = gateway.client().v1.subscriptions.retrieve(
                subscription_id, {"expand": ["default_payment_method"]}
            )
            method = found.default_payment_method
        if method is None:
            owner = gateway.client().v1.customers.retrieve(
                customer_id, {"expand": ["invoice_settings.default_payment_method"]}
            )
            settings = getattr(owner, "invoice_settings", None)
            method = settings.default_payment_method if settings is not None else None
    card = getattr(method, "card", None)
    return Card(card.brand, card.last4, card.exp_month, card.exp_year) if card is not None else None


def upcoming(subscription: Subscription) -> Upcoming | None:
    try:
        with gateway.sorted_errors():
            bill = gateway.client().v1.invoices.create_preview({"subscription": subscription.id})
    except Refused as error:
        if "invoice_upcoming_none" in error.problem:
            return None
        raise
    at = bill.next_payment_attempt
    return Upcoming(bill.amount_due, bill.currency, datetime.fromtimestamp(at, UTC) if at else None)


def end_now(subscription_id: str) -> None:
    """Nothing is paid back. Harmless for one that has ended."""
    try:
        with gateway.sorted_errors():
            gateway.client().v1.subscriptions.cancel(subscription_id)
    except Refused as error:
        if "resource_missing" not in error.problem:
            raise


def forget_customer(customer_id: str) -> None:
    """With its name, address and card; whatever is still subscribed ends at once. Harmless to repeat."""
    try:
        with gateway.sorted_errors():
            gateway.client().v1.customers.delete(customer_id)
    except Refused as error:
        if "resource_missing" not in error.problem:
            raise


def void(invoice_id: str) -> None:
    """Nobody has to pay it any more. Harmless for one that is not open."""
    try:
        with gateway.sorted_errors():
            gateway.client().v1.invoices.void_invoice(invoice_id)
    except Refused:
        return


def set_ending(subscription_id: str, at_period_end: bool) -> None:
    with gateway.sorted_errors():
        gateway.client().v1.subscriptions.update(subscription_id, {"cancel_at_period_end": at_period_end})


def set_plan(subscription: Subscription, plan: Plan, seats: int, key: str) -> str:
    """Now, and the difference is charged at once. Empty, or the address of an invoice that somebody has to pay first:
    until then the old plan stays. Nothing else may ride along with a change that may have to wait."""
    asked: Any = {
        "items": [{"id": subscription.item_id, "price": price_of(plan), "quantity": seats}],
        "proration_behavior": "always_invoice",
        "payment_behavior": "pending_if_incomplete",
        "expand": ["latest_invoice"],
    }
    with gateway.sorted_errors():
        found = gateway.client().v1.subscriptions.update(subscription.id, asked, {"idempotency_key": key})
    waits = found.pending_update is not None
    bill: Any = found.latest_invoice
    return str(bill.hosted_invoice_url or "") if waits and bill is not None else ""


def bill_of_change(subscription: Subscription, plan: Plan, seats: int) -> Bill:
    """What `set_plan` would charge in this moment."""
    asked: Any = {
        "subscription": subscription.id,
        "subscription_details": {
            "items": [{"id": subscription.item_id, "price": price_of(plan), "quantity": seats}],
            "proration_behavior": "always_invoice",
        },
    }
    with gateway.sorted_errors():
        bill = gateway.client().v1.invoices.create_preview(asked)
    return Bill(bill.amount_due, bill.currency)


def set_next_plan(subscription: Subscription, plan: Plan, seats: int, *, is_charged: bool = True) -> None:
    """What there is until the end of the period, then the other plan. Also how the seats of both are set, as long as
    one plan follows the other: whoever has a schedule is changed through it alone. `is_charged`: see `set_seats`.

    A worker that dies between the two calls leaves a schedule that changes nothing.
    """
    schedules = gateway.client().v1.subscription_schedules
    with gateway.sorted_errors():
        schedule_id = subscription.schedule_id
        if not schedule_id:
            schedule_id = schedules.create({"from_subscription": subscription.id}).id
        running: Any = schedules.retrieve(schedule_id).phases[0]
        now: Any = {
            "items": [{"price": subscription.price_id, "quantity": seats}],
            "start_date": running.start_date,
            "end_date": running.end_date,
        }
        later: Any = {
            "items": [{"price": price_of(plan), "quantity": seats}],
            "duration": {"interval": "month", "interval_count": 1},
            "proration_behavior": "none",
        }
        how: Any = "create_prorations" if is_charged else "none"
        asked: Any = {"phases": [now, later], "end_behavior": "release", "proration_behavior": how}
        schedules.update(schedule_id, asked)


def release(schedule_id: str) -> None:
    """The subscription goes on as it is. Harmless for one that is over."""
    try:
        with gateway.sorted_errors():
            gateway.client().v1.subscription_schedules.release(schedule_id)
    except Refused:
        return


def set_seats(subscription: Subscription, seats: int, *, is_charged: bool) -> None:
    """`is_charged`: with the next invoice, for the days that are left. Else from now on, and nothing is paid back."""
    _release_an_empty_schedule(subscription.schedule_id)
    asked: Any = {
        "items": [{"id": subscription.item_id, "quantity": seats}],
        "proration_behavior": "create_prorations" if is_charged else "none",
    }
    with gateway.sorted_errors():
        gateway.client().v1.subscriptions.update(subscription.id, asked)


def _release_an_empty_schedule(schedule_id: str) -> None:
    """One that plans nothing was left by somebody who died while they planned a smaller plan. One that plans something
    that is not ours was made by hand in Stripe's dashboard, and stays."""
    if not schedule_id:
        return
    with gateway.sorted_errors():
        found = gateway.client().v1.subscription_schedules.retrieve(schedule_id)
    if len(found.phases) == 1:
        release(schedule_id)
