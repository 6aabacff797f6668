"""B6, C12: whoever runs the server sees how each workspace stands with Stripe, and may have it looked at again."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Member
from billing import inbox
from billing.checks import STRIPES_OWN
from billing.models import Customer, StripeEvent, Subscription
from tests.accounts.operators import operators_browser
from tests.billing.till import Till
from tests.conftest import ClientOf

LIST, EVENTS, SUBSCRIPTIONS = (
    f"/admin/billing/{name}/" for name in ("customer", "stripeevent", "subscription")
)
pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client_of: ClientOf) -> Client:
    return operators_browser(client_of)


def stands(member: Member, status: str = "", plan: str = "team", seats: int = 3, **other: Any) -> Customer:
    """A workspace whose subscription is so at Stripe."""
    now, name = timezone.now(), member.workspace.name.lower()
    mine: dict[str, Any] = {
        key: other.pop(key) for key in ("trial_ends_at", "first_failed_at") if key in other
    }
    customer, _ = Customer.unscoped.update_or_create(
        workspace=member.workspace, defaults={"stripe_customer_id": f"cus_{name}", **mine}
    )
    if status:
        Subscription.objects.create(
            **{"id": f"sub_{name}", "customer": customer, "status": status, "plan": plan, "quantity": seats}
            | {"price_id": "price_1", "item_id": "si_1", "stripe_created": now}
            | {"period_end": now + timedelta(days=20), **other}
        )
    return customer


def event(owner: str, state: str = "dead", name: str = "evt_1") -> StripeEvent:
    now = timezone.now() + timedelta(hours=1)
    about = {
        "state": state,
        "attempts": 79,
        "created_at": now,
        "due_at": now,
        "problem": "InvalidRequestError",
    }
    return StripeEvent.objects.create(id=name, type="invoice.paid", stripe_customer_id=owner, **about)


def words(page: Any) -> str:
    """What somebody reads."""
    text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", text)


def rows(operator: Client, query: str = "") -> list[str]:
    found = operator.get(f"{LIST}{query}").context["cl"].result_list
    return [row.workspace.name for row in found]


def act(operator: Client, page: str, action: str, *chosen: Any) -> Any:
    asked = {"action": action, "_selected_action": [str(one.pk) for one in chosen]}
    return operator.post(page, asked, follow=True)


def test_a_row_says_what_they_have_why_and_until_when(
    operator: Client, alice: Member, mallory: Member
) -> None:
    failed = timezone.now() - timedelta(days=3)
    stands(alice, "past_due", seats=7, first_failed_at=failed)
    stands(mallory, trial_ends_at=timezone.now() + timedelta(days=9))
    said = words(operator.get(LIST))
    assert re.search(rf"Acme Team, past due, in grace past_due 7 .* {failed:%-d %b %Y}", said)
    assert re.search(rf"Globex Business, on trial – – {timezone.now() + timedelta(days=9):%-d %b %Y} –", said)


@pytest.mark.parametrize(
    ("status", "plan", "now", "why"),
    [
        ("active", "business", "Business", "paid"),
        ("unpaid", "team", "Free", "past due, grace is over"),
        ("paused", "team", "Free", "paused at Stripe"),
        ("canceled", "team", "Free", "has no plan"),
    ],
)
def test_each_standing_has_its_words(
    operator: Client, alice: Member, status: str, plan: str, now: str, why: str
) -> None:
    stands(alice, status, plan)
    assert f"Acme {now}, {why}" in words(operator.get(LIST))


def test_who_leaves_is_marked(operator: Client, alice: Member, mallory: Member) -> None:
    stands(alice, "active", cancel_at_period_end=True)
    stands(mallory, "active", cancel_at=timezone.now() + timedelta(days=5))
    assert words(operator.get(LIST)).count(", then ends") == 2
    assert rows(operator, "?stands=leaving") == ["Acme", "Globex"]


def test_what_is_not_understood_is_marked_with_what_it_counts_as(
    operator: Client, alice: Member, mallory: Member
) -> None:
    acme = stands(alice, "a_word_of_tomorrow")
    stands(mallory, "active", plan="")
    said = words(operator.get(LIST))
    assert "⚠ a_word_of_tomorrow , unknown status" in said
    assert "⚠ active , unknown price" in said
    status = "Its status “a_word_of_tomorrow” is not known here. It counts as past due."
    assert status in words(operator.get(f"{LIST}{acme.pk}/change/"))
    price = "Its price price_1 is of no plan. It gives what Free gives."
    assert price in words(operator.get(f"{SUBSCRIPTIONS}sub_globex/change/"))
    assert "Not understood 2: a status or a price that this server does not know" in said
    assert "⚠ a_word_of_tomorrow" in words(operator.get(f"{SUBSCRIPTIONS}?understood=no"))


def test_who_pays_twice_is_marked(operator: Client, alice: Member, mallory: Member) -> None:
    acme = stands(alice, "active")
    stands(alice, "active", id="sub_second")
    stands(mallory, "active")
    stands(mallory, "incomplete", id="sub_left")
    assert words(operator.get(LIST)).count("⚠ pays twice") == 1
    assert "It has more than one subscription: end the newer one at Stripe" in words(
        operator.get(f"{LIST}{acme.pk}/change/")
    )


def test_whatever_stripe_calls_it_is_no_markup(operator: Client, alice: Member) -> None:
    stands(alice, "<b>odd</b>", price_id="<img src=x>")
    for page in (LIST, SUBSCRIPTIONS):
        assert "<b>odd" not in operator.get(page).content.decode()
        assert "<img src=x" not in operator.get(page).content.decode()


def test_the_figures_are_said_in_plain_words(operator: Client, alice: Member, mallory: Member) -> None:
    acme = stands(alice, "active", seats=7)
    stands(mallory, "past_due", "business", seats=2)
    event(str(acme.stripe_customer_id))
    said = words(operator.get(LIST))
    assert "Paying 1 workspace, €105 a month before discounts and taxes" in said
    assert "Past due 1, €70 a month at risk" in said
    assert "Events given up 1: choose their workspaces below" in said
    Subscription.objects.all().delete()
    assert "Paying 0 workspaces, nothing a month" in words(operator.get(LIST))


def test_a_trial_is_counted_until_they_pay(operator: Client, alice: Member) -> None:
    ends = timezone.now() + timedelta(days=3)
    stands(alice, "incomplete", trial_ends_at=ends)
    assert rows(operator, "?stands=trial") == ["Acme"]
    Subscription.objects.update(status="active")
    assert rows(operator, "?stands=trial") == []
    assert "On trial 0, without a card" in words(operator.get(LIST))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?stands=paying", ["Acme"]),
        ("?stands=past_due", ["Globex"]),
        ("?stands=odd", []),
        ("?stands=dead", ["Globex"]),
        ("?plan=team", ["Acme"]),
        ("?plan=business", ["Globex"]),
        ("?q=globex", ["Globex"]),
        ("?q=sub_acme", ["Acme"]),
        ("?q=cus_globex", ["Globex"]),
        ("", ["Acme", "Globex"]),
    ],
)
def test_a_filter_shows_those(
    operator: Client, alice: Member, mallory: Member, query: str, found: list[str]
) -> None:
    stands(alice, "active")
    event(str(stands(mallory, "past_due", "business").stripe_customer_id))
    assert rows(operator, query) == found


@pytest.mark.parametrize(("is_live", "between"), [(True, ""), (False, "test/")])
def test_a_link_leads_to_stripes_dashboard_of_that_mode(
    operator: Client, alice: Member, settings: Settings, is_live: bool, between: str
) -> None:
    settings.STRIPE_LIVEMODE, settings.STRIPE_API_URL = is_live, STRIPES_OWN
    customer = stands(alice, "active")
    address = f'href="https://dashboard.stripe.com/{between}customers/cus_acme"'
    for page in (LIST, f"{LIST}{customer.pk}/change/"):
        assert address in operator.get(page).content.decode()
    settings.STRIPE_API_URL = "http://localhost:8002"
    assert "dashboard.stripe.com" not in operator.get(LIST).content.decode()


def test_without_a_key_the_page_says_that_nobody_pays(
    operator: Client, alice: Member, settings: Settings
) -> None:
    settings.STRIPE_SECRET_KEY = ""
    assert "This server has no key of Stripe" in words(operator.get(LIST))


def test_a_look_is_asked_for_and_taken(
    till: Till, operator: Client, alice: Member, mallory: Member, prices: dict[str, str]
) -> None:
    found = till.v1.customers.create({"email": "alice@acme.example"})
    acme = stands(alice)
    Customer.unscoped.filter(pk=acme.pk).update(stripe_customer_id=found.id)
    acme = Customer.unscoped.get(pk=acme.pk)
    till.act("faults", method="webhooks", kind="drop", count=1000)
    till.subscribe(acme, prices["team"])
    globex = stands(mallory)
    Customer.unscoped.filter(pk=globex.pk).update(stripe_customer_id=None)
    answer = act(operator, LIST, "look_again", acme, globex)
    assert "Stripe is looked at again for 1 workspace. Reload this page in a moment." in words(answer)
    inbox.work()
    assert Subscription.objects.get().status == "active"
    asked = StripeEvent.objects.get(type="operator.asked")
    assert (asked.state, asked.stripe_customer_id) == ("done", found.id)


def test_while_stripe_is_away_the_look_waits(till: Till, operator: Client, alice: Member) -> None:
    found = till.v1.customers.create({"email": "alice@acme.example"})
    till.settled()
    StripeEvent.objects.all().delete()
    acme = stands(alice)
    Customer.unscoped.filter(pk=acme.pk).update(stripe_customer_id=found.id)
    till.act("faults", method="customers.retrieve", kind="status", status=500, count=1000)
    act(operator, LIST, "look_again", acme)
    inbox.work()
    assert StripeEvent.objects.get().state == "new"
    till.http.delete("/_control/faults")
    StripeEvent.objects.update(due_at=timezone.now())
    inbox.work()
    assert StripeEvent.objects.get().state == "done"


def test_who_is_unknown_at_stripe_cannot_be_looked_at(operator: Client, alice: Member) -> None:
    acme = stands(alice)
    Customer.unscoped.update(stripe_customer_id=None)
    assert "there is nothing to look at" in words(act(operator, LIST, "look_again", acme))
    assert not StripeEvent.objects.exists()


@pytest.mark.parametrize("page", [LIST, EVENTS])
def test_events_that_were_given_up_are_tried_again(
    operator: Client, alice: Member, mallory: Member, page: str
) -> None:
    acme = stands(alice)
    mine = event("cus_acme")
    done, hers = (
        event("cus_acme", "done", "evt_2"),
        event(str(stands(mallory).stripe_customer_id), name="evt_3"),
    )
    chosen = [acme] if page == LIST else [mine, done]
    assert "1 event that had been given up is tried again." in words(
        act(operator, page, "try_dead_events_again", *chosen)
    )
    mine.refresh_from_db()
    assert (mine.state, mine.attempts) == ("new", 0)
    assert mine.due_at <= timezone.now()
    states = dict(StripeEvent.objects.values_list("pk", "state"))
    assert (states[done.pk], states[hers.pk]) == ("done", "dead")
    assert "None of their events was given up." in words(
        act(operator, page, "try_dead_events_again", *chosen)
    )


def test_many_rows_are_read_as_quickly_as_two(
    operator: Client, alice: Member, mallory: Member, django_assert_max_num_queries: Any
) -> None:
    for member in (alice, mallory):
        stands(member, "active")
    with django_assert_max_num_queries(14):
        operator.get(LIST)


def test_nobody_else_comes_in_or_has_anything_done(
    client_of: ClientOf, client: Client, alice: Member, mallory: Member
) -> None:
    acme, given_up = stands(alice, "active"), event("cus_acme")
    for browser in (client_of(mallory), client_of(alice), client):
        for page, action, row in (
            (LIST, "look_again", acme),
            (LIST, "try_dead_events_again", acme),
            (EVENTS, "try_dead_events_again", given_up),
        ):
            answer = browser.post(page, {"action": action, "_selected_action": str(row.pk)}, follow=True)
            assert "Acme" not in words(answer)
    assert list(StripeEvent.objects.values_list("pk", "state")) == [(given_up.pk, "dead")]


def test_the_operator_changes_nothing_of_the_mirror(operator: Client, alice: Member) -> None:
    acme = stands(alice, "active")
    before = Customer.unscoped.values().get(), Subscription.objects.values().get()
    for page in (f"{LIST}{acme.pk}/change/", f"{SUBSCRIPTIONS}sub_acme/change/"):
        assert operator.get(page).status_code == 200
        assert operator.post(page, {"status": "canceled", "delinquent": "on"}).status_code == 403
    assert act(operator, LIST, "delete_selected", acme).status_code == 200
    assert (Customer.unscoped.values().get(), Subscription.objects.values().get()) == before
