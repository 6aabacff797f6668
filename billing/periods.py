"""The month that a plan's chats are counted in, from the mirror and the clock alone.

With a subscription it is what Stripe bills: from `period_start` to `period_end`. A renewal that the mirror has not
heard of yet begins where the last one ended, so that its row is the one that Stripe's word will mean. Without a
subscription, and on a server that sells nothing, it is the calendar month in UTC; but the end of a trial or of a
subscription begins a new count, so that nobody is over Free by what they did while they had more.
"""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from billing.models import Customer, Subscription
from billing.standing import OVER

# of a subscription that was never paid nothing is billed
NOT_BILLED = (*OVER, "incomplete")


@dataclass(frozen=True, slots=True)
class Period:
    """From `starts_at` on and up to, but without, `ends_at`; UTC, so that no clock's change makes it longer."""

    starts_at: datetime
    ends_at: datetime


def period_of(customer: Customer | None, now: datetime) -> Period:
    """Two statements at most, or one where nobody is a customer yet: it reads the subscriptions."""
    subscriptions = list(customer.subscriptions.order_by("stripe_created")) if customer is not None else []
    billed = next((one for one in subscriptions if _is_billed(one, now)), None)
    if billed is not None and billed.period_start is not None and billed.period_end is not None:
        return _running(Period(billed.period_start, billed.period_end), now)
    return _calendar_month(now, [*_ends(customer), *(one.ended_at for one in subscriptions)])


def month_after(moment: datetime) -> datetime:
    """The same day of the next month, or its last one."""
    year, month = (moment.year, moment.month + 1) if moment.month < 12 else (moment.year + 1, 1)
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return moment.replace(year=year, month=month, day=day)


def _is_billed(subscription: Subscription, now: datetime) -> bool:
    begun = subscription.period_start
    return subscription.status not in NOT_BILLED and begun is not None and begun <= now


def _running(period: Period, now: datetime) -> Period:
    while period.ends_at <= now:
        period = Period(period.ends_at, month_after(period.ends_at))
    return period


def _ends(customer: Customer | None) -> list[datetime | None]:
    return [customer.trial_ends_at] if customer is not None else []


def _calendar_month(now: datetime, ends: Iterable[datetime | None]) -> Period:
    first = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    begun = [end for end in ends if end is not None and first < end <= now]
    return Period(max(begun, default=first), month_after(first))
