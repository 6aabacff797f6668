"""The one place that speaks with Stripe, and the only one that imports its library for calls.

What comes back is our own small shapes: ids, states, amounts. No card, name or address leaves this module.
"""

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import stripe
from django.conf import settings
from django.db import connection

from billing import plans
from billing.errors import BillingError, Declined, Later, Refused, Shut

API_VERSION = "2026-10-28.endive"
# to connect, and for each answer; a worker waits, never a visitor
TIMEOUT = (3.05, 10)
MOST_LISTED = 100
# below that the library says whole bodies, with who pays and the addresses of pages that let their holder in
logging.getLogger("stripe").addFilter(lambda record: record.levelno >= logging.WARNING)


@dataclass(frozen=True, slots=True)
class SubscriptionNow:
    id: str
    status: str
    plan: str
    price_id: str
    item_id: str
    quantity: int
    period_start: datetime | None
    period_end: datetime | None
    trial_end: datetime | None
    cancel_at: datetime | None
    cancel_at_period_end: bool
    ended_at: datetime | None
    pending_update_expires_at: datetime | None
    schedule_id: str
    next_plan: str
    latest_invoice_id: str
    stripe_created: datetime


@dataclass(frozen=True, slots=True)
class InvoiceNow:
    id: str
    subscription_id: str
    number: str
    status: str
    reason: str
    total: int
    amount_due: int
    currency: str
    attempts: int
    next_attempt_at: datetime | None
    stripe_created: datetime


@dataclass(frozen=True, slots=True)
class CustomerNow:
    """All that the mirror holds of one customer, as Stripe has it in this moment."""

    is_deleted: bool
    delinquent: bool
    subscriptions: tuple[SubscriptionNow, ...]
    invoices: tuple[InvoiceNow, ...]


@functools.cache
def client() -> stripe.StripeClient:
    stripe.enable_telemetry = False
    return stripe.StripeClient(
        settings.STRIPE_SECRET_KEY,
        stripe_version=API_VERSION,
        max_network_retries=2,
        http_client=stripe.RequestsClient(timeout=TIMEOUT),
        base_addresses={"api": settings.STRIPE_API_URL},
    )


def look(customer_id: str) -> CustomerNow:
    """Three reads. Raises Later, Shut or Refused."""
    with sorted_errors():
        found = client().v1.customers.retrieve(customer_id)
        if getattr(found, "deleted", False):
            return CustomerNow(is_deleted=True, delinquent=False, subscriptions=(), invoices=())
        subscriptions = client().v1.subscriptions.list(
            {
                "customer": customer_id,
                "status": "all",
                "limit": MOST_LISTED,
                # what is planned for the next period stands there
                "expand": ["data.schedule"],
            }
        )
        invoices = client().v1.invoices.list({"customer": customer_id, "limit": MOST_LISTED})
        return CustomerNow(
            is_deleted=False,
            delinquent=bool(found.delinquent),
            subscriptions=tuple(_subscription(row) for row in subscriptions.auto_paging_iter()),
            invoices=tuple(_invoice(row) for row in invoices.data),
        )


def untaken_events(since: datetime) -> list[dict[str, Any]]:
    """What our door never answered with 200, as the door would have got it: ids and types, without what they say."""
    with sorted_errors():
        found = client().v1.events.list(
            {"delivery_success": False, "created": {"gte": int(since.timestamp())}, "limit": MOST_LISTED}
        )
        return [_hint(row) for row in found.auto_paging_iter()]


def _hint(event: stripe.Event) -> dict[str, Any]:
    thing = event.data.object
    about = {name: thing[name] for name in ("id", "object", "customer") if name in thing}
    return {"id": event.id, "type": event.type, "created": event.created, "data": {"object": about}}


def is_signed(text: str, header: str, secret: str, window: int) -> bool:
    """By the library's check, which lets a moment in the future pass."""
    try:
        stripe.WebhookSignature.verify_header(text, header, secret, window)
    except stripe.SignatureVerificationError:
        return False
    return True


