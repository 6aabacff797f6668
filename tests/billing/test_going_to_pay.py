"""B3, B4: the way to Stripe and back; one customer and one subscription, whatever goes wrong on the way."""

import threading
from collections.abc import Callable

import pytest
from django.db import connections
from pytest_django import Settings

from accounts.errors import NotFound, Refused
from accounts.models import AuditEntry, Member, Workspace
from billing import paying
from billing.access import customer_of
from billing.errors import BillingError, Later
from billing.models import Customer, Invoice, Subscription
from tests.billing.till import PAYS, Till

BACK = "http://localhost:8000/console/settings/billing/return"


def session_of(address: str) -> str:
    return address.rsplit("/", 1)[1]


def pay(till: Till, member: Member, plan: str = "team", card: str = PAYS) -> Customer:
    """Through Checkout, and looked at when they are back."""
    address = paying.checkout(member, plan, back=BACK)
    till.act("pay", session=session_of(address), card=card, challenge="pass")
    paying.returned(member.workspace)
    found = customer_of(member.workspace)
    assert found is not None
    return found


def plan_of(member: Member) -> str:
    return Workspace.objects.get(pk=member.workspace_id).plan_name


def test_whoever_pays_in_checkout_has_the_plan_when_they_are_back(
    till: Till, alice: Member, bob: Member
) -> None:
    pay(till, alice)
    row = Subscription.objects.get()
    assert (row.status, row.plan, row.quantity) == ("active", "team", 2)
    assert plan_of(alice) == "Team"
    assert AuditEntry.unscoped.filter(verb="billing.checkout_opened", actor=alice.user).count() == 1


def test_stripe_is_told_the_workspace_and_whom_to_write_to(till: Till, alice: Member) -> None:
    paying.checkout(alice, "team", back=BACK)
    (customer,) = till.v1.customers.list().data
    assert customer.metadata["workspace"] == str(alice.workspace_id)
    assert (customer.email, customer.name) == (alice.user.email, alice.workspace.name)
    (session,) = till.v1.checkout.sessions.list().data
    assert (session.allow_promotion_codes, session.tax_id_collection.enabled) == (True, True)
    assert (session.success_url, session.cancel_url) == (BACK, BACK)


def test_to_ask_again_leads_to_the_same_page(till: Till, alice: Member) -> None:
    assert paying.checkout(alice, "team", back=BACK) == paying.checkout(alice, "team", back=BACK)


def test_to_choose_another_plan_shuts_the_page_before(till: Till, alice: Member) -> None:
    first = paying.checkout(alice, "team", back=BACK)
    second = paying.checkout(alice, "business", back=BACK)
    third = paying.checkout(alice, "team", back=BACK)
    assert len({first, second, third}) == 3
    states = {row.id: row.status for row in till.v1.checkout.sessions.list().data}
    assert states == {session_of(first): "expired", session_of(second): "expired", session_of(third): "open"}


def at_once(*deeds: Callable[[], str]) -> list[str]:
    """What each answered, or the code of its refusal."""
    told: list[str] = []

    def run(deed: Callable[[], str]) -> None:
        try:
            told.append(deed())
        except Refused as error:
            told.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def test_two_clicks_at_once_are_one_customer_and_one_page(till: Till, alice: Member, bob: Member) -> None:
    told = at_once(*(lambda who=who: paying.checkout(who, "team", back=BACK) for who in (alice, bob, alice)))
    assert len(till.v1.customers.list().data) == 1
    still_open = [row.url for row in till.v1.checkout.sessions.list({"status": "open"}).data]
    assert len(still_open) == 1
    assert still_open[0] in told


def test_two_who_choose_different_plans_at_once_cannot_both_pay(
    till: Till, alice: Member, bob: Member
) -> None:
    at_once(
        lambda: paying.checkout(alice, "team", back=BACK),
        lambda: paying.checkout(bob, "business", back=BACK),
    )
    assert len(till.v1.checkout.sessions.list({"status": "open"}).data) == 1


def test_who_has_a_plan_is_not_sold_a_second_one(till: Till, alice: Member) -> None:
    first = paying.checkout(alice, "team", back=BACK)
    till.act("pay", session=session_of(first), card=PAYS)
    # neither webhook nor return has been here: Stripe is asked
    with pytest.raises(Refused, match="Change it on the billing page"):
        paying.checkout(alice, "business", back=BACK)
    assert [row.status for row in till.v1.checkout.sessions.list().data] == ["complete"]


