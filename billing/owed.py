"""Which mails somebody is owed: a function of how they stand, what they were told before, and the clock.

Whatever follows from the state alone is found again at every look, in whatever order Stripe's events come, and its key
makes it one mail. What is a change is found where it is settled, once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from billing import bills
from billing.events import Settled
from billing.models import BillingMail, Customer, Invoice, Subscription
from billing.plans import PLANS
from billing.standing import OVER, Standing, Why

Kind = BillingMail.Kind
SOON = timedelta(days=3)
# after the first failure, besides the mail at once
REMINDED = (timedelta(days=3), timedelta(days=7))
# who was not told by then has more recent news by now
STALE = timedelta(days=2)
TRIAL_NEWS = timedelta(days=7)
FAILURES = (Kind.PAYMENT_FAILED, Kind.ACTION_REQUIRED)
HAD_PLAN = (Why.PAID, Why.GRACE, Why.OVERDUE, Why.PAUSED)
HAVE_NONE = (Why.NO_PLAN, Why.TRIAL)
RANK = [plan.key for plan in PLANS]


@dataclass(frozen=True, slots=True)
class Owed:
    kind: BillingMail.Kind
    key: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """Somebody's standing with what belongs to it, under the lock of the customer's row."""

    customer: Customer
    subscription: Subscription | None
    standing: Standing
    now: datetime


def owed_now(case: Case) -> list[Owed]:
    """By the state alone, some of it due later."""
    by_why = {
        Why.TRIAL: _of_trial,
        Why.NO_PLAN: _of_trial_over,
        Why.GRACE: _of_grace,
        Why.OVERDUE: _of_overdue,
        Why.PAID: _of_paid,
    }
    find = by_why.get(case.standing.why)
    return list(find(case)) if find is not None else []


def owed_by_change(fact: Settled, now: datetime) -> list[Owed]:
    """Nothing is news to somebody of whom nothing was known."""
    if not fact.has_changed or not fact.why_before:
        return []
    look = fact.customer.written_look
    if fact.now.why in HAVE_NONE and fact.why_before in HAD_PLAN:
        last = ended_subscription(fact.customer)
        plan = last.plan if last is not None else fact.plan_before
        return [Owed(Kind.ENDED, f"{plan}:{look}", now)]
    if fact.now.why != Why.PAID or fact.subscription is None or not fact.subscription.plan:
        return []
    if fact.why_before == Why.OVERDUE or (not _is_new(fact) and fact.plan_before == fact.now.plan.key):
        return []
    return [Owed(_change(fact), f"{fact.now.plan.key}:{look}", now)]


def _is_new(fact: Settled) -> bool:
    return fact.why_before in (*HAVE_NONE, Why.PAUSED)


def _change(fact: Settled) -> BillingMail.Kind:
    is_less = RANK.index(fact.now.plan.key) < _rank(fact.plan_before)
    return Kind.DOWNGRADED if is_less and not _is_new(fact) else Kind.PLAN_CHANGED


def _rank(plan_key: str) -> int:
    return RANK.index(plan_key) if plan_key in RANK else 0


def is_still_so(mail: BillingMail, case: Case) -> bool:
    """Asked when it is about to go: nobody is told what has passed meanwhile."""
    if mail.kind == Kind.ENDED:
        return case.standing.why in HAVE_NONE
    if mail.kind in (Kind.PLAN_CHANGED, Kind.DOWNGRADED):
        return case.standing.why == Why.PAID and case.standing.plan.key == mail.key.partition(":")[0]
    found = next((one for one in owed_now(case) if (one.kind, one.key) == (mail.kind, mail.key)), None)
    return found is not None and not _is_stale(found, case)


def _is_stale(found: Owed, case: Case) -> bool:
    """A worker that was away for a week sends the last of three reminders, not all."""
    fades = (Kind.PAYMENT_FAILED, Kind.PAYMENT_REMINDER)
    return found.kind in fades and found.due_at + STALE < case.now


# --- by the state -------------------------------------------------------------------------------------------------


def _of_trial(case: Case) -> Iterator[Owed]:
    if case.standing.until is not None:
        ends = case.standing.until
        yield Owed(Kind.TRIAL_ENDS_SOON, _stamp(ends), ends - SOON)


def _of_trial_over(case: Case) -> Iterator[Owed]:
    """Only to somebody who never had anything else."""
    ends = case.customer.trial_ends_at
    if ends is None or not ends <= case.now < ends + TRIAL_NEWS:
        return
    if not case.customer.subscriptions.exclude(status__in=("incomplete", "incomplete_expired")).exists():
        yield Owed(Kind.TRIAL_ENDED, _stamp(ends), ends)


def _of_grace(case: Case) -> Iterator[Owed]:
    bill, failed_at = case.customer.bill_id, case.customer.first_failed_at
    if bill and failed_at is not None:
        action = case.customer.bill_needs_action
        yield Owed(Kind.ACTION_REQUIRED if action else Kind.PAYMENT_FAILED, bill, failed_at)
        for later in REMINDED:
            yield Owed(Kind.PAYMENT_REMINDER, f"{bill}:{later.days}", failed_at + later)
    if case.standing.until is not None:
        yield Owed(Kind.GRACE_ENDS_SOON, _about(case), case.standing.until - SOON)


def _of_overdue(case: Case) -> Iterator[Owed]:
    yield Owed(Kind.GRACE_OVER, _about(case), case.now)


def _about(case: Case) -> str:
    """Of which bill, or of which subscription where Stripe names none."""
    return case.customer.bill_id or (case.subscription.pk if case.subscription is not None else "")


def _of_paid(case: Case) -> Iterator[Owed]:
    told = _may_have_gone(case.customer).filter(kind__in=FAILURES).values_list("key", flat=True)
    paid = Invoice.objects.filter(customer=case.customer, pk__in=list(told), status="paid")
    for bill in paid.values_list("pk", flat=True):
        yield Owed(Kind.RECOVERED, bill, case.now)
    if case.subscription is not None:
        yield from _of_leaving(case, case.subscription)


def _of_leaving(case: Case, subscription: Subscription) -> Iterator[Owed]:
    """Cancelled, taken back and cancelled again are three mails; looked at three times is one."""
    told = case.customer.mails.filter(
        kind__in=(Kind.CANCELLED, Kind.RESUMED), key__startswith=f"{subscription.pk}:"
    )
    last, ends = told.order_by("-pk").first(), bills.leaves_at(subscription)
    moment = _stamp(ends) if ends is not None else ""
    kind = Kind.CANCELLED if ends is not None else Kind.RESUMED
    if last is not None and last.kind == kind and last.key.split(":")[1] == moment:
        yield Owed(kind, last.key, case.now)
    elif ends is not None or (last is not None and last.kind == Kind.CANCELLED and _has_gone(last)):
        yield Owed(kind, f"{subscription.pk}:{moment}:{told.count()}", case.now)


def _may_have_gone(customer: Customer) -> QuerySet[BillingMail]:
    """One that a worker has in its hands may have arrived already."""
    return customer.mails.filter(attempts__gt=0)


def _has_gone(mail: BillingMail) -> bool:
    return mail.attempts > 0


def _stamp(moment: datetime) -> str:
    return str(int(moment.timestamp()))


# --- what the words need ------------------------------------------------------------------------------------------


def ended_subscription(customer: Customer) -> Subscription | None:
    ended = customer.subscriptions.filter(status__in=OVER).exclude(status="incomplete_expired")
    return ended.order_by("-ended_at", "-stripe_created").first()
