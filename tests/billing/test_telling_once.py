"""B5, B6: whatever happens to Stripe's events and to our workers, nobody is told twice, nor left in the dark."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import Member
from billing import inbox, mailing, owed
from billing.actions import beginning, mirroring
from billing.models import BillingMail, Customer, StripeEvent
from billing.owed import Case
from billing.standing import standing
from tests.at_once import at_once
from tests.billing.calendar import Calendar
from tests.billing.test_keeping_in_step_with_stripe import DEEDS, WEBHOOKS, catch_up
from tests.billing.till import Till

DAYS = {"a week": 7.0, "a month": 31.2}
STEPS = st.tuples(
    st.sampled_from(sorted(DEEDS)), st.none() | st.sampled_from(WEBHOOKS), st.booleans(), st.booleans()
)


def do(till: Till, calendar: Calendar, customer: Customer, prices: dict[str, str], deed: str) -> None:
    if deed in DAYS:
        calendar.pass_by(DAYS[deed])
    else:
        DEEDS[deed](till, customer, prices)


NEVER_PAYS = [
    ("a card that fails", None, False, False),
    ("a month", "duplicate", True, True),
    ("a week", "drop", True, True),
]
STAYS = [
    ("cancel at the end", "duplicate", True, True),
    ("stay", "reorder", True, False),
    ("a month", None, True, True),
]


@example(NEVER_PAYS)
@example(STAYS)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=2, max_size=6))
def test_each_mail_goes_once_and_what_is_so_in_the_end_was_told(
    till: Till,
    calendar: Calendar,
    alice: Member,
    mallory: Member,
    prices: dict[str, str],
    steps: list[tuple[str, str | None, bool, bool]],
) -> None:
    Customer.unscoped.all().delete()
    StripeEvent.objects.all().delete()
    mail.outbox.clear()
    calendar.till = till
    customer = beginning.begin(alice.workspace_id)
    beginning.begin(mallory.workspace_id)
    customer.stripe_customer_id = till.v1.customers.create({"name": "Acme"}).id
    customer.save()
    for deed, fault, works, sends in [("subscribe", None, True, True), *steps]:
        if fault is not None:
            till.act("faults", method="webhooks", kind=fault, count=1000, seconds=0.05, copies=2)
        do(till, calendar, customer, prices, deed)
        till.hushed()
        if works:
            inbox.work()
            mirroring.settle_those_due()
        if sends:
            mailing.send_due()
        till.http.delete("/_control/faults")
    catch_up(till)
    mirroring.settle(customer)
    while mailing.send_due():
        pass
    ids = [sent.extra_headers["Message-ID"] for sent in mail.outbox]
    assert len(ids) == len(set(ids))
    assert not untold(customer)
    assert {sent.to[0] for sent in mail.outbox if "Acme" in sent.subject} <= {"alice@acme.example"}


def untold(customer: Customer) -> list[tuple[str, str]]:
    """What is so now, is not old news, and was not told."""
    found, now = Customer.unscoped.get(pk=customer.pk), timezone.now()
    subscription = mirroring.live_subscription(found)
    case = Case(found, subscription, standing(found, subscription, now), now)
    due = [one for one in owed.owed_now(case) if one.due_at <= now < one.due_at + owed.STALE]
    sent = set(BillingMail.objects.filter(sent_at__isnull=False).values_list("kind", "key"))
    return [(one.kind, one.key) for one in due if (one.kind, one.key) not in sent]


@pytest.mark.parametrize("times", [1, 2, 5])
def test_a_repeated_look_tells_nothing_again(
    till: Till, calendar: Calendar, alice: Member, prices: dict[str, str], times: int
) -> None:
    customer = beginning.begin(alice.workspace_id)
    customer.stripe_customer_id = till.v1.customers.create({"name": "Acme"}).id
    customer.save()
    till.subscribe(customer, prices["team"])
    catch_up(till)
    for _ in range(times):
        inbox.look_again(customer)
        mirroring.settle(customer)
        mailing.send_due()
    assert [sent.subject for sent in mail.outbox] == ["Acme has Team now"]


def test_two_workers_at_once_send_one_mail(paid_for: object, transactional_db: None, alice: Member) -> None:
    customer = beginning.begin(alice.workspace_id)
    due = BillingMail.objects.filter(customer=customer)
    due.update(due_at=timezone.now())
    Customer.unscoped.update(trial_ends_at=timezone.now() + timedelta(days=2))
    mirroring.settle(customer)

    def held() -> list[Customer]:
        return list(Customer.unscoped.select_for_update())

    at_once(held, mailing.send_due, mailing.send_due)
    assert [sent.subject.partition(" ends")[0] for sent in mail.outbox] == ["The trial of Acme"]