def test_a_challenge_that_was_failed_leaves_no_second_subscription(till: Till, alice: Member) -> None:
    asks = "4000002500003155"
    first = paying.checkout(alice, "team", back=BACK)
    till.act("pay", session=session_of(first), card=asks, challenge="fail")
    paying.returned(alice.workspace)
    assert plan_of(alice) != "Team"
    pay(till, alice, "business", card=asks)
    states = sorted(row.status for row in till.v1.subscriptions.list({"status": "all"}).data)
    assert states.count("active") == 1
    assert set(states) <= {"active", "canceled", "incomplete_expired"}
    assert plan_of(alice) == "Business"


def test_another_of_the_team_may_go_on_where_the_first_got_no_answer(
    till: Till, alice: Member, bob: Member
) -> None:
    till.act("faults", method="customers.create", kind="status", status=500, commit=True, count=1)
    with pytest.raises(Later):
        paying.checkout(alice, "team", back=BACK)
    paying.checkout(bob, "team", back=BACK)
    assert len(till.v1.customers.list().data) == 1


def test_who_was_deleted_at_stripe_may_come_again(till: Till, alice: Member) -> None:
    customer = pay(till, alice)
    till.v1.customers.delete(customer.stripe_customer_id)
    paying.returned(alice.workspace)
    pay(till, alice)
    assert plan_of(alice) == "Team"


def test_the_card_is_told_by_stripe_and_kept_nowhere(till: Till, alice: Member) -> None:
    assert paying.card(alice.workspace) is None
    pay(till, alice)
    card = paying.card(alice.workspace)
    assert card is not None
    assert (card.brand, card.last4) == ("visa", "4242")
    kept = [
        value
        for model in (Customer, Subscription, Invoice)
        for row in model._base_manager.values()
        for value in row.values()
    ]
    assert "4242" not in map(str, kept)


def test_the_portal_and_the_page_of_an_invoice_are_stripes(till: Till, alice: Member) -> None:
    with pytest.raises(Refused, match="Choose a plan first"):
        paying.portal(alice, back=BACK)
    pay(till, alice)
    assert paying.portal(alice, back=BACK).startswith(till.url)
    assert paying.portal(alice, back=BACK, flow="payment_method_update").startswith(till.url)
    assert till.url in paying.invoice_address(alice.workspace, Invoice.objects.get().id)


def test_mallory_gets_at_nothing_of_acme(till: Till, alice: Member, mallory: Member) -> None:
    pay(till, alice)
    with pytest.raises(NotFound):
        paying.invoice_address(mallory.workspace, Invoice.objects.get().id)
    assert paying.card(mallory.workspace) is None
    assert paying.upcoming(mallory.workspace) is None
    with pytest.raises(Refused):
        paying.portal(mallory, back=BACK)
    pay(till, mallory, "business")
    assert {plan_of(alice), plan_of(mallory)} == {"Team", "Business"}
    assert len(till.v1.customers.list().data) == 2


def test_what_comes_next_is_told(till: Till, alice: Member, bob: Member) -> None:
    assert paying.upcoming(alice.workspace) is None
    pay(till, alice)
    coming = paying.upcoming(alice.workspace)
    assert coming is not None
    assert (coming.total, coming.currency) == (3000, "eur")
    assert coming.at is not None


@pytest.mark.parametrize("plan", ["free", "enterprise", ""])
def test_what_is_not_sold_is_refused(till: Till, alice: Member, plan: str) -> None:
    with pytest.raises(Refused, match="no such plan"):
        paying.checkout(alice, plan, back=BACK)


def test_without_a_key_nothing_is_sold(db: None, alice: Member, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    with pytest.raises(Refused, match="without limits"):
        paying.checkout(alice, "team", back=BACK)
    with pytest.raises(Refused, match="without limits"):
        paying.portal(alice, back=BACK)
    paying.returned(alice.workspace)
    assert paying.card(alice.workspace) is None


def test_while_stripe_is_away_it_is_said_and_nothing_is_kept_of_the_address(
    till: Till, alice: Member, caplog: pytest.LogCaptureFixture
) -> None:
    till.act("faults", method="customers.update", kind="status", status=500, count=9)
    with pytest.raises(BillingError) as told:
        paying.checkout(alice, "team", back=BACK)
    assert str(alice.user.email) not in caplog.text + told.value.problem
