"""B5, B6: the mirror becomes what the latest look found; a look that began earlier and comes later changes nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Member, Workspace
from billing.actions import mirroring
from billing.events import Settled, listeners
from billing.gateway import CustomerNow, InvoiceNow, SubscriptionNow
from billing.models import Customer, Invoice, Subscription
from billing.plans import BUSINESS, FREE, TEAM, Plan
from billing.standing import GRACE, Standing, Why
from tests.billing.till import known_as

pytestmark = pytest.mark.django_db
THEN = datetime(2027, 1, 1, tzinfo=UTC)
NOTHING = CustomerNow(is_deleted=False, delinquent=False, subscriptions=(), invoices=())
SUBSCRIPTION = SubscriptionNow(
    id="sub_1",
    status="active",
    plan="team",
    price_id="price_1",
    item_id="si_1",
    quantity=3,
    period_start=THEN,
    period_end=THEN + timedelta(days=31),
    trial_end=None,
    cancel_at=None,
    cancel_at_period_end=False,
    ended_at=None,
    pending_update_expires_at=None,
    schedule_id="",
    next_plan="",
    latest_invoice_id="in_1",
    stripe_created=THEN,
)
INVOICE = InvoiceNow(
    id="in_1",
    subscription_id="sub_1",
    number="A-1",
    status="paid",
    reason="subscription_create",
    total=4500,
    amount_due=4500,
    currency="eur",
    attempts=1,
    next_attempt_at=None,
    stripe_created=THEN,
)
PAID = replace(NOTHING, subscriptions=(SUBSCRIPTION,), invoices=(INVOICE,))
OVERDUE = replace(
    PAID,
    delinquent=True,
    subscriptions=(replace(SUBSCRIPTION, status="past_due"),),
    invoices=(replace(INVOICE, status="open"),),
)


@pytest.fixture
def customer(alice: Member) -> Customer:
    return known_as(alice, "cus_1")


def look(customer: Customer, found: CustomerNow) -> Standing | None:
    return mirroring.write_look(customer, mirroring.begin_look(customer), found)


def plan_of(customer: Customer) -> str:
    return Workspace.objects.get(pk=customer.workspace_id).plan_name


def test_what_is_paid_for_is_given_at_once(customer: Customer) -> None:
    look(customer, PAID)
    assert Workspace.objects.get(pk=customer.workspace_id).entitlements == TEAM.entitlements
    row = Subscription.objects.values().get()
    assert (row["id"], row["quantity"], row["status"]) == ("sub_1", 3, "active")
    assert Invoice.objects.get().total == 4500


def test_an_answer_that_comes_late_changes_nothing(customer: Customer) -> None:
    early, late = mirroring.begin_look(customer), mirroring.begin_look(customer)
    mirroring.write_look(customer, late, PAID)
    assert mirroring.write_look(customer, early, NOTHING) is None
    assert mirroring.write_look(customer, late, NOTHING) is None
    assert plan_of(customer) == TEAM.name


@pytest.mark.parametrize(
    ("looks", "plan"),
    [
        ([PAID, replace(PAID, subscriptions=(replace(SUBSCRIPTION, plan="business"),))], BUSINESS),
        ([PAID, replace(PAID, subscriptions=(replace(SUBSCRIPTION, status="canceled"),))], FREE),
        ([PAID, OVERDUE, PAID], TEAM),
        ([PAID, NOTHING], FREE),
    ],
    ids=["upgraded", "cancelled", "recovered", "gone"],
)
def test_the_latest_look_decides_whatever_was_before(
    customer: Customer, looks: list[CustomerNow], plan: Plan
) -> None:
    for found in [*looks, looks[-1]]:
        look(customer, found)
    assert plan_of(customer) == plan.name
    assert Subscription.objects.count() == len(looks[-1].subscriptions)


def test_grace_begins_with_the_first_failure_and_ends_with_the_payment(customer: Customer) -> None:
    where = look(customer, OVERDUE)
    assert where is not None
    assert where.why == Why.GRACE
    first = Customer.unscoped.get().first_failed_at
    look(customer, OVERDUE)
    customer = Customer.unscoped.get()
    assert customer.first_failed_at == first
    assert first is not None
    assert customer.settle_at == first + GRACE
    look(customer, PAID)
    customer = Customer.unscoped.get()
    assert (customer.first_failed_at, customer.settle_at) == (None, None)


def test_grace_ends_by_the_clock_alone(customer: Customer) -> None:
    look(customer, OVERDUE)
    Customer.unscoped.update(first_failed_at=timezone.now() - GRACE)
    assert mirroring.settle(customer).why == Why.OVERDUE
    assert plan_of(customer) == FREE.name


def test_of_two_subscriptions_the_older_one_counts(customer: Customer) -> None:
    second = replace(SUBSCRIPTION, id="sub_2", plan="business", stripe_created=THEN + timedelta(days=1))
    look(customer, replace(PAID, subscriptions=(second, SUBSCRIPTION)))
    assert plan_of(customer) == TEAM.name


def test_a_customer_that_was_deleted_at_stripe_is_one_who_never_paid(customer: Customer) -> None:
    look(customer, PAID)
    look(customer, replace(NOTHING, is_deleted=True))
    assert Customer.unscoped.get().stripe_customer_id is None
    assert plan_of(customer) == FREE.name


def test_one_who_cannot_be_settled_holds_nobody_up(
    customer: Customer, mallory: Member, caplog: pytest.LogCaptureFixture
) -> None:
    hers, _ = Customer.unscoped.get_or_create(workspace=mallory.workspace)
    past = timezone.now() - timedelta(days=1)
    Customer.unscoped.update(trial_ends_at=past, settle_at=past)
    Customer.unscoped.filter(pk=customer.pk).update(settle_at=past - timedelta(days=1))

    def stumble(fact: Settled) -> None:
        if fact.customer.pk == customer.pk:
            raise ValueError

    listeners.append(stumble)
    try:
        assert mirroring.settle_those_due() == 1
    finally:
        listeners.remove(stumble)
    assert "could not be settled" in caplog.text
    assert Customer.unscoped.get(pk=hers.pk).settle_at is None


def test_an_answer_about_a_customer_of_before_changes_nothing(customer: Customer) -> None:
    """They were deleted at Stripe, and by the time we hear of it have gone to pay anew."""
    ticket = mirroring.begin_look(customer)
    Customer.unscoped.update(stripe_customer_id="cus_2")
    assert mirroring.write_look(customer, ticket, replace(NOTHING, is_deleted=True)) is None
    assert Customer.unscoped.get().stripe_customer_id == "cus_2"


@pytest.mark.parametrize("deed", ["settled", "looked at"])
def test_the_workspace_is_held_before_its_customer(customer: Customer, deed: str) -> None:
    """As whoever changes the team does, who then notes at the customer that seats are to be counted."""
    ticket = mirroring.begin_look(customer)
    with CaptureQueriesContext(connection) as asked:
        if deed == "settled":
            mirroring.settle(customer)
        else:
            mirroring.write_look(customer, ticket, PAID)
    reads = [one["sql"] for one in asked if one["sql"].startswith("SELECT")]
    assert '"accounts_workspace"."id"' in reads[0]
    assert 'FROM "billing_customer"' in reads[1]


def test_nobody_elses_workspace_is_touched(customer: Customer, mallory: Member) -> None:
    before = mallory.workspace.entitlements
    look(customer, PAID)
    look(customer, NOTHING)
    assert Workspace.objects.get(pk=mallory.workspace_id).entitlements == before
