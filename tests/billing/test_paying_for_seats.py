"""B3: Stripe is told how many work here, whatever happens on the way: more at once, fewer with the next period."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from accounts.actions.invitations import invite
from accounts.actions.members import add_member, change_role, take_out
from accounts.models import Member, Role, User
from billing import paying, seating
from billing.models import Customer, Invoice, Subscription
from tests.billing.test_going_to_pay import pay
from tests.billing.till import ASKS_AT_RENEWALS, Till

Go = Callable[[datetime], None]
DAY = timedelta(days=1)


@pytest.fixture
def go(monkeypatch: pytest.MonkeyPatch) -> Go:
    """Our clock to a moment of the till's."""

    def to(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return to


def newcomer(member: Member, name: str, role: Role = Role.AGENT) -> Member:
    user = User.objects.create_user(f"{name}@acme.example", None, name=name)
    return add_member(member.workspace, user, role)


def customer_row() -> Customer:
    return Customer.unscoped.get(stripe_customer_id__isnull=False)


def tell() -> None:
    """As the worker does it once the minute is over."""
    Customer.unscoped.filter(seats_due_at__lt=timezone.now() + timedelta(minutes=2)).update(
        seats_due_at=timezone.now()
    )
    seating.work()


def paid_seats(till: Till) -> list[int]:
    return [row["items"].data[0].quantity for row in till.v1.subscriptions.list().data]


def test_a_new_colleague_is_paid_for_from_now_on(till: Till, alice: Member, bob: Member) -> None:
    pay(till, alice)
    newcomer(alice, "carol")
    promised = customer_row().seats_due_at
    assert promised is not None
    assert timedelta() < promised - timezone.now() <= timedelta(minutes=1)
    assert seating.work() == 0
    tell()
    assert paid_seats(till) == [3]
    assert Subscription.objects.get().quantity == 3
    # with the next invoice, not with one more today
    assert Invoice.objects.count() == 1


def test_an_invitation_is_a_seat_and_viewers_are_free(till: Till, alice: Member, bob: Member) -> None:
    pay(till, alice)
    newcomer(alice, "victor", Role.VIEWER)
    tell()
    assert paid_seats(till) == [2]
    invite(alice, "dora@acme.example", Role.AGENT)
    tell()
    assert paid_seats(till) == [3]


def test_who_becomes_a_viewer_gives_the_seat_up(till: Till, alice: Member, bob: Member, go: Go) -> None:
    pay(till, alice)
    change_role(alice, bob, Role.VIEWER)
    tell()
    assert paid_seats(till) == [2]
    period_end = Subscription.objects.get().period_end
    assert period_end is not None
    assert customer_row().seats_due_at == period_end - DAY


def test_a_seat_that_is_given_up_is_paid_for_until_the_period_ends(
    till: Till, alice: Member, bob: Member, go: Go
) -> None:
    pay(till, alice)
    take_out(alice, bob)
    tell()
    assert paid_seats(till) == [2]
    period_end = Subscription.objects.get().period_end
    assert period_end is not None
    till.act("clock", to=int(period_end.timestamp()) - 3600)
    go(period_end - timedelta(hours=1))
    assert seating.work() == 1
    assert paid_seats(till) == [1]
    assert customer_row().seats_due_at is None
    till.advance(0.5)
    paying.returned(alice.workspace)
    newest = Invoice.objects.order_by("stripe_created").last()
    assert newest is not None
    assert newest.total == 1500


def test_who_leaves_and_comes_back_is_not_paid_for_twice(till: Till, alice: Member, bob: Member) -> None:
    pay(till, alice)
    take_out(alice, bob)
    tell()
    newcomer(alice, "bobby")
    tell()
    till.advance(31.2)
    paying.returned(alice.workspace)
    assert sorted(Invoice.objects.values_list("total", flat=True)) == [3000, 3000]


def test_an_invitation_that_ends_by_the_clock_is_counted_before_the_renewal(
    till: Till, alice: Member, bob: Member, go: Go
) -> None:
    invite(alice, "dora@acme.example", Role.AGENT)
    pay(till, alice)
    assert paid_seats(till) == [3]
    period_end = Subscription.objects.get().period_end
    assert period_end is not None
    go(period_end - timedelta(hours=1))
    assert seating.work() == 1
    assert paid_seats(till) == [2]


def test_seats_change_also_where_a_smaller_plan_is_planned(till: Till, alice: Member, bob: Member) -> None:
    pay(till, alice, "business")
    paying.change(alice, "team")
    newcomer(alice, "carol")
    tell()
    assert paid_seats(till) == [3]
    assert Subscription.objects.get().next_plan == "team"
    till.advance(31.2)
    paying.returned(alice.workspace)
    row = Subscription.objects.get()
    assert (row.plan, row.quantity) == ("team", 3)


def test_a_change_that_waits_for_the_bank_lets_seats_wait_too(till: Till, alice: Member, bob: Member) -> None:
    customer = pay(till, alice)
    till.advance(7)
    till.act("card", customer=customer.stripe_customer_id, card=ASKS_AT_RENEWALS)
    assert paying.change(alice, "business").state == "confirm"
    newcomer(alice, "carol")
    tell()
    assert paid_seats(till) == [2]
    till.act("pay_invoice", invoice=Invoice.objects.get(status="open").pk, challenge="pass")
    paying.returned(alice.workspace)
    tell()
    assert paid_seats(till) == [3]
    assert Subscription.objects.get().plan == "business"


def test_a_plan_that_somebody_died_planning_holds_no_seat_up(till: Till, alice: Member, bob: Member) -> None:
    pay(till, alice)
    till.v1.subscription_schedules.create({"from_subscription": Subscription.objects.get().id})
    newcomer(alice, "carol")
    tell()
    assert paid_seats(till) == [3]


def test_of_two_workers_one_gets_it(till: Till, alice: Member, bob: Member) -> None:
    pay(till, alice)
    newcomer(alice, "carol")
    Customer.unscoped.update(seats_due_at=timezone.now())
    before, worked = len(updates(till)), []

    def work() -> None:
        worked.append(seating.work())
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(worked) == [0, 1]
    assert len(updates(till)) == before + 1
    assert paid_seats(till) == [3]


def updates(till: Till) -> list[Any]:
    return [
        row for row in till.look("requests?since=0")["requests"] if row["method"] == "subscriptions.update"
    ]


def test_a_worker_that_dies_leaves_it_due_again(till: Till, alice: Member, bob: Member) -> None:
    pay(till, alice)
    newcomer(alice, "carol")
    till.act("faults", method="subscriptions.update", kind="drop_before_commit", count=9)
    tell()
    assert paid_seats(till) == [2]
    again = customer_row().seats_due_at
    assert again is not None
    assert again - timezone.now() <= timedelta(minutes=1)
    till.http.delete("/_control/faults")
    tell()
    assert paid_seats(till) == [3]


def test_mallorys_team_is_paid_for_by_nobody_else(
    till: Till, alice: Member, bob: Member, mallory: Member
) -> None:
    pay(till, alice)
    newcomer(mallory, "marvin")
    assert customer_row().seats_due_at == Subscription.objects.get().period_end - DAY  # type: ignore[operator]
    tell()
    assert paid_seats(till) == [2]
