"""What somebody may have now: a function of what the mirror holds and of the clock, and of nothing else."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from billing.models import Customer, Subscription
from billing.plans import FREE, TRIAL, Plan, of_key

# Stripe's own retries end by then (its recommended eight in two weeks)
GRACE = timedelta(days=14)
OVER = ("canceled", "incomplete_expired")
PAYING = ("trialing", "active")
KNOWN = ("incomplete", *PAYING, "past_due", "unpaid", "paused", *OVER)
# of several subscriptions the first of these counts; whatever is not named counts as past due
WEIGHT = {"trialing": 0, "active": 0, "past_due": 1, "unpaid": 2, "paused": 2, "incomplete": 3}


class Why(StrEnum):
    """Why somebody stands where they stand; the page of billing has words for each."""

    NO_PLAN = "no_plan"
    TRIAL = "trial"
    PAID = "paid"
    GRACE = "grace"
    OVERDUE = "overdue"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Standing:
    """`until` is when the clock alone changes it; None: only Stripe does."""

    plan: Plan
    why: Why
    until: datetime | None = None


def standing(customer: Customer, subscription: Subscription | None, now: datetime) -> Standing:
    """`subscription` is the live one, if there is one. A status that we do not know counts as past due."""
    if subscription is None or subscription.status in ("incomplete", *OVER):
        return _without(customer, now)
    bought = of_key(subscription.plan) or FREE
    if subscription.status in PAYING:
        return Standing(bought, Why.PAID)
    if subscription.status == "paused":
        return Standing(FREE, Why.PAUSED)
    if subscription.status == "unpaid":
        return Standing(FREE, Why.OVERDUE)
    return _overdue(customer, bought, now)


PAYS_TWICE = "has more than one subscription: end the newer one at Stripe, and pay back what it cost."


def is_paid_for(status: str) -> bool:
    """Or is to be; a first payment that was never made is nothing to end."""
    return status not in OVER and status != "incomplete"


def is_past_due(status: str) -> bool:
    """A word that Stripe learns tomorrow is no reason to shut anybody out today, and none to give anything for ever."""
    return status == "past_due" or status not in KNOWN


def weight(subscription: Subscription) -> tuple[int, bool, datetime]:
    """The one with the least is the live one. A second one that was bought by accident takes nothing away, nor does a
    payment that was begun and left."""
    return (
        WEIGHT.get(subscription.status, WEIGHT["past_due"]),
        not subscription.plan,
        subscription.stripe_created,
    )


def oddities(subscription: Subscription) -> list[str]:
    """What we do not understand of it, as sentences for the operator."""
    if subscription.status in OVER:
        return []
    found = []
    if subscription.status not in KNOWN:
        found.append(f"Its status “{subscription.status}” is not known here. It counts as past due.")
    if not subscription.plan:
        found.append(
            f"Its price {subscription.price_id or '(none)'} is of no plan. It gives what Free gives."
        )
    return found


def _without(customer: Customer, now: datetime) -> Standing:
    ends = customer.trial_ends_at
    if ends is not None and now < ends:
        return Standing(TRIAL, Why.TRIAL, ends)
    return Standing(FREE, Why.NO_PLAN)


def _overdue(customer: Customer, bought: Plan, now: datetime) -> Standing:
    """Nobody has told yet when it failed first: grace begins when that is known."""
    ends = customer.first_failed_at + GRACE if customer.first_failed_at else None
    if ends is not None and ends <= now:
        return Standing(FREE, Why.OVERDUE)
    return Standing(bought, Why.GRACE, ends)
