"""B3, B8: whatever breaks on the way to Stripe, there is one customer and one subscription, and it is the right one."""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actions.entitlements import seats_taken
from accounts.actions.invitations import invite, withdraw
from accounts.actions.members import take_out
from accounts.errors import Refused
from accounts.models import Invitation, Member, Role, User
from billing import gateway, paying
from billing.errors import BillingError, Later
from billing.models import Customer, Invoice, StripeEvent, Subscription
from tests.billing.test_changing_the_plan import WEEK, live
from tests.billing.test_going_to_pay import BACK, pay
from tests.billing.test_paying_for_seats import newcomer, tell
from tests.billing.till import Till

FAULTS: dict[str, dict[str, Any]] = {
    "no answer, but done": {"kind": "drop_after_commit", "count": 4},
    "no answer, not done": {"kind": "drop_before_commit", "count": 4},
    "broken": {"kind": "status", "status": 500, "count": 2},
    "broken, but done": {"kind": "status", "status": 500, "commit": True, "count": 2},
    "too often": {"kind": "ratelimit", "count": 2},
    "garbage": {"kind": "garbage", "count": 2},
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
@pytest.mark.parametrize("method", ["customers.create", "checkout.sessions.create", "subscriptions.list"])
def test_whatever_breaks_on_the_way_there_is_one_customer_and_one_page(
    till: Till, alice: Member, fault: dict[str, Any], method: str
) -> None:
    till.act("faults", method=method, **fault)
    for _ in range(8):
        try:
            paying.checkout(alice, "team", back=BACK)
        except Later:
            continue
        break
    pay(till, alice)
    customers = till.v1.customers.list().data
    assert [row.metadata["workspace"] for row in customers] == [str(alice.workspace_id)]
    assert len(till.v1.subscriptions.list({"status": "all"}).data) == 1


@pytest.fixture
def impatient(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits for an answer for a moment, not for ten seconds."""
    monkeypatch.setattr(gateway, "TIMEOUT", (3.05, 1.0))
    gateway.client.cache_clear()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", ["hang", "hang_after_commit"])
@pytest.mark.parametrize("method", ["customers.create", "checkout.sessions.create", "subscriptions.update"])
def test_a_stripe_that_hangs_makes_nothing_twice(till: Till, alice: Member, kind: str, method: str) -> None:
    till.act("faults", method=method, kind=kind, seconds=2.5, count=2)
    wishes: list[Callable[[], object]] = [
        lambda: pay(till, alice),
        lambda: paying.change(alice, "business"),
    ]
    for wish in wishes:
        for _ in range(5):
            try:
                wish()
            except (Later, Refused):
                continue
            break
    paying.returned(alice.workspace)
    assert (live().plan, live().quantity) == ("business", 2)
    assert len(till.v1.customers.list().data) == 1
    assert Subscription.objects.count() == 1
    assert Invoice.objects.count() == 2


WISHES = {
    "business": ("team", "subscriptions.update"),
    "team": ("business", "subscription_schedules.create"),
    "free": ("team", "subscriptions.update"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
@pytest.mark.parametrize("wish", WISHES)
def test_whatever_breaks_a_change_is_made_once(
    till: Till, alice: Member, fault: dict[str, Any], wish: str
) -> None:
    had, method = WISHES[wish]
    pay(till, alice, had)
    till.advance(WEEK)
    till.act("faults", method=method, **fault)
    for _ in range(6):
        try:
            paying.change(alice, wish)
        except Later:
            continue
        except Refused:
            pass
        break
    paying.returned(alice.workspace)
    planned = (live().plan, live().next_plan, live().cancel_at_period_end)
    assert (
        planned
        == {
            "business": ("business", "", False),
            "team": ("business", "team", False),
            "free": ("team", "", True),
        }[wish]
    )
    assert Subscription.objects.count() == 1
    assert Invoice.objects.count() == (2 if wish == "business" else 1)


DEEDS = ("join", "leave", "invite", "withdraw", "upgrade", "downgrade", "cancel", "resume", "tell", "week")


def do(till: Till, alice: Member, deed: str, number: int) -> None:
    if deed == "join":
        newcomer(alice, f"agent{number}")
    elif deed == "leave":
        for member in Member.unscoped.filter(workspace=alice.workspace).exclude(pk=alice.pk)[:1]:
            take_out(alice, member)
    elif deed == "invite":
        invite(alice, f"guest{number}@acme.example", Role.AGENT)
    elif deed == "withdraw":
        for invitation in Invitation.unscoped.filter(workspace=alice.workspace)[:1]:
            withdraw(alice, invitation)
    elif deed == "week":
        till.advance(5)
    elif deed == "tell":
        tell()
    else:
        wishes: dict[str, Callable[[], object]] = {
            "upgrade": lambda: paying.change(alice, "business"),
            "downgrade": lambda: paying.change(alice, "team"),
            "cancel": lambda: paying.cancel(alice),
            "resume": lambda: paying.resume(alice),
        }
        wishes[deed]()


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(DEEDS),
            st.none() | st.sampled_from(sorted(FAULTS)),
            st.sampled_from(["subscriptions.update", "subscription_schedules.update", "subscriptions.list"]),
        ),
        min_size=2,
        max_size=6,
    )
)
def test_whatever_breaks_one_subscription_pays_for_the_whole_team(
    till: Till, alice: Member, bob: Member, steps: list[tuple[str, str | None, str]]
) -> None:
    till.hushed()
    till.act("reset")
    start_anew(alice)
    pay(till, alice)
    for number, (deed, fault, method) in enumerate(steps):
        if fault is not None:
            till.act("faults", method=method, **FAULTS[fault])
        with contextlib.suppress(Refused, BillingError):
            do(till, alice, deed, number)
        till.http.delete("/_control/faults")
    for _ in range(3):
        paying.returned(alice.workspace)
        tell()
    live = till.v1.subscriptions.list().data
    assert len(till.v1.customers.list().data) == 1
    assert len(live) == 1
    # who has left is paid for until the period ends, and nobody works unpaid
    assert live[0]["items"].data[0].quantity >= seats_taken(alice.workspace_id)
    row = Subscription.objects.get()
    assert row.quantity == live[0]["items"].data[0].quantity


def start_anew(alice: Member) -> None:
    Customer.unscoped.all().delete()
    StripeEvent.objects.all().delete()
    Invitation.unscoped.all().delete()
    Member.unscoped.filter(workspace=alice.workspace).exclude(pk=alice.pk).delete()
    User.objects.filter(email__startswith="agent").delete()
