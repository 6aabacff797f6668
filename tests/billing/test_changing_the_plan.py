"""B8: a larger plan at once, a smaller one or none with the next period, and each taken back."""

import pytest
from pytest_django import Settings

from accounts.actions.members import add_member
from accounts.errors import Refused
from accounts.models import AuditEntry, Member, Role, User
from billing import paying
from billing.models import Customer, Invoice, Subscription
from billing.plans import BUSINESS, FREE, TEAM
from tests.billing.test_going_to_pay import pay, plan_of
from tests.billing.till import ASKS_AT_RENEWALS, FAILS_LATER, Till
from tests.cast import shop_of

WEEK = 7


def live() -> Subscription:
    return Subscription.objects.exclude(status="canceled").get()


def verbs(member: Member) -> list[str]:
    rows = AuditEntry.unscoped.filter(workspace=member.workspace, verb__startswith="billing.plan")
    return list(rows.order_by("pk").values_list("verb", flat=True))


def test_a_larger_plan_is_there_at_once_and_the_difference_is_charged(
    till: Till, alice: Member, bob: Member
) -> None:
    pay(till, alice)
    till.advance(WEEK)
    told = paying.preview(alice.workspace, "business")
    assert (told.plan, told.when, told.then, told.currency) == (BUSINESS, "now", 7000, "eur")
    assert paying.change(alice, "business").state == "done"
    assert (live().plan, live().quantity, plan_of(alice)) == ("business", 2, "Business")
    newest = Invoice.objects.order_by("stripe_created").last()
    assert newest is not None
    assert 0 < newest.total < 4000
    assert abs(newest.total - told.due_now) <= 2
    assert verbs(alice) == ["billing.plan_chosen"]


def test_who_asks_twice_is_charged_once(till: Till, alice: Member) -> None:
    pay(till, alice)
    till.advance(WEEK)
    paying.change(alice, "business")
    with pytest.raises(Refused, match="the plan that you have"):
        paying.change(alice, "business")
    assert Invoice.objects.count() == 2


def test_the_bank_asks_and_the_plan_changes_once_it_is_answered(till: Till, alice: Member) -> None:
    customer = pay(till, alice)
    till.advance(WEEK)
    till.act("card", customer=customer.stripe_customer_id, card=ASKS_AT_RENEWALS)
    changed = paying.change(alice, "business")
    assert changed.state == "confirm"
    assert changed.address.startswith(till.url)
    assert (live().plan, plan_of(alice)) == ("team", "Team")
    # the same page again, and no second invoice
    again = paying.change(alice, "business")
    assert (again.state, again.address) == ("confirm", changed.address)
    bill = Invoice.objects.get(status="open")
    till.act("pay_invoice", invoice=bill.pk, challenge="pass")
    paying.returned(alice.workspace)
    assert (live().plan, plan_of(alice)) == ("business", "Business")


def test_a_card_that_is_declined_leaves_the_old_plan(till: Till, alice: Member) -> None:
    customer = pay(till, alice)
    till.advance(WEEK)
    till.act("card", customer=customer.stripe_customer_id, card=FAILS_LATER)
    assert paying.change(alice, "business").state == "confirm"
    assert (live().plan, live().status, plan_of(alice)) == ("team", "active", "Team")


def test_a_smaller_plan_begins_with_the_next_period(till: Till, alice: Member, bob: Member) -> None:
    pay(till, alice, "business")
    told = paying.preview(alice.workspace, "team")
    assert (told.when, told.due_now, told.then, told.at) == ("period_end", 0, 3000, live().period_end)
    assert paying.change(alice, "team").state == "at_period_end"
    assert (live().plan, live().next_plan, plan_of(alice)) == ("business", "team", "Business")
    coming = paying.upcoming(alice.workspace)
    assert coming is not None
    assert coming.total == 3000
    till.advance(31.2)
    paying.returned(alice.workspace)
    assert (live().plan, live().next_plan, plan_of(alice)) == ("team", "", "Team")
    assert Invoice.objects.order_by("stripe_created").last().total == 3000  # type: ignore[union-attr]


def test_a_planned_smaller_plan_is_taken_back(till: Till, alice: Member) -> None:
    pay(till, alice, "business")
    paying.change(alice, "team")
    paying.resume(alice)
    assert (live().plan, live().next_plan, live().schedule_id) == ("business", "", "")
    till.advance(31.2)
    paying.returned(alice.workspace)
    assert live().plan == "business"
    assert verbs(alice) == ["billing.plan_chosen", "billing.plan_resumed"]
    with pytest.raises(Refused, match="goes on already"):
        paying.resume(alice)


