"""B5: what nobody mends by waiting reaches whoever runs the server, at the level that wakes them, and once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Member
from billing import inbox, seating
from billing.actions import events
from billing.errors import BillingError, Later, Refused, Shut
from billing.models import Customer, StripeEvent
from tests.billing.saying import Saying
from tests.billing.stripe_says import response, sample
from tests.billing.till import known_as

CUSTOMER = "cus_SampleAcme001"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def customer(saying: Saying, alice: Member) -> Customer:
    saying.has(sample("customer.created")["data"]["object"])
    return known_as(alice, CUSTOMER)


def event(kind: str = "invoice.paid", owner: str = CUSTOMER, name: str = "evt_1") -> StripeEvent:
    now = timezone.now()
    return StripeEvent.objects.create(
        id=name, type=kind, object_id="thing_1", stripe_customer_id=owner, created_at=now, due_at=now
    )


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]


@pytest.mark.parametrize(
    ("error", "given_up"),
    [(Refused("InvalidRequestError resource_missing"), True), (Shut("AuthenticationError"), True),
     (Later("APIConnectionError"), False)],
)  # fmt: skip
def test_an_event_that_is_given_up_is_told(
    db: None, error: BillingError, given_up: bool, caplog: pytest.LogCaptureFixture
) -> None:
    row = event()
    StripeEvent.objects.update(attempts=events.MOST_TRIES - 1)
    events.again_later([row.pk], error)
    assert StripeEvent.objects.get().state == ("dead" if given_up else "new")
    told = [f"event evt_1 of Stripe (invoice.paid) is given up: {error.problem}"]
    assert errors(caplog) == (told if given_up else [])


def test_a_key_that_is_wrong_wakes_somebody_and_a_stripe_that_is_away_does_not(
    saying: Saying, customer: Customer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stripe._http_client.HTTPClient._sleep_time_seconds", lambda *_, **__: 0)
    event()
    saying.reply = lambda verb, path: response("error.500_api_error")
    inbox.work()
    assert errors(caplog) == []
    StripeEvent.objects.update(due_at=timezone.now())
    saying.reply = lambda verb, path: response("error.401_invalid_key")
    inbox.work()
    assert errors(caplog) == ["a look at Stripe failed: AuthenticationError req_SampleErr"]


@pytest.mark.parametrize(
    ("kind", "owner", "told"),
    [
        ("charge.dispute.created", "", True),
        ("radar.early_fraud_warning.created", "", True),
        ("invoice.finalization_failed", CUSTOMER, True),
        ("invoice.finalization_failed", "cus_of_another_product", False),
        ("customer.deleted", CUSTOMER, True),
        ("customer.deleted", "cus_of_another_product", False),
        ("charge.dispute.closed", "", False),
        ("invoice.paid", CUSTOMER, False),
    ],
)
def test_what_only_people_can_answer_is_told_once(
    saying: Saying, customer: Customer, kind: str, owner: str, told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    event(kind, owner)
    inbox.work()
    inbox.work()
    assert errors(caplog) == ([f"Stripe tells of {kind}: see thing_1 in its dashboard"] if told else [])


def test_what_was_worked_long_ago_goes_and_what_was_given_up_stays(db: None) -> None:
    for number, state in enumerate(StripeEvent.State.values):
        for age in (1, 91):
            row = event(name=f"evt_{number}_{age}")
            StripeEvent.objects.filter(pk=row.pk).update(
                state=state, received_at=timezone.now() - timedelta(days=age)
            )
    assert events.forget_old() == 2
    left = StripeEvent.objects.filter(pk__endswith="_91").values_list("state", flat=True)
    assert set(left) == {"new", "dead"}
    assert events.forget_old() == 0


def test_one_whose_seats_cannot_be_counted_holds_nobody_up(
    saying: Saying, customer: Customer, mallory: Member, caplog: pytest.LogCaptureFixture
) -> None:
    payer = saying.objects[CUSTOMER]
    broken = sample("customer.subscription.updated__renewed")["data"]["object"] | {"items": "odd"}
    saying.has(broken, payer | {"id": "cus_Globex"})
    hers = known_as(mallory, "cus_Globex")
    due = timezone.now() - timedelta(minutes=1)
    Customer.unscoped.filter(pk=customer.pk).update(seats_due_at=due - timedelta(minutes=1))
    Customer.unscoped.filter(pk=hers.pk).update(seats_due_at=due)
    assert seating.work() == 2
    assert "could not be counted" in caplog.text
    assert Customer.unscoped.get(pk=hers.pk).written_look == 1
