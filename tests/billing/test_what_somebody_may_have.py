"""B2, B6, B7: what a workspace may have is a function of Stripe's status and the clock, for every status and moment."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.models import Customer, Subscription
from billing.plans import BUSINESS, FREE, PLANS, TEAM, TRIAL, of_price
from billing.standing import GRACE, KNOWN, Why, standing

NOW = datetime(2027, 1, 15, tzinfo=UTC)
DAY = timedelta(days=1)


def bought(status: str, plan: str = "team") -> Subscription:
    return Subscription(status=status, plan=plan)


@pytest.mark.parametrize(
    ("status", "plan", "why"),
    [
        ("trialing", TEAM, Why.PAID),
        ("active", TEAM, Why.PAID),
        ("past_due", TEAM, Why.GRACE),
        ("a_word_of_tomorrow", TEAM, Why.GRACE),
        ("unpaid", FREE, Why.OVERDUE),
        ("paused", FREE, Why.PAUSED),
        ("incomplete", FREE, Why.NO_PLAN),
        ("incomplete_expired", FREE, Why.NO_PLAN),
        ("canceled", FREE, Why.NO_PLAN),
    ],
)
def test_each_status_has_its_place(status: str, plan: object, why: Why) -> None:
    where = standing(Customer(), bought(status), NOW)
    assert (where.plan, where.why) == (plan, why)


def test_a_trial_needs_no_card_and_ends_by_the_clock() -> None:
    customer = Customer(trial_ends_at=NOW + DAY)
    assert standing(customer, None, NOW) == standing(customer, bought("incomplete"), NOW)
    assert standing(customer, None, NOW).plan is TRIAL
    assert standing(customer, None, NOW).until == NOW + DAY
    assert standing(customer, None, NOW + DAY).plan is FREE


def test_what_is_paid_for_counts_before_the_trial() -> None:
    assert standing(Customer(trial_ends_at=NOW + DAY), bought("active"), NOW).plan is TEAM


def test_grace_is_counted_from_the_first_failure_and_ends_by_the_clock() -> None:
    customer = Customer(first_failed_at=NOW)
    assert standing(customer, bought("past_due"), NOW + GRACE - DAY).plan is TEAM
    assert standing(customer, bought("past_due"), NOW).until == NOW + GRACE
    assert standing(customer, bought("past_due"), NOW + GRACE).why == Why.OVERDUE


def test_a_price_that_somebody_made_by_hand_gives_no_more_than_the_free_plan() -> None:
    assert standing(Customer(), bought("active", plan=""), NOW).plan is FREE
    assert of_price("made_by_hand") is of_price(None) is None


@given(
    st.sampled_from([*KNOWN, "odd", ""]),
    st.sampled_from([plan.key for plan in PLANS] + ["", "odd"]),
    st.none() | st.integers(-40, 40),
    st.none() | st.integers(-40, 40),
)
def test_it_always_has_an_answer_and_says_when_it_changes(
    status: str, plan: str, trial: int | None, failed: int | None
) -> None:
    customer = Customer(
        trial_ends_at=NOW + trial * DAY if trial is not None else None,
        first_failed_at=NOW + failed * DAY if failed is not None else None,
    )
    subscription = bought(status, plan)
    where = standing(customer, subscription, NOW)
    if where.until is None:
        later = standing(customer, subscription, NOW + timedelta(days=4000))
        assert (later.plan, later.why) == (where.plan, where.why)
    else:
        assert where.until > NOW
        just_before = standing(customer, subscription, where.until - timedelta(seconds=1))
        assert (just_before.plan, just_before.why) == (where.plan, where.why)
        after = standing(customer, subscription, where.until)
        assert (after.plan, after.why) != (where.plan, where.why)


def test_a_larger_plan_is_larger_in_everything() -> None:
    for smaller, larger in ((FREE, TEAM), (TEAM, BUSINESS)):
        less, more = smaller.entitlements, larger.entitlements
        for limit in ("most_sites", "most_seats", "most_chats", "most_keep_days", "white_label"):
            assert getattr(less, limit) <= getattr(more, limit)
