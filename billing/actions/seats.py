"""When Stripe is to be told how many work here: a promise in the row of whoever pays, kept by a worker.

Within a period seats only grow: a new one is charged for the days that are left, and one that is given up is paid for
until the period ends. So somebody who leaves and comes back is not paid for twice.
"""

import uuid
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.actions.entitlements import seats_taken
from billing.models import Customer, Subscription
from billing.standing import is_past_due

# an afternoon's changes of the team are one change at Stripe
SOON = timedelta(minutes=1)
TAKEN = timedelta(minutes=1)
AT_ONCE = 50
# before a renewal, early enough for a worker or a Stripe that is away for a night
LAST_DAY = timedelta(days=1)


def on_seats_changed(workspace_id: uuid.UUID) -> None:
    """Inside the transaction that changes the team."""
    soon = timezone.now() + SOON
    rows = Customer.unscoped.filter(workspace_id=workspace_id, stripe_customer_id__isnull=False)
    rows.filter(Q(seats_due_at=None) | Q(seats_due_at__gt=soon)).update(seats_due_at=soon)


def take_due() -> list[Customer]:
    """Of two workers one gets each. If that one dies it is due again in a minute."""
    due = Customer.unscoped.filter(seats_due_at__lte=timezone.now(), stripe_customer_id__isnull=False)
    return [customer for customer in due.order_by("seats_due_at")[:AT_ONCE] if _take(customer)]


def _take(customer: Customer) -> bool:
    due = Customer.unscoped.filter(pk=customer.pk, seats_due_at=customer.seats_due_at)
    return due.update(seats_due_at=timezone.now() + TAKEN) == 1


def wanted(subscription: Subscription) -> int:
    return max(1, seats_taken(subscription.customer.workspace_id))


def next_due(customer: Customer, live: Subscription | None, now: datetime) -> datetime | None:
    """After a look. Seats are counted anew before each renewal also where nobody has changed them, as invitations
    end by the clock."""
    if live is None or not is_charged(live):
        return None
    if live.pending_update_expires_at is not None:
        # Stripe takes no other change until this one is paid or over
        return live.pending_update_expires_at
    count = wanted(live)
    if count > live.quantity:
        promised = customer.seats_due_at
        return promised if promised is not None and promised <= now + SOON else now
    if live.cancel_at_period_end or live.period_end is None:
        return None
    if now < live.period_end - LAST_DAY:
        return live.period_end - LAST_DAY
    return now if count < live.quantity else None


def is_charged(live: Subscription) -> bool:
    return live.status in ("active", "trialing") or is_past_due(live.status)


def is_to_change(live: Subscription, now: datetime) -> bool:
    """Whether Stripe is to be told now."""
    if not is_charged(live) or live.pending_update_expires_at is not None:
        return False
    count = wanted(live)
    is_last_day = live.period_end is not None and now >= live.period_end - LAST_DAY
    return count > live.quantity or (count < live.quantity and is_last_day and not live.cancel_at_period_end)
