"""The row of whoever pays: what we asked Stripe for, written before it was asked, and what came back."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.actions.auditing import audit
from accounts.changed import Changes
from accounts.models import Member
from billing.errors import BillingError, Later
from billing.models import Customer


def note_asked(customer: Customer) -> bool:
    """True for the very first time: nobody can have made a customer at Stripe before."""
    asked = Customer.unscoped.filter(pk=customer.pk, asked_at=None).update(asked_at=timezone.now())
    customer.refresh_from_db()
    return bool(asked)


def ask_anew_after(customer: Customer, error: BillingError) -> None:
    """Stripe says again what it has said under a key, also that something broke: the next one asks with another key.

    Where it has said nothing the key stays: the call may have gone through.
    """
    if isinstance(error, Later) and not error.is_answer:
        return
    rows = Customer.unscoped.filter(pk=customer.pk, asking_number=customer.asking_number)
    rows.update(asking_number=F("asking_number") + 1)


def adopt(customer: Customer, stripe_customer_id: str) -> str:
    """The id that is kept: of two who asked at once the first, and Stripe has given both the same."""
    Customer.unscoped.filter(pk=customer.pk, stripe_customer_id=None).update(
        stripe_customer_id=stripe_customer_id
    )
    customer.refresh_from_db()
    return customer.stripe_customer_id or stripe_customer_id


def note_checkout(member: Member, plan: str) -> None:
    _note(member, "billing.checkout_opened", None, plan)


def note_portal(member: Member) -> None:
    _note(member, "billing.portal_opened")


def note_chosen(member: Member, before: str, after: str) -> None:
    _note(member, "billing.plan_chosen", before, after)


def note_cancelled(member: Member, before: str) -> None:
    _note(member, "billing.plan_cancelled", before, None)


def note_resumed(member: Member, after: str) -> None:
    _note(member, "billing.plan_resumed", None, after)


def _note(member: Member, verb: str, before: str | None = None, after: str | None = None) -> None:
    """What somebody did about the plan, for the audit log."""
    changes: Changes = {"plan": [before, after]} if before != after else {}
    with transaction.atomic():
        audit(member.workspace, member.user, verb, f"workspace:{member.workspace_id}", changes)
