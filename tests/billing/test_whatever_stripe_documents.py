"""B5: every event and every answer that Stripe documents is taken, in any order, and ends in what Stripe has."""

import itertools
import json
import random
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Member, Workspace
from billing import gateway, inbox, orders
from billing.errors import BillingError, Declined, Later, Refused, Shut
from billing.models import Customer, Invoice, StripeEvent, Subscription
from billing.plans import PLANS, TEAM
from tests import web
from tests.billing.saying import Saying
from tests.billing.stripe_says import ANSWERS, NAMES, SAMPLES, raw, response, sample, signed
from tests.billing.till import known_as
from tests.serving import Served

SHARED = Path(__file__).parents[3] / "shared" / "samples" / "stripe"
CUSTOMER = "cus_SampleAcme001"
# the samples' catalogue, as ours has it
OURS = {"pro_monthly": "team_monthly_v1", "business_monthly": "business_monthly_v1"}
# of whom they do not say whose they are
NOBODYS = {
    "charge.dispute.closed__lost",
    "charge.dispute.created",
    "payment_method.detached",
    "radar.early_fraud_warning.created",
    "test_helpers.test_clock.ready",
}
# what somebody has to answer by hand
FOR_PEOPLE = {
    "charge.dispute.created",
    "customer.deleted",
    "invoice.finalization_failed",
    "radar.early_fraud_warning.created",
}


@pytest.fixture
def customer(saying: Saying, alice: Member) -> Customer:
    saying.has(sample("customer.created")["data"]["object"])
    return known_as(alice, CUSTOMER)


def happens(saying: Saying, *names: str) -> None:
    """At Stripe; what it tells of it comes when a test delivers it."""
    for name in names:
        thing = sample(name)["data"]["object"]
        if name == "customer.deleted":
            thing = response("customer.retrieve__deleted")[2]
        if thing["object"] in ("subscription", "invoice", "customer") and "id" in thing:
            saying.has(thing)


def with_our_prices(saying: Saying) -> None:
    """What it says from now on is said of our catalogue."""
    for thing in saying.objects.values():
        for item in thing.get("items", {}).get("data", []) if thing["object"] == "subscription" else []:
            item["price"]["lookup_key"] = OURS[item["price"]["lookup_key"]]


def deliver(server: Served, name: str) -> None:
    body = raw(sample(name))
    answer = web.post(
        f"{server.url}/stripe/webhook", content=body, headers={"Stripe-Signature": signed(body)}
    )
    assert (answer.status_code, answer.content) == (200, b"")


def mirror() -> list[list[dict[str, Any]]]:
    models: tuple[Any, ...] = (Subscription, Invoice)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.skipif(not SHARED.exists(), reason="the samples' home is not here")
@pytest.mark.parametrize("folder", ["events", "responses"])
def test_the_samples_here_are_all_that_there_are(folder: str) -> None:
    here, there = ({one.name: json.loads(one.read_text()) for one in (place / folder).glob("*.json")}
                   for place in (SAMPLES, SHARED))  # fmt: skip
    assert here == there
    assert len(here) >= (55 if folder == "events" else 13)


