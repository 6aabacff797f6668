"""A workspace in every state of its plan, as the mirror has it: rows as a look at Stripe would have written them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Member
from billing.actions import mirroring
from billing.models import Customer, Invoice, Subscription

DAY = timedelta(days=1)


def customer_for(member: Member, **columns: Any) -> Customer:
    given = {"trial_ends_at": None, "stripe_customer_id": f"cus_{member.workspace.name.lower()}", **columns}
    found, _ = Customer.unscoped.update_or_create(workspace=member.workspace, defaults=given)
    mirroring.settle(found)
    member.workspace.refresh_from_db()
    return found


def subscribed(member: Member, status: str = "active", plan: str = "team", **columns: Any) -> Subscription:
    now = timezone.now()
    failed = columns.pop("failed_days_ago", None)
    customer = customer_for(member)
    given = {
        "quantity": 3,
        "price_id": "price_1",
        "item_id": "si_1",
        "period_start": now - 10 * DAY,
        "period_end": now + 20 * DAY,
        "stripe_created": now - 40 * DAY,
        **columns,
    }
    name = f"sub_{member.workspace.name.lower()}"
    row = Subscription.objects.create(id=name, customer=customer, status=status, plan=plan, **given)
    if failed is not None:
        Customer.unscoped.filter(pk=customer.pk).update(first_failed_at=now - failed * DAY)
    mirroring.settle(customer)
    member.workspace.refresh_from_db()
    return row


def billed(subscription: Subscription, status: str = "paid", **columns: Any) -> Invoice:
    given = {"number": "ACME-0001", "total": 4500, "amount_due": 4500, "currency": "eur", **columns}
    name = given.pop("id", f"in_{subscription.pk}_{status}")
    return Invoice.objects.create(
        id=name,
        customer=subscription.customer,
        subscription_id=subscription.pk,
        status=status,
        stripe_created=timezone.now() - 10 * DAY,
        **given,
    )
