"""Tells Stripe how many seats are taken: counted anew each time, and said as a number, so that twice is harmless."""

import logging

from django.utils import timezone

from billing import inbox, orders
from billing.actions import mirroring, seats
from billing.errors import BillingError
from billing.models import Customer, Subscription
from billing.plans import of_key

log = logging.getLogger(__name__)


def work() -> int:
    """Everything that is due; for how many customers. Harmless to run anywhere at any time."""
    mine = seats.take_due()
    for customer in mine:
        try:
            bring_up_to_date(customer)
        except BillingError as error:
            # due again in a minute, and after Stripe's next word
            log.warning("the seats of a customer could not be told to Stripe: %s", error.problem)
        except Exception:  # one customer whom we cannot read holds nobody else up
            log.exception("the seats of a customer could not be counted")
    return len(mine)


def bring_up_to_date(customer: Customer) -> None:
    """Looks before and after: the look after it finds whatever changed meanwhile, and promises that anew. Raises
    BillingError."""
    inbox.look_again(customer)
    live = mirroring.live_subscription(customer)
    if live is None or not seats.is_to_change(live, timezone.now()):
        return
    _tell(live, seats.wanted(live))
    inbox.look_again(customer)


def _tell(live: Subscription, count: int) -> None:
    is_charged, following = count > live.quantity, of_key(live.next_plan)
    if live.schedule_id and following is not None:
        orders.set_next_plan(live, following, count, is_charged=is_charged)
    else:
        orders.set_seats(live, count, is_charged=is_charged)
