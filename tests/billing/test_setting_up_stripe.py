"""B3, B4, B5: an operator makes with one command what Stripe's side needs, and may repeat it at any time."""

import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.errors import Refused
from accounts.models import Member
from billing import gateway, paying
from billing.plans import PLANS
from billing.setting_up import EVENTS
from tests.billing.till import ROOT, Till

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "https://chat.example.com"


@pytest.fixture(autouse=True)
def _public(settings: Settings) -> None:
    settings.PUBLIC_URL = settings.CONSOLE_URL = ADDRESS


def set_up() -> tuple[str, str]:
    """What it says, and what it warns of."""
    said, warned = StringIO(), StringIO()
    call_command("stripe_setup", stdout=said, stderr=warned)
    return said.getvalue(), warned.getvalue()


def rows(till: Till, kind: str) -> list[dict[str, Any]]:
    return list(till.look("state").get(kind, []))


def empty(till: Till) -> None:
    """As in an account that has never sold our plans: no price has one of our keys."""
    for number, price in enumerate(rows(till, "price")):
        till.v1.prices.update(price["id"], {"lookup_key": f"of_somebody_{number}"})


def test_an_account_without_anything_gets_what_is_sold(till: Till) -> None:
    empty(till)
    said, warned = set_up()
    assert "team_monthly_v1 was made" in said
    assert warned == ""
    sold = {row["lookup_key"]: row for row in rows(till, "price")}
    for plan in PLANS:
        if plan.price is not None:
            made = sold[plan.price.lookup_key]
            assert (made["unit_amount"], made["currency"]) == (plan.price.amount, plan.price.currency)
            assert made["recurring"]["interval"] == "month"
            assert made["product"] == f"threadbell_{plan.key}"


def test_the_portal_offers_our_plans_and_leaves_seats_to_us(till: Till) -> None:
    set_up()
    (portal,) = [row for row in rows(till, "billing_portal.configuration") if row["metadata"]]
    update = portal["features"]["subscription_update"]
    assert update["default_allowed_updates"] == ["price", "promotion_code"]
    prices = till.prices()
    assert [one["prices"] for one in update["products"]] == [[prices["team"]], [prices["business"]]]
    assert portal["features"]["subscription_cancel"]["mode"] == "at_period_end"
    assert portal["default_return_url"] == f"{ADDRESS}/console/settings/billing"
    assert not portal["is_default"]


def test_customers_are_led_to_our_portal_and_to_the_accounts_own_before(
    till: Till, alice: Member, mallory: Member
) -> None:
    paying.checkout(alice, "team", back=ADDRESS)
    paying.portal(alice, back=ADDRESS)
    set_up()
    paying.portal(alice, back=ADDRESS)
    (ours,) = [row for row in rows(till, "billing_portal.configuration") if row["metadata"]]
    asked = [row["configuration"] for row in rows(till, "billing_portal.session")]
    assert asked == ["bpc_sandbox", ours["id"]]
    with pytest.raises(Refused, match="Nothing has been paid here yet"):
        paying.portal(mallory, back=ADDRESS)


def test_the_endpoint_has_our_version_and_its_secret_is_told_once(till: Till) -> None:
    said, _ = set_up()
    (made,) = [row for row in rows(till, "webhook_endpoint") if row["url"] == f"{ADDRESS}/stripe/webhook"]
    assert made["api_version"] == gateway.API_VERSION
    assert sorted(made["enabled_events"]) == sorted(EVENTS)
    assert "STRIPE_WEBHOOK_SECRET=whsec_" in said
    again, warned = set_up()
    assert f"The endpoint {made['id']} is there" in again
    assert "whsec_" not in again + warned


def test_repeating_it_makes_nothing_twice(till: Till) -> None:
    empty(till)
    set_up()
    kinds = ("price", "product", "billing_portal.configuration", "webhook_endpoint")
    before = {kind: sorted(row["id"] for row in rows(till, kind)) for kind in kinds}
    said, warned = set_up()
    assert {kind: sorted(row["id"] for row in rows(till, kind)) for kind in kinds} == before
    assert "was made" not in said
    assert warned == ""


def test_what_somebody_has_changed_by_hand_is_set_right_or_named(till: Till) -> None:
    set_up()
    endpoint = next(row for row in rows(till, "webhook_endpoint") if ADDRESS in row["url"])
    till.v1.webhook_endpoints.update(endpoint["id"], {"enabled_events": ["invoice.paid"]})
    dear = till.v1.prices.create(
        {
            "product": "prod_sandbox_team",
            "currency": "eur",
            "unit_amount": 2000,
            "recurring": {"interval": "month"},
            "lookup_key": "team_monthly_v1",
            "transfer_lookup_key": True,
        }
    )
    _, warned = set_up()
    told = till.v1.webhook_endpoints.retrieve(endpoint["id"])
    assert sorted(told.enabled_events) == sorted(EVENTS)
    assert "team_monthly_v1 is 2000 eur for a month at Stripe and 1500 eur for a month" in warned
    assert till.v1.prices.retrieve(dear.id).unit_amount == 2000


def test_an_endpoint_that_is_switched_off_is_replaced_and_named(till: Till) -> None:
    set_up()
    endpoint = next(row for row in rows(till, "webhook_endpoint") if ADDRESS in row["url"])
    till.v1.webhook_endpoints.update(endpoint["id"], {"disabled": True})
    said, warned = set_up()
    assert "STRIPE_WEBHOOK_SECRET=whsec_" in said
    assert f"{endpoint['id']} has the same address" in warned


def test_the_guide_for_operators_names_the_same_events() -> None:
    guide = (ROOT / "docs" / "billing.md").read_text()
    table = re.findall(r"^\| `([\w.]+\.)` \| (.*) \|$", guide, re.MULTILINE)
    named = [of + what for of, words in table for what in re.findall(r"`(\w+)`", words)]
    assert sorted(named) == sorted(EVENTS)
    assert f"`{gateway.API_VERSION}`" in guide


def test_without_a_key_there_is_nothing_to_set_up(settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    with pytest.raises(CommandError, match="STRIPE_SECRET_KEY is not set"):
        set_up()


@pytest.mark.parametrize(
    "fault,words",
    [
        ({"kind": "status", "status": 401}, "does not take STRIPE_SECRET_KEY"),
        ({"kind": "status", "status": 503}, "Try again in a minute"),
        ({"kind": "error", "status": 400, "error": {"type": "invalid_request_error"}}, "PUBLIC_URL"),
    ],
)
def test_a_stripe_that_will_not_is_told_with_the_mend(till: Till, fault: dict[str, Any], words: str) -> None:
    till.act("faults", method="webhook_endpoints.create", count=5, **fault)
    with pytest.raises(CommandError, match=words):
        set_up()
