"""Works what Stripe told: for each customer one look at Stripe, however many events are waiting, in whatever order.

Nothing of an event is believed but whom it concerns.
"""

import logging
from datetime import timedelta

from django.utils import timezone

from billing import gateway
from billing.access import customer_of_stripe
from billing.actions import events, mirroring
from billing.actions.recording import record
from billing.errors import BillingError, Refused, Shut
from billing.models import Customer, StripeEvent

log = logging.getLogger(__name__)

AT_ONCE = 50
# what somebody has to answer in Stripe's dashboard: a bank takes money back, or is about to
OF_ANYBODY = ("charge.dispute.created", "radar.early_fraud_warning.created")
# an invoice cannot be made, or somebody deleted by hand who pays
OF_OURS = ("invoice.finalization_failed", "customer.deleted")
LOOKED_BACK = timedelta(days=1)


def find_missed() -> int:
    """How many events of the last day never came through the door, and are due now. Raises BillingError."""
    since = timezone.now() - LOOKED_BACK
    return sum(record(event) for event in gateway.untaken_events(since))


def work() -> int:
    """Everything that is due; how many customers it was about. Harmless to run anywhere at any time."""
    due = StripeEvent.objects.filter(state=StripeEvent.State.NEW, due_at__lte=timezone.now())
    owners = dict.fromkeys(due.order_by("due_at").values_list("stripe_customer_id", flat=True)[:AT_ONCE])
    for owner in owners:
        work_customer(owner)
    return len(owners)


def work_customer(stripe_customer_id: str) -> None:
    taken = events.take(stripe_customer_id)
    if not taken:
        return
    customer = customer_of_stripe(stripe_customer_id)
    is_ours = customer is not None and not customer.workspace.is_ending
    _tell_operator(taken, is_ours=is_ours)
    if customer is None:
        events.mark(taken, StripeEvent.State.IGNORED)
        return
    try:
        look_again(customer)
    except BillingError as error:
        # with a key that is wrong nobody gets what they pay for
        level = logging.ERROR if isinstance(error, Shut) else logging.WARNING
        log.log(level, "a look at Stripe failed: %s", error.problem)
        events.again_later(taken, error)
    except Exception as error:  # one customer whom we cannot read holds nobody else up
        log.exception("what Stripe has of a customer could not be read")
        events.again_later(taken, Refused(type(error).__name__))
    else:
        events.mark(taken, StripeEvent.State.DONE)


def _tell_operator(taken: list[str], *, is_ours: bool) -> None:
    """At its first try, once. A dispute does not say whose it is."""
    kinds = OF_ANYBODY + OF_OURS if is_ours else OF_ANYBODY
    for event in StripeEvent.objects.filter(pk__in=taken, attempts=0, type__in=kinds):
        log.error("Stripe tells of %s: see %s in its dashboard", event.type, event.object_id or event.pk)


def look_again(customer: Customer) -> None:
    """The mirror becomes what Stripe has now. Raises BillingError, and then nothing has changed."""
    assert customer.stripe_customer_id is not None
    ticket = mirroring.begin_look(customer)
    found = gateway.look(customer.stripe_customer_id)
    mirroring.write_look(customer, ticket, found)
