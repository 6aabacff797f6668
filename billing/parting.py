"""A workspace that is deleted is charged no more.

While it can still be brought back nothing renews; what is paid for stays. When it goes for good, its customer goes at
Stripe too, with every name and address there. Invoices stay with Stripe, as the law wants.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.models import Workspace
from billing import changing, inbox, orders
from billing.access import customer_of
from billing.actions.mirroring import live_subscription
from billing.errors import BillingError
from billing.models import Customer

log = logging.getLogger(__name__)

# after that a workspace does not wait for Stripe any longer, and an operator has to look there
PATIENCE = timedelta(days=7)


def stop_renewing(workspace: Workspace) -> None:
    """Harmless to repeat: Stripe is asked only while something would be charged again."""
    customer = _known_at_stripe(workspace)
    live = live_subscription(customer) if customer is not None else None
    if customer is None or live is None or live.cancel_at_period_end:
        return
    try:
        changing.end(live)
        inbox.look_again(customer)
    except BillingError as error:
        # tried again with the next round
        log.warning("a workspace that ends would still renew: %s", error.problem)


def is_still_known(workspace: Workspace) -> bool:
    """Whether Stripe still has its customer, after it was asked to forget them."""
    customer = _known_at_stripe(workspace)
    if customer is None:
        return False
    try:
        orders.forget_customer(customer.stripe_customer_id or "")
        inbox.look_again(customer)
    except BillingError as error:
        return _waits_on(workspace, customer, error)
    return False


def _known_at_stripe(workspace: Workspace) -> Customer | None:
    found = customer_of(workspace) if settings.STRIPE_SECRET_KEY else None
    return found if found is not None and found.stripe_customer_id else None


def _waits_on(workspace: Workspace, customer: Customer, error: BillingError) -> bool:
    if workspace.ends_at is None or timezone.now() < workspace.ends_at + PATIENCE:
        log.warning("a workspace that has ended waits for Stripe: %s", error.problem)
        return True
    log.error(
        "delete %s at Stripe by hand, its workspace is gone: %s", customer.stripe_customer_id, error.problem
    )
    return False