def _subscription(found: stripe.Subscription) -> SubscriptionNow:
    plan, item = _bought(found)
    pending = found.pending_update
    return SubscriptionNow(
        id=found.id,
        status=found.status,
        plan=plan.key if plan is not None else "",
        price_id=item.price.id if item is not None else "",
        item_id=item.id if item is not None else "",
        quantity=getattr(item, "quantity", None) or 0,
        period_start=_moment(getattr(item, "current_period_start", None)),
        period_end=_moment(getattr(item, "current_period_end", None)),
        trial_end=_moment(found.trial_end),
        cancel_at=_moment(found.cancel_at),
        cancel_at_period_end=found.cancel_at_period_end,
        ended_at=_moment(found.ended_at),
        pending_update_expires_at=_moment(pending.expires_at) if pending is not None else None,
        schedule_id=_id(found.schedule),
        next_plan=_next_plan(found.schedule, item.price.id if item is not None else ""),
        latest_invoice_id=_id(found.latest_invoice),
        stripe_created=_when(found.created),
    )


def _bought(found: stripe.Subscription) -> tuple[plans.Plan | None, stripe.SubscriptionItem | None]:
    """The item whose price is ours. By hand, in Stripe's dashboard, somebody may have put others beside it, without a
    quantity, or taken all away."""
    items = [(plans.of_price(item.price.lookup_key), item) for item in found["items"].data]
    ours = (one for one in items if one[0] is not None)
    return next(ours, items[0] if items else (None, None))


def _next_plan(schedule: Any, price_id: str) -> str:
    """Of a subscription's schedule what its last phase buys; empty where that is what is bought already."""
    if schedule is None or isinstance(schedule, str) or not schedule.phases:
        return ""
    coming = _id(schedule.phases[-1]["items"][0]["price"])
    if coming == price_id:
        return ""
    return next((plan for plan, price in price_ids().items() if price == coming), "")


@functools.cache
def price_ids() -> dict[str, str]:
    """The id of each plan's price, by the plan's key. Once for each process: another price is another plan in code."""
    keys = {plan.price.lookup_key: plan.key for plan in plans.PLANS if plan.price is not None}
    with sorted_errors():
        found = client().v1.prices.list({"lookup_keys": list(keys), "active": True, "limit": 10})
    return {keys[price.lookup_key]: price.id for price in found.data if price.lookup_key in keys}


def _invoice(found: stripe.Invoice) -> InvoiceNow:
    parent = found.parent
    details = parent.subscription_details if parent is not None else None
    return InvoiceNow(
        id=str(found.id),
        subscription_id=_id(details.subscription) if details is not None else "",
        number=found.number or "",
        status=found.status or "",
        reason=found.billing_reason or "",
        total=found.total,
        amount_due=found.amount_due,
        currency=found.currency,
        attempts=found.attempt_count,
        next_attempt_at=_moment(found.next_payment_attempt),
        stripe_created=_when(found.created),
    )


def _when(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _moment(seconds: int | None) -> datetime | None:
    return _when(seconds) if seconds is not None else None


def _id(found: Any) -> str:
    """Of what Stripe gives as an id, or whole where it was expanded."""
    return found if isinstance(found, str) else str(found.id) if found is not None else ""


@contextmanager
def sorted_errors() -> Iterator[None]:
    """Around every call. Never inside a transaction: a slow Stripe would hold our rows locked."""
    if connection.in_atomic_block:
        raise RuntimeError("Stripe was called inside a transaction.")
    try:
        yield
    except stripe.StripeError as error:
        raise _sorted(error) from None


def _sorted(error: stripe.StripeError) -> BillingError:
    # the library leaves `code` empty for rate limits and where somebody else holds the object
    code = error.code or getattr(error.error, "code", None)
    problem = " ".join(word for word in (type(error).__name__, code, error.request_id) if word)
    if isinstance(error, stripe.CardError):
        return Declined(problem, error.user_message or "The card was declined. Please try another one.")
    kinds: tuple[tuple[tuple[type[stripe.StripeError], ...], Callable[[str], BillingError]], ...] = (
        ((stripe.AuthenticationError, stripe.PermissionError), Shut),
        ((stripe.InvalidRequestError, stripe.IdempotencyError), Refused),
    )
    broke = isinstance(error, stripe.APIError) and (error.http_status or 0) >= 500
    later = Later(problem, is_answer=broke)
    return next((make(problem) for types, make in kinds if isinstance(error, types)), later)
