"""What a look at Stripe found becomes the mirror, and the mirror becomes what a workspace may have."""

import logging
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.actions.entitlements import locked, set_entitlements
from billing import bills, events
from billing.actions import seats
from billing.events import Settled
from billing.gateway import CustomerNow
from billing.models import Customer, Invoice, Subscription
from billing.standing import (
    OVER,
    PAYING,
    PAYS_TWICE,
    Standing,
    is_paid_for,
    is_past_due,
    oddities,
    standing,
    weight,
)

log = logging.getLogger(__name__)

SETTLED = ("plan", "why", "settle_at", "leaves_at", "bill_id", "bill_needs_action")
SETTLED_AT_ONCE = 200


def begin_look(customer: Customer) -> int:
    """The ticket of a look that is about to begin; call it outside of any transaction that waits for Stripe."""
    with transaction.atomic():
        Customer.unscoped.filter(pk=customer.pk).update(looks=F("looks") + 1)
        return Customer.unscoped.values_list("looks", flat=True).get(pk=customer.pk)


def write_look(customer: Customer, ticket: int, now_at_stripe: CustomerNow) -> Standing | None:
    """Overwrites the mirror. None: a later look was written meanwhile, and this answer may be older than that one; or
    it is of another customer of Stripe's than the workspace has by now."""
    with transaction.atomic():
        found = _locked(customer)
        if ticket <= found.written_look or found.stripe_customer_id != customer.stripe_customer_id:
            return None
        _overwrite(found, now_at_stripe)
        found.written_look = ticket
        found.delinquent = now_at_stripe.delinquent
        if now_at_stripe.is_deleted:
            found.stripe_customer_id, found.asked_at = None, None
            found.asking_number += 1
        found.first_failed_at = _first_failed(found)
        found.seats_due_at = seats.next_due(found, live_subscription(found), timezone.now())
        found.save()
        return _settle(found, timezone.now())


def settle(customer: Customer) -> Standing:
    """What the clock alone has changed: a trial or a grace that is over."""
    with transaction.atomic():
        return _settle(_locked(customer), timezone.now())


def settle_those_due() -> int:
    """How many trials and graces have ended."""
    due = Customer.unscoped.filter(settle_at__lte=timezone.now()).order_by("settle_at")[:SETTLED_AT_ONCE]
    return sum(_settled(customer) for customer in due)


def _settled(customer: Customer) -> bool:
    try:
        settle(customer)
    except Exception:  # one customer holds nobody else up
        log.exception("what a customer may have could not be settled")
        return False
    return True


def live_subscription(customer: Customer) -> Subscription | None:
    """What is paid for before what is not, then the older of two."""
    live = (row for row in customer.subscriptions.all() if row.status not in OVER)
    return min(live, key=weight, default=None)


def _locked(customer: Customer) -> Customer:
    """The workspace first, as everybody does: who changes the team holds it, and then notes at the customer that seats
    are to be counted."""
    locked(customer.workspace_id)
    return Customer.unscoped.select_for_update().get(pk=customer.pk)


def _overwrite(customer: Customer, found: CustomerNow) -> None:
    known = list(customer.subscriptions.all())
    before = {row.pk: oddities(row) for row in known}
    for row in found.subscriptions:
        kept, _ = Subscription.objects.update_or_create(
            id=row.id, defaults=asdict(row) | {"customer": customer}
        )
        _report(kept, before.get(kept.pk, []))
    customer.subscriptions.exclude(pk__in=[row.id for row in found.subscriptions]).delete()
    _report_a_second(customer, {row.pk for row in known if is_paid_for(row.status)}, found)
    for bill in found.invoices:
        Invoice.objects.update_or_create(id=bill.id, defaults=asdict(bill) | {"customer": customer})


def _report_a_second(customer: Customer, before: set[str], found: CustomerNow) -> None:
    """Once, when it comes: of two the older one counts, and somebody pays for both."""
    paid_for = {row.id for row in found.subscriptions if is_paid_for(row.status)}
    if len(paid_for) > 1 and paid_for - before:
        log.error("customer %s %s", customer.stripe_customer_id, PAYS_TWICE)


def _report(subscription: Subscription, known: list[str]) -> None:
    """Once, when it becomes odd: an operator is to look, and perhaps to bring this server up to date."""
    for oddity in oddities(subscription):
        if oddity not in known:
            log.error("subscription %s: %s", subscription.pk, oddity)


def _first_failed(customer: Customer) -> datetime | None:
    """Since when something could not be charged, as far as we know; None once nothing is open that was tried. Stripe's
    word counts without an invoice, too, or the grace of such a one would never end."""
    subscription = live_subscription(customer)
    if subscription is None or subscription.status in PAYING:
        return None
    failed = customer.invoices.filter(status__in=bills.UNPAID, attempts__gt=0)
    if not is_past_due(subscription.status) and not failed.exists():
        return None
    return customer.first_failed_at or timezone.now()


def _settle(customer: Customer, now: datetime) -> Standing:
    """The customer's row is locked."""
    subscription = live_subscription(customer)
    where = standing(customer, subscription, now)
    bill = bills.unpaid_bill(customer, subscription, now)
    fact = Settled(customer, subscription, where, plan_before=customer.plan, why_before=customer.why)
    customer.plan, customer.why, customer.settle_at = where.plan.key, where.why, where.until
    customer.leaves_at = bills.leaves_at(subscription)
    customer.bill_id = bill.pk if bill is not None else ""
    customer.bill_needs_action = bill is not None and bills.needs_action(customer, bill)
    customer.save(update_fields=SETTLED)
    set_entitlements(customer.workspace_id, where.plan.entitlements)
    events.publish(fact)
    return where
