"""Promises to those who pay that they are told: made with the fact, kept by a worker after the commit."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from billing import owed
from billing.actions.mirroring import live_subscription
from billing.events import Settled
from billing.models import BillingMail, Customer
from billing.owed import Case, Owed
from billing.standing import standing

# a worker that dies leaves its mail due again after this
TAKEN = timedelta(minutes=2)
# after so many minutes; then it is given up
PAUSES = (1, 5, 30, 120, 360, 720, 1440, 1440)


def on_settled(fact: Settled) -> None:
    """Inside the transaction of the fact."""
    now = timezone.now()
    case = Case(fact.customer, fact.subscription, fact.now, now)
    for one in [*owed.owed_now(case), *owed.owed_by_change(fact, now)]:
        _promise(fact.customer, one)


def _promise(customer: Customer, one: Owed) -> None:
    """What was found to be no longer true before it went is promised again if it is true again."""
    row, is_new = BillingMail.objects.get_or_create(
        customer=customer, kind=one.kind, key=one.key, defaults={"due_at": one.due_at}
    )
    if not is_new:
        again = BillingMail.objects.filter(pk=row.pk, due_at=None, sent_at=None, problem="")
        again.update(due_at=one.due_at)


def take(mail_id: int) -> tuple[BillingMail, Case] | None:
    """Of several workers one has it. None if it is not due, or is no longer so: then nobody is told."""
    with transaction.atomic():
        found = _locked(mail_id)
        if found is None:
            return None
        mail, case = found
        # of a workspace that is being deleted its owners are told all there is, elsewhere
        if case.customer.workspace.is_ending or not owed.is_still_so(mail, case):
            BillingMail.objects.filter(pk=mail.pk).update(due_at=None)
            return None
        BillingMail.objects.filter(pk=mail.pk).update(due_at=case.now + TAKEN, attempts=F("attempts") + 1)
        mail.attempts += 1
        return mail, case


def _locked(mail_id: int) -> tuple[BillingMail, Case] | None:
    """Under the customer's lock, as promises are made: what is settled later finds what was decided here."""
    owner = BillingMail.objects.filter(pk=mail_id).values_list("customer", flat=True).first()
    customer = Customer.unscoped.select_for_update().filter(pk=owner).first() if owner else None
    now = timezone.now()
    mail = BillingMail.objects.filter(pk=mail_id, due_at__lte=now).first()
    if customer is None or mail is None:
        return None
    subscription = live_subscription(customer)
    return mail, Case(customer, subscription, standing(customer, subscription, now), now)


def note_told(mail: BillingMail, member_id: object) -> None:
    """After each one, so that a worker that dies tells at most one of them twice."""
    mail.told = [*mail.told, str(member_id)]
    BillingMail.objects.filter(pk=mail.pk).update(told=mail.told)


def close(mail: BillingMail, problem: str = "") -> None:
    """Everybody was told whom a mail reaches; `problem` says of whom it does not."""
    sent_at = timezone.now() if mail.told else None
    BillingMail.objects.filter(pk=mail.pk).update(due_at=None, sent_at=sent_at, problem=problem[:200])


def again_later(mail: BillingMail, problem: str) -> bool:
    """False: it was tried for days and is given up."""
    goes_on = mail.attempts <= len(PAUSES)
    due_at = timezone.now() + timedelta(minutes=PAUSES[mail.attempts - 1]) if goes_on else None
    BillingMail.objects.filter(pk=mail.pk).update(due_at=due_at, problem="" if goes_on else problem[:200])
    return goes_on
