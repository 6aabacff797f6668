"""What could not be charged and still waits for somebody."""

from datetime import datetime, timedelta

from django.db.models import Max, Q

from billing.models import Customer, Invoice, StripeEvent, Subscription
from billing.standing import PAYING

# where mails and banners lead, by their names in billing/urls.py
PAGE, PAY = "billing", "billing_pay"
UNPAID = ("open", "uncollectible")
ASKED, FAILED = "invoice.payment_action_required", "invoice.payment_failed"
# Stripe says both of one try, within a moment
ONE_TRY = timedelta(minutes=5)


def unpaid_bill(customer: Customer, subscription: Subscription | None, now: datetime) -> Invoice | None:
    """The oldest invoice of the live subscription that was tried in vain. The first payment of one that has not begun
    is the matter of whoever sits before Stripe's page; of one that is paid for only a change can wait."""
    if subscription is None or subscription.status == "incomplete":
        return None
    if subscription.status in PAYING and not _waits(subscription, now):
        return None
    tried = customer.invoices.filter(
        subscription_id=subscription.pk, status__in=UNPAID, attempts__gt=0, amount_due__gt=0
    )
    return tried.order_by("stripe_created").first()


def _waits(subscription: Subscription, now: datetime) -> bool:
    expires = subscription.pending_update_expires_at
    return expires is not None and expires > now


def needs_action(customer: Customer, bill: Invoice) -> bool:
    """Whether the last try failed because the bank asks for the card's owner. Stripe says so in an event alone; that
    one came, and when, is all that is believed of it."""
    said = StripeEvent.objects.filter(object_id=bill.pk, stripe_customer_id=customer.stripe_customer_id or "")
    when = said.aggregate(
        asked=Max("created_at", filter=Q(type=ASKED)), failed=Max("created_at", filter=Q(type=FAILED))
    )
    if when["asked"] is None:
        return False
    return when["failed"] is None or bool(when["asked"] + ONE_TRY >= when["failed"])


def leaves_at(subscription: Subscription | None) -> datetime | None:
    """When a subscription that was cancelled ends; None for one that goes on."""
    if subscription is None:
        return None
    return subscription.cancel_at or (subscription.period_end if subscription.cancel_at_period_end else None)
