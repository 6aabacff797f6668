"""What a look at Stripe found becomes the mirror, and the mirror becomes what a workspace may have."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.actions.entitlements import set_entitlements
from billing.gateway import CustomerNow
from billing.models import Customer, Invoice, Subscription
from billing.standing import OVER, Standing, standing

UNPAID = ("open", "uncollectible")
SETTLED_AT_ONCE = 200


def begin_look(customer: Customer) -> int:
    """The ticket of a look that is about to begin; call it outside of any transaction that waits for Stripe."""
    with transaction.atomic():
        Customer.unscoped.filter(pk=customer.pk).update(looks=F("looks") + 1)
        return Customer.unscoped.values_list("looks", flat=True).get(pk=customer.pk)


def write_look(customer: Customer, ticket: int, now_at_stripe: CustomerNow) -> Standing | None:
    """Overwrites the mirror. None: a later look was written meanwhile, and this answer may be older than that one."""
    with transaction.atomic():
        found = Customer.unscoped.select_for_update().get(pk=customer.pk)
        if ticket <= found.written_look:
            return None
        _overwrite(found, now_at_stripe)
        found.written_look = ticket
        found.delinquent = now_at_stripe.delinquent
        if now_at_stripe.is_deleted:
            found.stripe_customer_id = None
        found.first_failed_at = _first_failed(found)
        found.save()
        return _settle(found, timezone.now())


def settle(customer: Customer) -> Standing:
    """What the clock alone has changed: a trial or a grace that is over."""
    with transaction.atomic():
        return _settle(Customer.unscoped.select_for_update().get(pk=customer.pk), timezone.now())


def settle_those_due() -> int:
    """How many trials and graces have ended."""
    due = Customer.unscoped.filter(settle_at__lte=timezone.now()).order_by("settle_at")[:SETTLED_AT_ONCE]
    return len([settle(customer) for customer in due])


def live_subscription(customer: Customer) -> Subscription | None:
    """The older of two: a second one that was bought by accident takes nothing away."""
    return customer.subscriptions.exclude(status__in=OVER).order_by("stripe_created").first()


def _overwrite(customer: Customer, found: CustomerNow) -> None:
    for row in found.subscriptions:
        Subscription.objects.update_or_create(id=row.id, defaults=asdict(row) | {"customer": customer})
    customer.subscriptions.exclude(pk__in=[row.id for row in found.subscriptions]).delete()
    for bill in found.invoices:
        Invoice.objects.update_or_create(id=bill.id, defaults=asdict(bill) | {"customer": customer})


def _first_failed(customer: Customer) -> datetime | None:
    """Since when something could not be charged, as far as we know; None once nothing is open that was tried."""
    failed = customer.invoices.filter(status__in=UNPAID, attempts__gt=0)
    subscription = live_subscription(customer)
    if subscription is None or subscription.status in ("active", "trialing") or not failed.exists():
        return None
    return customer.first_failed_at or timezone.now()


def _settle(customer: Customer, now: datetime) -> Standing:
    where = standing(customer, live_subscription(customer), now)
    Customer.unscoped.filter(pk=customer.pk).update(settle_at=where.until)
    set_entitlements(customer.workspace_id, where.plan.entitlements)
    return where
