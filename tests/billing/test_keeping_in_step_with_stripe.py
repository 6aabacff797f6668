"""B5, B6: whatever happens to the webhooks, in the end the mirror is what Stripe has, and so is what one may have."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import Member, Workspace
from billing import gateway, inbox
from billing.actions import mirroring
from billing.models import Customer, Invoice, StripeEvent, Subscription
from tests.billing.till import ASKS_AT_RENEWALS, FAILS_LATER, Till, known_as


@pytest.fixture
def customer(till: Till, alice: Member) -> Customer:
    return newly(till, alice)


def newly(till: Till, member: Member) -> Customer:
    found = till.v1.customers.create({"email": "alice@acme.example", "name": "Acme GmbH"})
    return known_as(member, found.id)


def catch_up(till: Till) -> None:
    """As the sweeps do it; what waits for a pause is due at once."""
    till.hushed()
    inbox.find_missed()
    while StripeEvent.objects.filter(state=StripeEvent.State.NEW).exists():
        StripeEvent.objects.filter(state=StripeEvent.State.NEW).update(due_at=timezone.now())
        inbox.work()


def plan_of(customer: Customer) -> str:
    return Workspace.objects.get(pk=customer.workspace_id).plan_name


def mirror() -> dict[str, list[dict[str, Any]]]:
    models: tuple[Any, ...] = (Subscription, Invoice)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def test_whoever_pays_has_it_when_stripe_says_so(
    till: Till, customer: Customer, prices: dict[str, str]
) -> None:
    till.subscribe(customer, prices["team"], seats=3)
    catch_up(till)
    (row,) = Subscription.objects.all()
    assert (row.status, row.plan, row.quantity) == ("active", "team", 3)
    assert plan_of(customer) == "Team"
    assert [bill.total for bill in Invoice.objects.all()] == [4500]


def test_many_events_of_one_customer_are_one_look(
    till: Till, customer: Customer, prices: dict[str, str]
) -> None:
    till.subscribe(customer, prices["team"])
    till.settled()
    assert StripeEvent.objects.count() > 4
    inbox.work()
    assert Customer.unscoped.get().looks == 1
    assert set(StripeEvent.objects.values_list("state", flat=True)) == {"done"}


def test_what_the_door_never_got_is_asked_for(till: Till, customer: Customer, prices: dict[str, str]) -> None:
    catch_up(till)
    till.act("faults", method="webhooks", kind="drop", count=1000)
    till.subscribe(customer, prices["business"])
    till.settled()
    assert not StripeEvent.objects.filter(state=StripeEvent.State.NEW).exists()
    catch_up(till)
    assert plan_of(customer) == "Business"


def test_a_renewal_that_the_bank_asks_about_has_grace_and_recovers(
    till: Till, customer: Customer, prices: dict[str, str]
) -> None:
    till.subscribe(customer, prices["team"], card=ASKS_AT_RENEWALS)
    till.advance(31.2)
    catch_up(till)
    assert Subscription.objects.get().status == "past_due"
    assert plan_of(customer) == "Team"
    assert Customer.unscoped.get().settle_at is not None
    bill = Invoice.objects.get(status="open")
    till.act("pay_invoice", invoice=bill.pk, challenge="pass")
    catch_up(till)
    assert (Subscription.objects.get().status, Customer.unscoped.get().first_failed_at) == ("active", None)


def test_who_never_pays_again_is_let_down_gently(
    till: Till, customer: Customer, prices: dict[str, str]
) -> None:
    till.subscribe(customer, prices["team"], card=ASKS_AT_RENEWALS)
    till.advance(50)
    catch_up(till)
    assert Subscription.objects.get().status == "canceled"
    assert plan_of(customer) == "Free"


def test_an_event_of_somebody_elses_customer_is_let_go(till: Till, customer: Customer) -> None:
    till.v1.customers.create({"email": "mallory@globex.example"})
    catch_up(till)
    states = dict(StripeEvent.objects.values_list("stripe_customer_id", "state"))
    assert states.pop(str(customer.stripe_customer_id)) == "done"
    assert set(states.values()) == {"ignored"}


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        ({"kind": "status", "status": 500}, "APIError"),
        ({"kind": "ratelimit"}, "RateLimitError"),
        ({"kind": "drop_before_commit"}, "APIConnectionError"),
        ({"kind": "garbage"}, "APIError"),
    ],
)
def test_while_stripe_is_away_nothing_is_lost_and_nothing_changes(
    till: Till, customer: Customer, prices: dict[str, str], fault: dict[str, Any], word: str
) -> None:
    till.subscribe(customer, prices["team"])
    till.settled()
    till.act("faults", method="subscriptions.list", count=1000, **fault)
    inbox.work()
    event = StripeEvent.objects.filter(state="new").first()
    assert event is not None
    assert (event.attempts, word in event.problem) == (1, True)
    assert timedelta() < event.due_at - timezone.now() < timedelta(seconds=2)
    assert not Subscription.objects.exists()
    till.http.delete("/_control/faults")
    catch_up(till)
    assert plan_of(customer) == "Team"


def test_a_wrong_key_is_said_without_the_key(
    till: Till, customer: Customer, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    till.settled()
    settings.STRIPE_SECRET_KEY = "sk_test_somebody_elses_canary"
    gateway.client.cache_clear()
    inbox.work()
    assert "AuthenticationError" in caplog.text
    assert (
        "canary"
        not in caplog.text + StripeEvent.objects.filter(state="new").values_list("problem", flat=True)[0]
    )


def test_a_customer_deleted_at_stripe_is_free(till: Till, customer: Customer, prices: dict[str, str]) -> None:
    till.subscribe(customer, prices["team"])
    catch_up(till)
    till.v1.customers.delete(customer.stripe_customer_id)
    catch_up(till)
    assert plan_of(customer) == "Free"
    assert Customer.unscoped.get().stripe_customer_id is None


WEBHOOKS = ("duplicate", "reorder", "delay", "drop", "bad_signature", "old_timestamp", "api_version")
Deed = Callable[[Till, Customer, dict[str, str]], object]


def live(till: Till, customer: Customer) -> Any:
    found = till.v1.subscriptions.list({"customer": customer.stripe_customer_id}).data
    return found[0] if found else None


def subscribe(till: Till, customer: Customer, prices: dict[str, str]) -> None:
    if live(till, customer) is None:
        till.subscribe(customer, prices["team"])


def change(what: Callable[[Any, dict[str, str]], dict[str, Any]]) -> Deed:
    def deed(till: Till, customer: Customer, prices: dict[str, str]) -> None:
        found = live(till, customer)
        if found is not None and found.status == "active":
            till.v1.subscriptions.update(found.id, what(found, prices))

    return deed


def cancel_now(till: Till, customer: Customer, prices: dict[str, str]) -> None:
    if (found := live(till, customer)) is not None:
        till.v1.subscriptions.cancel(found.id)


def bad_card(till: Till, customer: Customer, prices: dict[str, str]) -> None:
    if live(till, customer) is not None:
        till.act("card", customer=customer.stripe_customer_id, card=FAILS_LATER)


DEEDS: dict[str, Deed] = {
    "subscribe": subscribe,
    "upgrade": change(
        lambda found, prices: {
            "items": [{"id": found["items"].data[0].id, "price": prices["business"], "quantity": 2}]
        }
    ),
    "seats": change(lambda found, prices: {"items": [{"id": found["items"].data[0].id, "quantity": 5}]}),
    "cancel at the end": change(lambda found, prices: {"cancel_at_period_end": True}),
    "stay": change(lambda found, prices: {"cancel_at_period_end": False}),
    "cancel now": cancel_now,
    "a card that fails": bad_card,
    "a week": lambda till, *_: till.advance(7),
    "a month": lambda till, *_: till.advance(31.2),
}


@example([("upgrade", "drop", True)])
@example([("cancel now", "api_version", True)])
@example(
    [("a month", "duplicate", False), ("seats", "reorder", True), ("cancel now", "bad_signature", False)]
)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    deeds=st.lists(
        st.tuples(st.sampled_from(sorted(DEEDS)), st.none() | st.sampled_from(WEBHOOKS), st.booleans()),
        min_size=2,
        max_size=7,
    )
)
def test_any_order_repetition_or_loss_ends_in_what_a_fresh_look_gives(
    till: Till, alice: Member, prices: dict[str, str], deeds: list[tuple[str, str | None, bool]]
) -> None:
    Customer.unscoped.all().delete()
    StripeEvent.objects.all().delete()
    customer = newly(till, alice)
    for name, fault, works in [("subscribe", None, True), *deeds]:
        if fault is not None:
            till.act("faults", method="webhooks", kind=fault, count=1000, seconds=0.05, copies=2)
        DEEDS[name](till, customer, prices)
        till.hushed()
        if works:
            inbox.work()
        till.http.delete("/_control/faults")
    catch_up(till)
    found, given_now = mirror(), plan_of(customer)
    inbox.look_again(customer)
    assert (mirror(), plan_of(customer)) == (found, given_now)
    assert mirroring.settle(customer).plan.name == given_now