@pytest.mark.parametrize("name", NAMES)
def test_every_event_is_recorded_and_worked(
    server: Served, saying: Saying, customer: Customer, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    happens(saying, name)
    with_our_prices(saying)
    deliver(server, name)
    inbox.work()
    row = StripeEvent.objects.get()
    assert (row.state, row.attempts, row.problem) == ("ignored" if name in NOBODYS else "done", 0, "")
    thing = sample(name)["data"]["object"]
    mirrored = {"subscription": Subscription, "invoice": Invoice}.get(thing["object"])
    if mirrored is not None and "id" in thing:
        assert mirrored._default_manager.values_list("pk", "status").get() == (thing["id"], thing["status"])
    if thing["object"] == "subscription":
        assert Subscription.objects.get().plan == ("business" if "business" in name else "team")
    said = [one.getMessage() for one in caplog.records if one.levelname in ("WARNING", "ERROR")]
    assert len(said) == (1 if name in FOR_PEOPLE else 0), said
    inbox.work()
    assert StripeEvent.objects.get().state == row.state


# what a customer lives through: everything that is told of it, and what they may have in the end
SUB, INVOICE = "customer.subscription", "invoice"
LOST = [
    f"{SUB}.updated__renewed",
    f"{INVOICE}.payment_action_required",
    f"{INVOICE}.payment_failed__first_try",
    f"{SUB}.updated__active_to_past_due",
    f"{INVOICE}.payment_failed__last_try",
]
LIVES: dict[str, tuple[list[str], str]] = {
    "3-D Secure at Checkout": (
        [
            f"{SUB}.created__incomplete",
            "invoice.created",
            "invoice.finalized",
            "invoice.paid__subscription_create",
            f"{SUB}.updated__incomplete_to_active",
            "checkout.session.completed__paid",
        ],
        "Team",
    ),
    "a trial that is paid for": (
        [
            f"{SUB}.created__trialing",
            "invoice.paid__trial_zero",
            "checkout.session.completed__trial_no_card",
            f"{SUB}.trial_will_end",
            f"{SUB}.updated__trialing_to_active",
        ],
        "Team",
    ),
    "a trial without a card": (
        [
            f"{SUB}.created__trialing",
            "invoice.paid__trial_zero",
            f"{SUB}.trial_will_end",
            f"{SUB}.paused__trial_end",
        ],
        "Free",
    ),
    "paused and resumed": ([f"{SUB}.paused__trial_end", f"{SUB}.resumed"], "Team"),
    "a renewal": (
        ["invoice.upcoming", f"{SUB}.updated__renewed", "invoice.paid__subscription_cycle"],
        "Team",
    ),
    "a renewal that is recovered": (
        [*LOST[:4], "invoice.paid__subscription_cycle", f"{SUB}.updated__past_due_to_active"],
        "Team",
    ),
    "in grace": (LOST[:4], "Team"),
    "unpaid": ([*LOST, f"{SUB}.updated__past_due_to_unpaid"], "Free"),
    "cancelled for not paying": (
        [*LOST, f"{SUB}.deleted__payment_failed", "invoice.marked_uncollectible"],
        "Free",
    ),
    "more seats": (
        [f"{SUB}.updated__quantity_3_to_5", "invoice.paid__subscription_update_proration"],
        "Team",
    ),
    "more seats with 3-D Secure": (
        [f"{SUB}.updated__pending_update", f"{SUB}.pending_update_applied"],
        "Team",
    ),
    "more seats that were never paid": (
        [f"{SUB}.updated__pending_update", f"{SUB}.pending_update_expired"],
        "Team",
    ),
    "an upgrade": ([f"{SUB}.updated__renewed", f"{SUB}.updated__upgrade_to_business"], "Business"),
    "leaving at the end, and staying": (
        [f"{SUB}.updated__cancel_at_period_end", f"{SUB}.updated__cancel_undone"],
        "Team",
    ),
    "leaving": ([f"{SUB}.updated__cancel_at_period_end", f"{SUB}.deleted__requested"], "Free"),
    "a downgrade": (
        [
            "subscription_schedule.updated__downgrade_planned",
            f"{SUB}.updated__renewed",
            "subscription_schedule.released",
        ],
        "Team",
    ),
    "left at the bank": (
        ["checkout.session.expired", f"{SUB}.created__incomplete", f"{SUB}.updated__incomplete_expired"],
        "Free",
    ),
    "fraud": (
        [
            "radar.early_fraud_warning.created",
            "charge.refunded",
            "charge.dispute.created",
            "charge.dispute.closed__lost",
        ],
        "Free",
    ),
    "deleted by hand": ([f"{SUB}.updated__renewed", f"{SUB}.deleted__requested", "customer.deleted"], "Free"),
}


@pytest.mark.parametrize("life", LIVES)
def test_in_whatever_order_a_life_is_told_it_ends_the_same(
    server: Served, saying: Saying, customer: Customer, life: str
) -> None:
    """Twice each, with work in between, and with events that overtake what they tell of."""
    names, plan = LIVES[life]
    happens(saying, *names)
    with_our_prices(saying)
    orders = [*itertools.islice(itertools.permutations(names), 2), tuple(reversed(names))]
    ends = []
    for order in orders:
        StripeEvent.objects.all().delete()
        Customer.unscoped.filter(pk=customer.pk).update(stripe_customer_id=CUSTOMER, first_failed_at=None)
        told = [*order, *order]
        random.Random(life).shuffle(told)
        for name in told:
            deliver(server, name)
            inbox.work()
        assert set(StripeEvent.objects.values_list("state", flat=True)) <= {"done", "ignored"}
        ends.append((mirror(), Workspace.objects.get(pk=customer.workspace_id).plan_name))
    assert ends == [ends[0]] * len(ends)
    assert ends[0][1] == plan


KINDS: dict[str, type[BillingError]] = {
    "error.400_idempotency_mismatch": Refused,
    "error.400_resource_missing": Refused,
    "error.401_invalid_key": Shut,
    "error.402_authentication_required": Declined,
    "error.402_card_declined": Declined,
    "error.404_resource_missing": Refused,
    "error.409_idempotency_in_use": Later,
    "error.429_lock_timeout": Later,
    "error.429_rate_limit": Later,
    "error.500_api_error": Later,
}


@pytest.mark.parametrize("name", [one for one in ANSWERS if one.startswith("error.")])
def test_every_error_is_sorted_and_told_without_its_text(
    server: Served, saying: Saying, customer: Customer, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stripe._http_client.HTTPClient._sleep_time_seconds", lambda *_, **__: 0)
    status, headers, body = response(name)
    saying.reply = lambda verb, path: (status, headers, body)
    with pytest.raises(BillingError) as raised:
        gateway.look(CUSTOMER)
    assert type(raised.value) is KINDS[name]
    assert "sample:" not in raised.value.problem
    assert body["error"].get("code", "") in raised.value.problem
    assert "req_SampleErr" in raised.value.problem
    if isinstance(raised.value, Declined):
        assert raised.value.sentence == body["error"]["message"]
    deliver(server, "invoice.created")
    inbox.work()
    row = StripeEvent.objects.get()
    assert (row.state, row.attempts, row.problem) == ("new", 1, raised.value.problem)
    assert not Subscription.objects.exists()
    saying.reply = lambda verb, path: None
    StripeEvent.objects.update(due_at=timezone.now())
    inbox.work()
    assert StripeEvent.objects.get().state == "done"


def test_the_pages_of_stripe_are_led_to_as_it_answers(saying: Saying) -> None:
    prices = [
        {"id": f"price_{plan.key}", "object": "price", "lookup_key": plan.price.lookup_key}
        for plan in PLANS
        if plan.price is not None
    ]
    lists = {"/v1/prices": prices, "/v1/billing_portal/configurations": []}
    made = {
        "/v1/checkout/sessions": response("checkout.session.create"),
        "/v1/billing_portal/sessions": response("billing_portal.session.create"),
    }

    def reply(verb: str, path: str) -> Any:
        if path in lists:
            return 200, {}, {"object": "list", "url": path, "has_more": False, "data": lists[path]}
        return made.get(path)

    saying.reply = reply
    opened = orders.open_checkout(CUSTOMER, TEAM, 3, "https://app.example.test/billing/", "")
    assert (opened.id, opened.is_open) == ("cs_test_SampleSession001", True)
    assert opened.address == response("checkout.session.create")[2]["url"]
    portal = orders.open_portal(CUSTOMER, "https://app.example.test/billing/", "")
    assert portal == response("billing_portal.session.create")[2]["url"]
    assert {f"POST {path}" for path in made} <= set(saying.asked)


def test_every_answer_is_given_here() -> None:
    others = {"checkout.session.create", "billing_portal.session.create", "customer.retrieve__deleted"}
    assert set(ANSWERS) == others | set(KINDS)


def test_a_customer_who_is_deleted_has_nothing(saying: Saying, customer: Customer) -> None:
    saying.reply = lambda verb, path: response("customer.retrieve__deleted")
    assert gateway.look(CUSTOMER) == gateway.CustomerNow(True, False, (), ())
    inbox.look_again(customer)
    assert Customer.unscoped.get().stripe_customer_id is None


def test_mallorys_workspace_hears_of_none_of_it(
    server: Served, saying: Saying, customer: Customer, mallory: Member
) -> None:
    hers = known_as(mallory, "cus_Globex")
    happens(saying, *NAMES)
    with_our_prices(saying)
    before = Workspace.objects.get(pk=mallory.workspace_id).entitlements
    for name in NAMES:
        deliver(server, name)
    inbox.work()
    assert Workspace.objects.get(pk=mallory.workspace_id).entitlements == before
    assert not hers.subscriptions.exists()
    assert Customer.unscoped.get(pk=hers.pk).looks == 0
