"""Events of Stripe on their way: taken by a worker for a minute, done, of nobody here, or to be tried again."""

import logging
import uuid
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from billing.errors import BillingError, Later
from billing.models import StripeEvent

log = logging.getLogger(__name__)

TAKEN = timedelta(minutes=1)
# after so many seconds, then hourly for three days, as long as Stripe itself would repeat
PAUSES = (1, 5, 30, 120, 600, 3600, 6 * 3600)
HOURLY = 3600
# what was worked is kept for as long as Stripe itself remembers it, three times over
KEPT = timedelta(days=90)
AT_ONCE = 1000
MOST_TRIES = len(PAUSES) + 72
# the kind of an event that is ours: an operator wants a look
ASKED = "operator.asked"


def take(stripe_customer_id: str) -> list[str]:
    """The ids of what is due for one customer. A worker that dies leaves them due again in a minute."""
    with transaction.atomic():
        waiting = StripeEvent.objects.filter(
            stripe_customer_id=stripe_customer_id, state=StripeEvent.State.NEW, due_at__lte=timezone.now()
        )
        ids = list(waiting.select_for_update(skip_locked=True).values_list("pk", flat=True))
        StripeEvent.objects.filter(pk__in=ids).update(due_at=timezone.now() + TAKEN)
    return ids


def mark(events: list[str], state: StripeEvent.State) -> None:
    StripeEvent.objects.filter(pk__in=events).update(state=state, problem="")


def again_later(events: list[str], error: BillingError) -> None:
    """Our own key may be mended at any hour, and Stripe come back: only after three days is one given up that Stripe
    has refused."""
    for event in StripeEvent.objects.filter(pk__in=events):
        event.attempts += 1
        event.problem = error.problem[:200]
        pause = PAUSES[event.attempts - 1] if event.attempts <= len(PAUSES) else HOURLY
        event.due_at = timezone.now() + timedelta(seconds=pause)
        if event.attempts >= MOST_TRIES and not isinstance(error, Later):
            event.state = StripeEvent.State.DEAD
            log.error("event %s of Stripe (%s) is given up: %s", event.pk, event.type, event.problem)
        event.save(update_fields=["attempts", "problem", "due_at", "state"])


def try_again(events: Iterable[str]) -> int:
    """Those that were given up, as if they had just come; how many. Others are left alone."""
    given_up = StripeEvent.objects.filter(pk__in=list(events), state=StripeEvent.State.DEAD)
    return given_up.update(state=StripeEvent.State.NEW, attempts=0, due_at=timezone.now())


def ask_for(stripe_customer_ids: Iterable[str]) -> int:
    """A look at each of these customers, though Stripe has told nothing: with the same patience if Stripe is away. How
    many are to be looked at."""
    now, ids = timezone.now(), list(dict.fromkeys(stripe_customer_ids))
    StripeEvent.objects.bulk_create(
        [
            StripeEvent(
                id=f"asked_{uuid.uuid4().hex}",
                type=ASKED,
                stripe_customer_id=stripe_customer_id,
                created_at=now,
                due_at=now,
            )
            for stripe_customer_id in ids
        ]
    )
    return len(ids)


def forget_old() -> int:
    """How many were worked long ago. Those that were given up stay until an operator has looked at them."""
    worked = StripeEvent.objects.filter(state__in=(StripeEvent.State.DONE, StripeEvent.State.IGNORED))
    old = worked.filter(received_at__lt=timezone.now() - KEPT).order_by("received_at")
    some = list(old.values_list("pk", flat=True)[:AT_ONCE])
    return StripeEvent.objects.filter(pk__in=some).delete()[0] if some else 0