def test_to_choose_the_plan_that_one_has_takes_the_planned_one_back(till: Till, alice: Member) -> None:
    pay(till, alice, "business")
    paying.change(alice, "team")
    assert paying.change(alice, "business").state == "done"
    assert live().next_plan == ""


def test_who_cancels_keeps_what_is_paid_for(till: Till, alice: Member) -> None:
    pay(till, alice)
    paying.cancel(alice)
    assert (live().cancel_at_period_end, plan_of(alice)) == (True, "Team")
    assert paying.upcoming(alice.workspace) is None
    Customer.unscoped.update(trial_ends_at=None)
    till.advance(31.2)
    paying.returned(alice.workspace)
    assert plan_of(alice) == "Free"
    assert verbs(alice) == ["billing.plan_cancelled"]
    pay(till, alice, "team")
    assert plan_of(alice) == "Team"


def test_who_cancels_may_stay_after_all(till: Till, alice: Member) -> None:
    pay(till, alice)
    paying.cancel(alice)
    paying.cancel(alice)
    paying.resume(alice)
    assert not live().cancel_at_period_end


def test_who_cancels_no_longer_goes_over_to_another_plan(till: Till, alice: Member) -> None:
    pay(till, alice, "business")
    paying.change(alice, "team")
    paying.cancel(alice)
    assert (live().cancel_at_period_end, live().next_plan) == (True, "")


def test_free_is_the_end_of_the_paid_plan(till: Till, alice: Member) -> None:
    pay(till, alice)
    assert paying.preview(alice.workspace, "free").plan == FREE
    assert paying.change(alice, "free").state == "at_period_end"
    assert live().cancel_at_period_end


def test_who_had_cancelled_and_chooses_a_larger_plan_stays(till: Till, alice: Member) -> None:
    pay(till, alice)
    paying.cancel(alice)
    till.advance(WEEK)
    paying.change(alice, "business")
    assert (live().plan, live().cancel_at_period_end) == ("business", False)


def test_who_cannot_pay_ends_at_once_and_owes_nothing(till: Till, alice: Member) -> None:
    pay(till, alice, card=ASKS_AT_RENEWALS)
    till.advance(31.2)
    paying.returned(alice.workspace)
    with pytest.raises(Refused, match="Pay it first"):
        paying.change(alice, "business")
    Customer.unscoped.update(trial_ends_at=None)
    paying.cancel(alice)
    assert plan_of(alice) == "Free"
    assert set(Invoice.objects.values_list("status", flat=True)) == {"paid", "void"}


def test_what_does_not_fit_the_smaller_plan_is_said_before(till: Till, alice: Member) -> None:
    pay(till, alice, "business")
    for number in range(4):
        shop_of(alice, f"Shop {number}")
    for number in range(21):
        user = User.objects.create_user(f"agent{number}@acme.example", None)
        add_member(alice.workspace, user, Role.AGENT)
    notes = " ".join(paying.preview(alice.workspace, "team").notes)
    assert "seats are taken, and Team has room for 20" in notes
    assert "You have 4 sites, and Team has room for 3" in notes
    assert "365 days at most" in notes
    assert paying.change(alice, "team").state == "at_period_end"


def test_before_anything_is_paid_the_price_is_of_the_whole_team(
    till: Till, alice: Member, bob: Member
) -> None:
    told = paying.preview(alice.workspace, "team")
    assert (told.plan, told.when, told.due_now, told.then, told.at) == (TEAM, "now", 3000, 3000, None)


def test_mallory_changes_nothing_of_acme(till: Till, alice: Member, mallory: Member) -> None:
    pay(till, alice)
    for deed in (paying.cancel, paying.resume, lambda member: paying.change(member, "business")):
        with pytest.raises(Refused, match="Choose a plan first"):
            deed(mallory)
    assert (live().plan, live().cancel_at_period_end) == ("team", False)


def test_without_a_key_there_is_nothing_to_change(db: None, alice: Member, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    for deed in (paying.cancel, paying.resume, lambda member: paying.change(member, "team")):
        with pytest.raises(Refused, match="without limits"):
            deed(alice)
    with pytest.raises(Refused, match="without limits"):
        paying.preview(alice.workspace, "team")
