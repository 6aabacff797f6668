"""C10, B6: a workspace that is deleted is charged no more, and Stripe forgets who paid when it is gone."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.actions.ending import begin_ending, undo_ending
from accounts.models import Member, Workspace
from billing import inbox, parting
from billing.models import Customer, Subscription
from livechat import ending
from tests.billing.till import ASKS_AT_RENEWALS, Till, known_as


@pytest.fixture
def customer(till: Till, alice: Member, prices: dict[str, str]) -> Customer:
    """Acme, which pays for Team."""
    return paying(till, alice, prices)


def paying(till: Till, member: Member, prices: dict[str, str], **how: Any) -> Customer:
    found = till.v1.customers.create({"email": "canary@acme.example", "name": "Acme GmbH"})
    customer = known_as(member, found.id)
    till.subscribe(customer, prices["team"], **how)
    inbox.look_again(customer)
    return customer


def at_stripe(till: Till, customer: Customer) -> Any:
    return till.v1.subscriptions.list({"customer": customer.stripe_customer_id, "status": "all"}).data[0]


def calls(till: Till) -> list[str]:
    return [call["method"] for call in till.look("requests")["requests"]]


def test_while_it_can_be_brought_back_nothing_renews(till: Till, customer: Customer, alice: Member) -> None:
    begin_ending(alice)
    ending.work()
    assert at_stripe(till, customer).cancel_at_period_end is True
    assert Subscription.objects.get().cancel_at_period_end is True
    asked = len(calls(till))
    ending.work()
    assert len(calls(till)) == asked
    till.advance(31.2)
    assert at_stripe(till, customer).status == "canceled"
    assert len(till.v1.invoices.list({"customer": customer.stripe_customer_id}).data) == 1


def test_whoever_undoes_it_has_what_is_paid_for(till: Till, customer: Customer, alice: Member) -> None:
    begin_ending(alice)
    ending.work()
    undo_ending(alice)
    ending.work()
    assert Workspace.objects.get(pk=alice.workspace_id).plan_name == "Team"


def test_what_could_not_be_charged_ends_at_once(till: Till, alice: Member, prices: dict[str, str]) -> None:
    customer = paying(till, alice, prices, card=ASKS_AT_RENEWALS)
    till.advance(31.2)
    inbox.look_again(customer)
    assert Subscription.objects.get().status == "past_due"
    begin_ending(alice)
    ending.work()
    assert at_stripe(till, customer).status == "canceled"
    assert "open" not in {
        bill.status for bill in till.v1.invoices.list({"customer": customer.stripe_customer_id}).data
    }


def test_when_it_is_gone_stripe_has_forgotten_them(till: Till, customer: Customer, alice: Member) -> None:
    begin_ending(alice, at_once=True)
    ending.work()
    assert not Workspace.objects.filter(pk=alice.workspace_id).exists()
    found = till.v1.customers.retrieve(customer.stripe_customer_id)
    assert found.deleted is True
    assert not Customer.unscoped.filter(pk=customer.pk).exists()


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 500}, {"kind": "drop_after_commit"}])
def test_while_stripe_is_away_it_waits(
    till: Till, customer: Customer, alice: Member, fault: dict[str, Any]
) -> None:
    till.act("faults", method="customers.delete", count=1000, **fault)
    begin_ending(alice, at_once=True)
    ending.work()
    assert Workspace.objects.filter(pk=alice.workspace_id).exists()
    till.http.delete("/_control/faults")
    ending.work()
    assert not Workspace.objects.filter(pk=alice.workspace_id).exists()


def test_after_a_week_it_goes_and_an_operator_is_told_whom_to_delete(
    till: Till, customer: Customer, alice: Member, caplog: pytest.LogCaptureFixture
) -> None:
    till.act("faults", method="customers.delete", kind="status", status=500, count=1000)
    begin_ending(alice, at_once=True)
    Workspace.objects.update(ends_at=timezone.now() - parting.PATIENCE - timedelta(hours=1))
    ending.work()
    assert not Workspace.objects.filter(pk=alice.workspace_id).exists()
    assert f"delete {customer.stripe_customer_id} at Stripe by hand" in caplog.text


def test_without_a_key_or_a_customer_nothing_is_asked(
    till: Till, customer: Customer, alice: Member, mallory: Member, settings: Settings
) -> None:
    asked = len(calls(till))
    parting.stop_renewing(mallory.workspace)
    assert parting.is_still_known(mallory.workspace) is False
    settings.STRIPE_SECRET_KEY = ""
    parting.stop_renewing(alice.workspace)
    assert parting.is_still_known(alice.workspace) is False
    assert len(calls(till)) == asked


def test_nobody_elses_plan_ends_with_it(
    till: Till, customer: Customer, mallory: Member, prices: dict[str, str]
) -> None:
    begin_ending(mallory, at_once=True)
    ending.work()
    assert at_stripe(till, customer).cancel_at_period_end is False
    assert Subscription.objects.get().status == "active"
