"""What whoever runs the server wants to know of all subscriptions at a glance, from the mirror and our own prices."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from billing.models import Customer, StripeEvent, Subscription
from billing.money import written
from billing.plans import of_key
from billing.standing import KNOWN, OVER, PAYING

LIVE = ~Q(status__in=OVER)
PAST_DUE = LIVE & (Q(status="past_due") | ~Q(status__in=KNOWN))
LEAVING = LIVE & (Q(cancel_at_period_end=True) | Q(cancel_at__isnull=False))
ODD = LIVE & (Q(plan="") | ~Q(status__in=KNOWN))


@dataclass(frozen=True, slots=True)
class Figures:
    """`comes_in` and `at_risk` are for a month, before discounts and taxes, written with their currency."""

    paying: int
    comes_in: str
    at_risk: str
    past_due: int
    trials: int
    leaving: int
    odd: int
    dead_events: int


def figures(now: datetime) -> Figures:
    live = Subscription.objects.filter(LIVE)
    counted = live.aggregate(
        paying=_customers(Q(status="active")),
        past_due=_customers(PAST_DUE),
        leaving=_customers(LEAVING),
        odd=_customers(ODD),
    )
    return Figures(
        **counted,
        comes_in=_monthly(live.filter(status="active")),
        at_risk=_monthly(live.filter(PAST_DUE)),
        trials=_counted(on_trial(Customer.unscoped.all(), now)),
        dead_events=_counted(StripeEvent.objects.filter(state=StripeEvent.State.DEAD)),
    )


def on_trial(customers: "QuerySet[Customer]", now: datetime) -> "QuerySet[Customer]":
    """Ours without a card; whoever pays during it is on it no more."""
    return customers.filter(trial_ends_at__gt=now).exclude(having(LIVE & ~Q(status="incomplete")))


def having(which: Q) -> Exists:
    """Customers with such a subscription."""
    return Exists(Subscription.objects.filter(which, customer=OuterRef("pk")))


def with_dead_events(customers: "QuerySet[Customer]") -> "QuerySet[Customer]":
    dead = StripeEvent.objects.filter(
        state=StripeEvent.State.DEAD, stripe_customer_id=OuterRef("stripe_customer_id")
    )
    return customers.filter(Exists(dead))


def paid_by(customers: "QuerySet[Customer]") -> "QuerySet[Customer]":
    return customers.filter(having(Q(status__in=PAYING)))


def _counted(rows: "QuerySet[Any]") -> int:
    return int(rows.aggregate(many=Count("pk"))["many"])


def _customers(which: Q) -> Count:
    return Count("customer", filter=which, distinct=True)


def _monthly(subscriptions: "QuerySet[Subscription]") -> str:
    """A price of no plan is not in it: what it is, Stripe alone knows."""
    sums: dict[str, int] = {}
    for row in subscriptions.values("plan").annotate(seats=Sum(F("quantity"))):
        plan = of_key(row["plan"])
        if plan is not None and plan.price is not None:
            price = plan.price
            sums[price.currency] = sums.get(price.currency, 0) + price.amount * row["seats"]
    return " + ".join(written(amount, currency) for currency, amount in sorted(sums.items())) or "nothing"
