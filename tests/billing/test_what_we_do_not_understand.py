"""B6: what Stripe says and we do not understand counts as past due, with its grace, and operators hear of it once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Member, Workspace
from billing import inbox
from billing.actions import mirroring
from billing.models import Customer, StripeEvent, Subscription
from billing.standing import GRACE, Why
from tests.billing.saying import Saying
from tests.billing.stripe_says import sample
from tests.billing.till import known_as

CUSTOMER = "cus_SampleAcme001"
pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(saying: Saying, alice: Member) -> Customer:
    saying.has(sample("customer.created")["data"]["object"])
    return known_as(alice, CUSTOMER)


def subscription(status: str = "active", price: str = "team_monthly_v1", **other: Any) -> dict[str, Any]:
    thing: dict[str, Any] = sample("customer.subscription.updated__renewed")["data"]["object"]
    thing["items"]["data"][0]["price"]["lookup_key"] = price
    return thing | {"status": status} | other


def look(customer: Customer) -> Any:
    inbox.look_again(customer)
    customer.refresh_from_db(from_queryset=Customer.unscoped.all())
    return mirroring.settle(customer)


def plan_of(customer: Customer) -> str:
    return Workspace.objects.get(pk=customer.workspace_id).plan_name


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]


@pytest.mark.parametrize("status", ["a_word_of_tomorrow", "past_due"])
def test_a_status_of_tomorrow_has_the_grace_of_one_past_due_and_no_more(
    saying: Saying, customer: Customer, status: str
) -> None:
    """Also where no invoice says since when: nobody has a plan for ever by a word that we cannot read."""
    saying.has(subscription(status))
    first = look(customer)
    assert (first.plan.name, first.why) == ("Team", Why.GRACE)
    assert first.until is not None
    assert abs(first.until - timezone.now() - GRACE) < timedelta(minutes=1)
    assert look(customer).until == first.until
    Customer.unscoped.update(first_failed_at=timezone.now() - GRACE)
    assert look(customer).why == Why.OVERDUE
    assert plan_of(customer) == "Free"
    saying.has(subscription("active"))
    assert look(customer).why == Why.PAID
    assert Customer.unscoped.get().first_failed_at is None


def test_the_grace_of_an_unknown_word_ends_by_the_clock_alone(saying: Saying, customer: Customer) -> None:
    saying.has(subscription("a_word_of_tomorrow"))
    look(customer)
    Customer.unscoped.update(
        first_failed_at=timezone.now() - GRACE, settle_at=timezone.now() - timedelta(seconds=1)
    )
    assert mirroring.settle_those_due() == 1
    assert plan_of(customer) == "Free"


def test_an_operator_hears_of_each_change_once(
    saying: Saying, customer: Customer, caplog: pytest.LogCaptureFixture
) -> None:
    def heard(*said: dict[str, Any]) -> int:
        caplog.clear()
        saying.has(*said)
        look(customer)
        look(customer)
        return len(errors(caplog))

    assert heard(subscription("active")) == 0
    assert heard(subscription("a_word_of_tomorrow")) == 1
    assert heard(subscription("another_word")) == 1
    assert heard(subscription("active")) == 0
    assert heard(subscription("active", price="made_by_hand")) == 1
    assert heard(subscription("a_word_of_tomorrow", price="made_by_hand")) == 1
    assert heard(subscription("canceled", price="made_by_hand")) == 0


def test_what_the_operator_hears_names_the_subscription_and_the_word(
    saying: Saying, customer: Customer, caplog: pytest.LogCaptureFixture
) -> None:
    saying.has(subscription("a_word_of_tomorrow", price="made_by_hand"))
    look(customer)
    status, price = errors(caplog)
    assert "sub_SampleAcme001" in status
    assert "“a_word_of_tomorrow” is not known here. It counts as past due." in status
    assert "is of no plan. It gives what Free gives." in price
    assert plan_of(customer) == "Free"


@pytest.mark.parametrize(
    ("items", "plan", "seats"),
    [
        (lambda one: [], "", 0),
        (lambda one: [{name: one[name] for name in one if name != "quantity"}], "team", 0),
        (lambda one: [one | {"quantity": None}], "team", 0),
        (lambda one: [{**one, "id": "si_2", "price": one["price"] | {"lookup_key": None}}, one], "team", 3),
        (lambda one: [one | {"price": one["price"] | {"lookup_key": None}}], "", 3),
    ],
    ids=["nothing in it", "metered", "no quantity", "something beside it", "a price without a name"],
)
def test_what_was_made_by_hand_at_stripe_is_read_as_far_as_it_goes(
    saying: Saying, customer: Customer, items: Any, plan: str, seats: int
) -> None:
    thing = subscription()
    thing["items"]["data"] = items(thing["items"]["data"][0])
    saying.has(thing)
    look(customer)
    row = Subscription.objects.get()
    assert (row.plan, row.quantity, row.status) == (plan, seats, "active")


@pytest.mark.parametrize("older", ["incomplete", "paused", "unpaid", "past_due", "a_word_of_tomorrow"])
def test_who_pays_has_it_whatever_lies_there_from_before(
    saying: Saying, customer: Customer, older: str
) -> None:
    """A payment that was left at the bank is incomplete for a day, and they have paid with another card since."""
    saying.has(subscription(older), subscription("active", id="sub_2", created=1_900_000_000))
    assert look(customer).why == Why.PAID
    assert plan_of(customer) == "Team"


def test_one_customer_who_cannot_be_read_holds_nobody_up(
    saying: Saying, customer: Customer, mallory: Member, caplog: pytest.LogCaptureFixture
) -> None:
    saying.has(subscription(items="nothing that Stripe would say"))
    saying.objects["cus_Globex"] = saying.objects[CUSTOMER] | {"id": "cus_Globex"}
    known_as(mallory, "cus_Globex")
    now = timezone.now()
    for name, owner in (("evt_1", CUSTOMER), ("evt_2", "cus_Globex")):
        StripeEvent.objects.create(
            id=name, type="invoice.paid", stripe_customer_id=owner, created_at=now, due_at=now
        )
    assert inbox.work() == 2
    first = StripeEvent.objects.get(pk="evt_1")
    assert (first.state, first.attempts) == ("new", 1)
    assert first.problem
    assert errors(caplog)
    assert StripeEvent.objects.get(pk="evt_2").state == "done"


def test_who_pays_twice_is_told_of_once(
    saying: Saying, customer: Customer, caplog: pytest.LogCaptureFixture
) -> None:
    """Two pages of Checkout that were paid in one moment, or one more that was made by hand."""
    left_at_the_bank = subscription("incomplete", id="sub_0", created=1_700_000_000)
    saying.has(left_at_the_bank, subscription())
    look(customer)
    assert errors(caplog) == []
    saying.has(subscription(id="sub_2", created=1_900_000_000))
    look(customer)
    look(customer)
    told = "customer cus_SampleAcme001 has more than one subscription: end the newer one at Stripe"
    assert [one for one in errors(caplog) if told in one] == errors(caplog)
    assert len(errors(caplog)) == 1
    assert mirroring.live_subscription(customer) == Subscription.objects.get(pk="sub_SampleAcme001")
