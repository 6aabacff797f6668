"""B3–B8: whoever belongs to another workspace gets at nothing of Acme's: not its invoices, its portal, or its plan."""

import inspect
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.actions.workspaces import create_workspace
from accounts.errors import NotFound, Refused
from accounts.models import AuditEntry, Member, Workspace
from billing import access, paying
from billing.errors import BillingError
from billing.models import Customer, Invoice, Subscription
from tests.billing.till import PAYS, Till, known_as
from tests.conftest import ClientOf

BACK = "http://localhost:8000/console/settings/billing"
ODD_IDS: list[Any] = [
    "", " ", "in_", "../in_1", "in_\0", "in_\ud800", "x" * 5000, "%", "' OR 1=1 --", None, 7, ["in_1"], {"id": "in_1"},
]  # fmt: skip


def invoice(customer: Customer, invoice_id: str) -> Invoice:
    return Invoice.objects.create(
        id=invoice_id, customer=customer, status="open", total=4500, amount_due=4500, currency="eur",
        stripe_created=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def bills(db: None, alice: Member, mallory: Member) -> dict[str, Invoice]:
    return {
        name: invoice(known_as(member, f"cus_{name}"), f"in_{name}")
        for name, member in (("acme", alice), ("globex", mallory))
    }


# every way in, and what Mallory gets of it
WAYS_IN: dict[str, Callable[[Member, dict[str, Invoice]], object]] = {
    "customer_of": lambda her, bills: access.customer_of(her.workspace) == bills["acme"].customer,
    "invoice_of": lambda her, bills: access.invoice_of(her.workspace, "in_acme"),
    "customer_of_stripe": lambda her, bills: access.customer_of_stripe("cus_acme") == access.customer_of(
        her.workspace
    ),
}  # fmt: skip


def test_every_way_in_is_tried_here() -> None:
    own = {name for name, one in vars(access).items()
           if inspect.isfunction(one) and one.__module__ == access.__name__ and not name.startswith("_")}  # fmt: skip
    assert own - {"is_stripes_id"} == set(WAYS_IN)


@pytest.mark.parametrize("way", WAYS_IN)
def test_no_way_in_leads_her_to_acme(mallory: Member, bills: dict[str, Invoice], way: str) -> None:
    with suppress(NotFound):
        assert WAYS_IN[way](mallory, bills) is False


def test_her_own_is_found(mallory: Member, bills: dict[str, Invoice]) -> None:
    assert access.invoice_of(mallory.workspace, "in_globex") == bills["globex"]
    assert access.customer_of(mallory.workspace) == bills["globex"].customer
    assert access.customer_of_stripe("cus_globex") == bills["globex"].customer


@pytest.mark.parametrize("odd", ODD_IDS, ids=range(len(ODD_IDS)))
def test_ids_that_are_none_are_not_found(mallory: Member, bills: dict[str, Invoice], odd: Any) -> None:
    with pytest.raises(NotFound):
        access.invoice_of(mallory.workspace, odd)
    assert access.customer_of_stripe(odd) is None


def test_what_she_asks_of_stripe_is_about_her_alone(
    till: Till, alice: Member, mallory: Member, prices: dict[str, str]
) -> None:
    """She names Acme's ids wherever an id may be named; Stripe is never asked about them."""
    made = till.v1.customers.create({"email": "alice@acme.example"})
    acme = known_as(alice, made.id)
    till.subscribe(acme, prices["team"], card=PAYS)
    paying.returned(alice.workspace)
    bill, subscription = Invoice.objects.get(), Subscription.objects.get()
    asked = till.look("requests")["requests"][-1]["n"]
    tries: list[Callable[[], object]] = [
        lambda: paying.invoice_address(mallory.workspace, bill.pk),
        lambda: paying.portal(mallory, back=BACK),
        lambda: paying.portal(mallory, back=BACK, flow="payment_method_update"),
        lambda: paying.change(mallory, "business"),
        lambda: paying.cancel(mallory),
        lambda: paying.resume(mallory),
        lambda: paying.checkout(mallory, subscription.price_id, back=BACK),
        lambda: paying.checkout(mallory, subscription.pk, back=BACK),
    ]
    for attempt in tries:
        with pytest.raises((NotFound, Refused, BillingError)):
            attempt()
    assert paying.card(mallory.workspace) is None
    assert paying.upcoming(mallory.workspace) is None
    paying.returned(mallory.workspace)
    since = till.look(f"requests?since={asked}")["requests"]
    told = repr([one for one in since if "acme" in repr(one)])
    for theirs in (made.id, bill.pk, subscription.pk, subscription.item_id):
        assert theirs not in repr(since), told
    assert Workspace.objects.get(pk=alice.workspace_id).plan_name == "Team"


def test_what_she_does_stands_in_her_own_log(till: Till, alice: Member, mallory: Member) -> None:
    before = AuditEntry.objects.in_workspace(alice.workspace).count()
    paying.checkout(mallory, "team", back=BACK)
    assert AuditEntry.objects.in_workspace(alice.workspace).count() == before
    assert AuditEntry.objects.in_workspace(mallory.workspace).filter(verb__startswith="billing.").exists()


def test_two_workspaces_whose_owner_has_one_address_are_two_customers(till: Till, alice: Member) -> None:
    """An address proves nothing: nobody's customer is found by it."""
    another = create_workspace("Acme Two", alice.user)
    paying.checkout(alice, "team", back=BACK)
    paying.checkout(another, "team", back=BACK)
    ids = set(Customer.unscoped.exclude(stripe_customer_id=None).values_list("stripe_customer_id", flat=True))
    assert len(ids) == 2


def test_whoever_reloads_without_end_keeps_nobody_from_paying(
    till: Till, alice: Member, mallory: Member, settings: Settings, client_of: ClientOf
) -> None:
    """Stripe counts the calls of all workspaces together."""
    known_as(mallory, till.v1.customers.create({}).id)
    settings.LIMITS_SCALE = 0.05
    browser, page = client_of(mallory), "/console/settings/billing"
    asked = len(till.look("requests")["requests"])
    for _ in range(3):
        assert browser.get(f"{page}/stripe").status_code == 200
        assert browser.get(f"{page}/return/state").status_code == 200
        assert browser.get(f"{page}/news").status_code in (200, 204)
    assert len(till.look("requests")["requests"]) - asked <= 9
    answer = browser.post(f"{page}/plan/team/buy", follow=True)
    assert "That was a lot in a short time. Wait a minute, then try again." in answer.content.decode()
    assert paying.checkout(alice, "team", back=BACK).startswith(till.url)


PAGES = ("", "/stripe", "/news", "/plan", "/plan/business", "/plan/business/preview", "/cancel", "/return")
DEEDS = ("/plan/business/buy", "/plan/business/confirm", "/cancel/confirm", "/resume", "/portal")


def test_no_page_of_hers_shows_or_changes_anything_of_acme(
    till: Till, alice: Member, mallory: Member, bob: Member, prices: dict[str, str], client_of: ClientOf
) -> None:
    acme = known_as(alice, till.v1.customers.create({"email": "alice@acme.example"}).id)
    till.subscribe(acme, prices["team"])
    paying.returned(alice.workspace)
    bill, before = Invoice.objects.get(), Subscription.objects.values().get()
    for member in (mallory, bob):
        browser = client_of(member)
        for path in [*PAGES, f"/invoices/{bill.pk}", "/invoices/in_%00", "/invoices/%ED%A0%80", "/plan/%00"]:
            answer = browser.get(f"/console/settings/billing{path}", {"workspace": str(alice.workspace_id)})
            told = answer.content.decode() + str(answer.headers)
            assert answer.status_code in (200, 204, 302, 403, 404), path
            for theirs in (bill.pk, before["id"], acme.stripe_customer_id, bill.number or "none"):
                assert str(theirs) not in told.replace(path, ""), path
            assert f"{till.url}/i/" not in told
        for path in DEEDS:
            asked = {"workspace": str(alice.workspace_id), "customer": acme.stripe_customer_id}
            assert browser.post(f"/console/settings/billing{path}", asked).status_code in (302, 403, 404), (
                path
            )
    paying.returned(alice.workspace)
    assert Subscription.objects.values().get() == before
    assert Customer.unscoped.get(pk=acme.pk).stripe_customer_id == acme.stripe_customer_id
