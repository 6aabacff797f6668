"""What we ask Stripe to do, and the few things that are asked of it for one page alone.

Everything here raises BillingError. Whatever is written may be written twice: with a key where Stripe would make a
second one, else because it says how things are to be and not by how much they change.
"""

import functools
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from billing import gateway
from billing.errors import Refused
from billing.models import Subscription
from billing.plans import PLANS, Plan

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


@functools.cache
def price_ids() -> dict[str, str]:
    """The id of each plan's price, by the plan's key. Once for each process: another price is another plan in code."""
    keys = {plan.price.lookup_key: plan.key for plan in PLANS if plan.price is not None}
    with gateway.sorted_errors():
        found = gateway.client().v1.prices.list({"lookup_keys": list(keys), "active": True, "limit": 10})
    ids = {keys[price.lookup_key]: price.id for price in found.data if price.lookup_key in keys}
    if missing := sorted(set(keys.values()) - set(ids)):
        raise Refused(f"Stripe has no active price for {', '.join(missing)}")
    return ids


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
        "line_items": [{"price": price_ids()[plan.key], "quantity": seats}],
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
