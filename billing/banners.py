"""What the console tells above every page of how somebody stands: read from one row, decided in one place."""

from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.banners import Banner
from accounts.entitled import SELF_HOSTED
from accounts.models import Member
from accounts.permissions import may
from billing.access import customer_of
from billing.bills import PAGE, PAY
from billing.models import Customer
from billing.plans import of_key
from billing.standing import Why

TRIAL_TOLD, LEAVING_TOLD = timedelta(days=3), timedelta(days=7)
LOOK, CHOOSE, CONFIRM = "Look at the payment", "Choose a plan", "Confirm payment"
STOPPED = "This workspace goes on with what Free holds. What visitors write goes on arriving."


def tell(member: Member) -> list[Banner]:
    """One statement, and none where nothing is sold."""
    if not settings.STRIPE_SECRET_KEY or member.workspace.plan_name == SELF_HOSTED.plan_name:
        return []
    customer = customer_of(member.workspace)
    if customer is None:
        return []
    manages = may(member, "billing.manage")
    banner = of(customer, timezone.now()) if manages else for_others(customer)
    return [banner] if banner is not None else []


def for_others(customer: Customer) -> Banner | None:
    """Neither money nor dates: only that something has stopped, and who can mend it."""
    if customer.why in (Why.OVERDUE, Why.PAUSED):
        return Banner(f"{STOPPED} An owner can change that in the settings.")
    return None


def of(customer: Customer, now: datetime) -> Banner | None:
    """For whoever manages billing; `customer` as last settled."""
    decide = (
        {
            Why.TRIAL: _trial,
            Why.PAID: _paid,
            Why.GRACE: _grace,
            Why.OVERDUE: _overdue,
            Why.PAUSED: _paused,
        }.get(Why(customer.why))
        if customer.why
        else None
    )
    return decide(customer, now) if decide is not None else None


def _trial(customer: Customer, now: datetime) -> Banner | None:
    ends = customer.settle_at
    if ends is None or not now < ends <= now + TRIAL_TOLD:
        return None
    return Banner(
        f"The trial ends {_in(ends, now)}. After that this workspace has Free.", CHOOSE, reverse(PAGE)
    )


def _paid(customer: Customer, now: datetime) -> Banner | None:
    if customer.bill_id:
        return Banner("The change of your plan waits until its payment is confirmed.", CONFIRM, reverse(PAY))
    if customer.leaves_at is None or not now < customer.leaves_at <= now + LEAVING_TOLD:
        return None
    return Banner(
        f"{_plan(customer)} is cancelled and ends {_in(customer.leaves_at, now)}.",
        "Keep the plan",
        reverse(PAGE),
    )


def _grace(customer: Customer, now: datetime) -> Banner:
    until = f" Everything goes on until {_day(customer.settle_at)}." if customer.settle_at else ""
    if customer.bill_needs_action:
        words = f"Your bank wants you to confirm the last payment.{until}"
        return Banner(words, CONFIRM, reverse(PAY), "bad")
    if customer.bill_id:
        return Banner(f"The last payment did not go through.{until}", LOOK, reverse(PAGE), "bad")
    # a status that we do not know, or one that no invoice explains
    return Banner(f"Something is wrong with how {_plan(customer)} is paid.{until}", LOOK, reverse(PAGE))


def _overdue(customer: Customer, now: datetime) -> Banner:
    words = f"The last payment is overdue. {STOPPED}"
    if customer.bill_needs_action:
        return Banner(words, CONFIRM, reverse(PAY), "bad")
    return Banner(words, LOOK, reverse(PAGE), "bad")


def _paused(customer: Customer, now: datetime) -> Banner:
    return Banner(f"Your plan is paused. {STOPPED}", "Go on with the plan", reverse(PAGE), "bad")


def _plan(customer: Customer) -> str:
    plan = of_key(customer.plan)
    return plan.name if plan is not None else "Your plan"


def _day(moment: datetime | None) -> str:
    return f"{moment:%-d %B}" if moment is not None else ""


def _in(moment: datetime, now: datetime) -> str:
    """Whole days still to come, as people count them: within a day it is the hour that matters."""
    days = (moment - now).days
    if days < 1:
        return f"today or tomorrow, at {moment:%H:%M} UTC"
    return f"in {days} day{'' if days == 1 else 's'}, on {_day(moment)}"
