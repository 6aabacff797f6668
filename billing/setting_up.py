"""What we need in a Stripe account: products and prices of our plans, the portal's settings, the endpoint of events.

Each is looked for before it is made, so that repeating it makes nothing twice. Every function raises BillingError.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from billing.gateway import API_VERSION, client, sorted_errors
from billing.orders import OURS, portal_settings
from billing.plans import PLANS, Plan, Price

# what changes anything here; what they say is never believed, so that one more or less of them costs no truth
EVENTS = """
    checkout.session.completed checkout.session.async_payment_succeeded checkout.session.async_payment_failed
    checkout.session.expired
    customer.updated customer.deleted
    customer.subscription.created customer.subscription.updated customer.subscription.deleted
    customer.subscription.paused customer.subscription.resumed customer.subscription.trial_will_end
    customer.subscription.pending_update_applied customer.subscription.pending_update_expired
    subscription_schedule.created subscription_schedule.updated subscription_schedule.released
    subscription_schedule.canceled subscription_schedule.aborted
    invoice.created invoice.finalized invoice.finalization_failed invoice.upcoming invoice.paid
    invoice.payment_failed invoice.payment_action_required invoice.overdue invoice.voided
    invoice.marked_uncollectible
    charge.dispute.created radar.early_fraud_warning.created
""".split()


@dataclass(frozen=True, slots=True)
class Sold:
    """A price as the catalogue has it; `odd` is a sentence where it is not what our table says."""

    lookup_key: str
    price_id: str
    product_id: str
    is_new: bool
    odd: str = ""


def sell() -> list[Sold]:
    """Every plan that costs something is in the catalogue. A price that is there is never changed."""
    with sorted_errors():
        return [_sold(plan, plan.price) for plan in PLANS if plan.price is not None]


def _sold(plan: Plan, price: Price) -> Sold:
    found = client().v1.prices.list({"lookup_keys": [price.lookup_key], "active": True}).data
    if found:
        known = found[0]
        return Sold(price.lookup_key, known.id, str(known.product), False, _odd(price, known))
    product = _product(plan)
    made = client().v1.prices.create(
        {
            "product": product,
            "currency": price.currency,
            "unit_amount": price.amount,
            "recurring": {"interval": "month"},
            "lookup_key": price.lookup_key,
            "tax_behavior": "exclusive",
            "metadata": {"plan": plan.key},
        }
    )
    return Sold(price.lookup_key, made.id, product, True)


def _odd(price: Price, known: Any) -> str:
    there = (known.unit_amount, known.currency, known.recurring.interval if known.recurring else "once")
    here = (price.amount, price.currency, "month")
    if there == here:
        return ""
    told, ours = (f"{amount} {currency} for a {rhythm}" for amount, currency, rhythm in (there, here))
    return f"{price.lookup_key} is {told} at Stripe and {ours} in billing/plans.py"


def _product(plan: Plan) -> str:
    name = f"threadbell_{plan.key}"
    known = client().v1.products.list({"ids": [name]}).data
    if not known:
        client().v1.products.create({"id": name, "name": plan.name, "metadata": {"plan": plan.key}})
    return name


def open_portal(sold: list[Sold]) -> str:
    """The id of our settings of the customer portal, brought up to date. Seats and e-mail addresses are ours to say."""
    asked: Any = {
        "name": "Threadbell",
        "metadata": OURS,
        "default_return_url": f"{settings.CONSOLE_URL}/console/settings/billing",
        "features": _features(sold),
    }
    known = portal_settings()
    with sorted_errors():
        portals = client().v1.billing_portal.configurations
        return portals.update(known, asked).id if known else portals.create(asked).id


def _features(sold: list[Sold]) -> dict[str, Any]:
    smaller = [{"type": "decreasing_item_amount"}, {"type": "shortening_interval"}]
    return {
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True},
        "customer_update": {"enabled": True, "allowed_updates": ["address", "name", "tax_id"]},
        "subscription_cancel": {
            "enabled": True,
            "mode": "at_period_end",
            "proration_behavior": "none",
            "cancellation_reason": {
                "enabled": True,
                "options": ["too_expensive", "missing_features", "switched_service", "unused", "other"],
            },
        },
        "subscription_update": {
            "enabled": True,
            "default_allowed_updates": ["price", "promotion_code"],
            "proration_behavior": "always_invoice",
            "products": [{"product": one.product_id, "prices": [one.price_id]} for one in sold],
            "schedule_at_period_end": {"conditions": smaller},
        },
    }


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where Stripe tells us. `secret` is there only when it was made just now; `others` have our address, too, and
    events of another version, which our door refuses."""

    id: str
    url: str
    secret: str
    others: tuple[str, ...]


def listen() -> Endpoint:
    url = f"{settings.PUBLIC_URL}/stripe/webhook"
    with sorted_errors():
        endpoints = client().v1.webhook_endpoints
        there = [row for row in endpoints.list({"limit": 100}).auto_paging_iter() if row.url == url]
        good = [row for row in there if row.api_version == API_VERSION and row.status == "enabled"]
        others = tuple(row.id for row in there if row not in good[:1])
        asked: Any = {"enabled_events": EVENTS}
        if not good:
            made = endpoints.create(asked | {"url": url, "api_version": API_VERSION})
            return Endpoint(made.id, url, made.secret or "", others)
        if set(good[0].enabled_events) != set(EVENTS):
            endpoints.update(good[0].id, asked)
        return Endpoint(good[0].id, url, "", others)
