"""B10: chats are counted in the month that is billed, apart from the chats, and whoever nears the limit is told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import connections
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.access import agent_of
from accounts.actions.entitlements import set_entitlements
from accounts.models import Member, Workspace
from billing import metering, nearing, tasks
from billing.actions import counting
from billing.models import Customer, Subscription, UsagePeriod
from billing.periods import Period, month_after, period_of
from billing.plans import BUSINESS, FREE, TEAM
from livechat.actions import messages
from livechat.actions.erasure import erase_visitor
from livechat.models import ChatFigures, ChatSession, Site
from tests import cast
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
LEAP_YEAR = datetime(2024, 1, 1, tzinfo=UTC)
NOW = datetime(2027, 3, 15, 12, tzinfo=UTC)
At = Callable[[datetime], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    def go(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    go(NOW)
    return go


@pytest.fixture
def shop(alice: Member) -> Site:
    """Acme is on the free plan: a hundred chats a month."""
    site = cast.shop_of(alice)
    set_entitlements(alice.workspace_id, FREE.entitlements)
    alice.workspace.refresh_from_db()
    return site


def had(site: Site, chats: int, moment: datetime | None = None) -> None:
    """So many chats were begun: what is left of them when their words are gone."""
    moment = moment or timezone.now()
    rows = [ChatFigures(site=site, day=moment.date(), slot=0, asked_at=moment) for _ in range(chats)]
    ChatFigures.unscoped.bulk_create(rows)


def subscribed(workspace: Workspace, start: datetime, end: datetime, status: str = "active") -> Subscription:
    customer, _ = Customer.unscoped.get_or_create(workspace=workspace)
    return Subscription.objects.create(
        id=f"sub_{start:%Y%m%d}", customer=customer, status=status, plan="team", price_id="price_1", item_id="si_1",
        quantity=1, period_start=start, period_end=end, stripe_created=start,
    )  # fmt: skip


def swept() -> int:
    nearing.count_all()
    return nearing.send_due()


# --- what counts --------------------------------------------------------------------------------------------------


def test_a_chat_counts_once_its_visitor_has_written_however_much_they_write(
    alice: Member, shop: Site
) -> None:
    claim = cast.newcomer(shop)
    assert metering.usage(alice.workspace).chats == 0
    for text in ("Hello", "Anybody there?"):
        cast.say(claim, text)
    cast.say(cast.newcomer(shop))
    assert metering.usage(alice.workspace).chats == 2


def test_an_answer_and_a_line_after_it_make_no_second_chat(alice: Member, shop: Site) -> None:
    claim = cast.newcomer(shop)
    cast.say(claim)
    messages.post_agent_message(cast.chat_of(claim).pk, agent_of(alice), "Yes?")
    cast.say(claim, "Thank you")
    assert counting.count(alice.workspace).chats == 1


def test_a_chat_that_was_erased_still_counts(alice: Member, shop: Site) -> None:
    claim = cast.newcomer(shop)
    cast.say(claim)
    erase_visitor(alice, cast.chat_of(claim).visitor_id)
    assert not ChatSession.unscoped.exists()
    assert metering.usage(alice.workspace).chats == 1


def test_a_count_never_falls_when_a_site_goes(alice: Member, shop: Site) -> None:
    had(shop, 7)
    counting.count(alice.workspace)
    shop.delete()
    assert counting.count(alice.workspace).chats == metering.usage(alice.workspace).chats == 7


def test_usage_says_what_is_taken_of_what_there_is(alice: Member, shop: Site) -> None:
    had(shop, 3)
    told = metering.usage(alice.workspace)
    assert (told.chats, told.most_chats, told.sites, told.most_sites) == (3, 100, 1, 1)
    assert (told.seats, told.most_seats) == (2, 2)


def test_without_a_key_usage_is_shown_without_limits(mallory: Member) -> None:
    cast.say(cast.newcomer(cast.shop_of(mallory)))
    told = metering.usage(mallory.workspace)
    assert (told.chats, told.most_chats, told.most_sites, told.most_seats) == (1, None, None, None)


def test_nobody_counts_anothers_chats(alice: Member, mallory: Member, shop: Site) -> None:
    had(shop, 100)
    set_entitlements(mallory.workspace_id, FREE.entitlements)
    mallory.workspace.refresh_from_db()
    swept()
    assert metering.usage(mallory.workspace).chats == 0
    assert metering.banners(mallory) == []
    assert [message.to for message in mail.outbox] == [["alice@acme.example"]]


# --- the month ----------------------------------------------------------------------------------------------------


def test_without_a_subscription_it_is_the_calendar_month_in_utc(alice: Member, at: At) -> None:
    march = Period(datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC))
    assert period_of(None, NOW) == march
    # the hour that clocks in Berlin leave out is nothing to it
    assert period_of(None, datetime(2027, 3, 28, 1, 30, tzinfo=UTC)) == march
    assert period_of(None, march.ends_at).starts_at == march.ends_at


def test_with_a_subscription_it_is_what_stripe_bills(alice: Member) -> None:
    start, end = datetime(2027, 2, 28, 9, tzinfo=UTC), datetime(2027, 3, 28, 9, tzinfo=UTC)
    subscription = subscribed(alice.workspace, start, end)
    assert period_of(subscription.customer, NOW) == Period(start, end)


def test_a_renewal_that_is_not_heard_of_yet_begins_where_the_last_month_ended(alice: Member) -> None:
    subscription = subscribed(alice.workspace, NOW - timedelta(days=40), NOW - timedelta(days=9))
    assert period_of(subscription.customer, NOW).starts_at == NOW - timedelta(days=9)


def test_a_purchase_that_was_never_paid_has_no_month_of_its_own(alice: Member) -> None:
    subscription = subscribed(
        alice.workspace, NOW - timedelta(days=1), NOW + timedelta(days=30), "incomplete"
    )
    assert period_of(subscription.customer, NOW).starts_at.day == 1


def test_the_end_of_a_trial_or_a_subscription_begins_a_new_count(alice: Member, shop: Site, at: At) -> None:
    """What somebody did with twenty thousand chats does not put them over Free's hundred."""
    customer = Customer.unscoped.create(workspace=alice.workspace, trial_ends_at=NOW)
    had(shop, 500, NOW - timedelta(days=2))
    at(NOW + timedelta(hours=1))
    assert metering.usage(alice.workspace).chats == 0
    ended = subscribed(alice.workspace, NOW - timedelta(days=12), NOW + timedelta(days=19), "canceled")
    ended.ended_at = NOW + timedelta(hours=2)
    ended.save()
    at(NOW + timedelta(hours=3))
    assert period_of(customer, timezone.now()).starts_at == NOW + timedelta(hours=2)


@given(st.integers(0, 10 * 366 * 24 * 60).map(lambda minutes: LEAP_YEAR + timedelta(minutes=minutes)))
def test_months_follow_each_other_without_a_gap_also_in_leap_years(moment: datetime) -> None:
    period = period_of(None, moment)
    assert period.starts_at <= moment < period.ends_at
    assert period_of(None, period.ends_at).starts_at == period.ends_at
    assert timedelta(days=28) <= month_after(moment) - moment <= timedelta(days=31)


def test_a_new_month_begins_at_nought_and_the_old_one_stands(alice: Member, shop: Site, at: At) -> None:
    had(shop, 100)
    swept()
    at(datetime(2027, 4, 1, tzinfo=UTC))
    assert metering.usage(alice.workspace).chats == 0
    assert metering.usage(alice.workspace).resets_at == datetime(2027, 5, 1, tzinfo=UTC)
    assert metering.banners(alice) == []
    had(shop, 1)
    swept()
    assert sorted(UsagePeriod.unscoped.values_list("chats", flat=True)) == [1, 100]
    assert len(mail.outbox) == 1


def test_a_line_whose_commit_comes_late_is_counted_by_the_next_sweep(shop: Site, at: At) -> None:
    had(shop, 1)
    swept()
    had(shop, 1, NOW - timedelta(seconds=20))
    at(NOW + timedelta(seconds=5))
    assert nearing.count_all() == 1
    assert UsagePeriod.unscoped.get().chats == 2


def test_where_nothing_happened_nothing_is_counted_again(shop: Site, at: At) -> None:
    had(shop, 1)
    assert nearing.count_all() == 1
    at(NOW + timedelta(minutes=2))
    assert [nearing.count_all(), nearing.count_all()] == [1, 0]
    had(shop, 1)
    assert nearing.count_all() == 1


# --- who is told --------------------------------------------------------------------------------------------------


def test_owners_are_told_at_80_and_at_100_per_cent_once_each(alice: Member, shop: Site) -> None:
    had(shop, 79)
    assert swept() == 0
    had(shop, 1)
    assert [swept(), swept()] == [1, 0]
    had(shop, 20)
    assert [swept(), swept()] == [1, 0]
    had(shop, 900)
    assert swept() == 0
    first, second = mail.outbox
    assert first.to == second.to == ["alice@acme.example"]
    assert "Acme has had 80 chats this month; the plan Free holds 100." in first.body
    assert first.subject == "Acme has used 80 % of this month’s chats"
    assert second.subject == "Acme has used all of this month’s chats"
    for told in mail.outbox:
        assert "every visitor’s message still reaches you" in told.body
        assert "/console/settings/billing" in told.body


def test_whoever_passes_both_at_once_gets_one_mail(shop: Site) -> None:
    had(shop, 250)
    assert swept() == 1
    assert "all of this month" in mail.outbox[0].subject


def test_a_larger_plan_that_came_before_the_mail_spares_it(alice: Member, shop: Site) -> None:
    had(shop, 100)
    nearing.count_all()
    set_entitlements(alice.workspace_id, TEAM.entitlements)
    assert nearing.send_due() == 0
    assert UsagePeriod.unscoped.get().due_at is None


def test_a_larger_plan_is_told_of_anew_and_a_smaller_one_not_again(alice: Member, shop: Site) -> None:
    had(shop, 1600)
    for plan, mails in ((FREE, 1), (TEAM, 2), (FREE, 2), (TEAM, 2), (BUSINESS, 2)):
        set_entitlements(alice.workspace_id, plan.entitlements)
        swept()
        assert len(mail.outbox) == mails


def test_a_mail_that_the_server_refuses_is_tried_again_later(
    shop: Site, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    had(shop, 100)
    with monkeypatch.context() as broken:
        broken.setattr("accounts.mails.send_mail", _no_server)
        assert swept() == 0
    assert nearing.send_due() == 0
    at(NOW + timedelta(minutes=3))
    assert [nearing.send_due(), nearing.send_due()] == [1, 0]


def _no_server(*about: object) -> None:
    raise OSError("no mail server")


def test_the_banner_is_for_whoever_may_choose_another_plan(
    alice: Member, bob: Member, mallory: Member, shop: Site, client_of: ClientOf
) -> None:
    had(shop, 80)
    swept()
    bob.workspace.refresh_from_db()
    page = client_of(alice).get("/console/sites").content.decode()
    assert "80 of the 100 chats that Free holds a month are used." in page
    assert '<a href="/console/settings/billing">See plans</a>' in page
    for other in (bob, mallory):
        assert "a month are used" not in client_of(other).get("/console/sites").content.decode()


def test_a_page_pays_one_statement_for_it_and_none_where_nothing_is_limited(
    alice: Member, bob: Member, mallory: Member, shop: Site, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bob.workspace.refresh_from_db()
    for member, statements in ((alice, 1), (bob, 0), (mallory, 0)):
        with django_assert_num_queries(statements):
            metering.banners(member)


def test_a_plan_that_holds_enough_takes_the_banner_away_at_once(alice: Member, shop: Site) -> None:
    had(shop, 120)
    swept()
    assert "You have had 120 chats this month, and Free holds 100." in metering.banners(alice)[0].words
    set_entitlements(alice.workspace_id, TEAM.entitlements)
    alice.workspace.refresh_from_db()
    assert metering.banners(alice) == []


def test_a_workspace_that_ends_or_sells_nothing_is_told_nothing(alice: Member, shop: Site) -> None:
    had(shop, 100)
    nearing.count_all()
    Workspace.objects.filter(pk=alice.workspace_id).update(ending_since=NOW, ends_at=NOW + timedelta(days=30))
    assert (nearing.send_due(), nearing.count_all(), mail.outbox) == (0, 0, [])


def test_without_a_key_nobody_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[int] = []
    monkeypatch.setattr(tasks, "_count_chats", lambda: rung.append(1))
    tasks.count_chats()
    assert not rung


DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("chats"), st.sampled_from([1, 20, 80, 100, 1500])),
        st.tuples(st.just("sweep"), st.none()),
        st.tuples(st.just("count"), st.none()),
        st.tuples(st.just("mail"), st.none()),
        st.tuples(st.just("plan"), st.sampled_from([FREE, TEAM, BUSINESS])),
        st.tuples(st.just("days"), st.integers(1, 40)),
    ),
    min_size=5,
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_any_order_of_sweeps_and_changes_tells_each_threshold_once_a_month(
    alice: Member, shop: Site, at: At, deeds: list[tuple[str, object]]
) -> None:
    """For each month and limit at most one mail of each kind; at the end nobody who is near a limit was left untold."""
    _forget_everything(alice.workspace)
    moment, told = NOW, list[tuple[object, ...]]()
    at(moment)
    for deed, value in [*deeds, ("count", None), ("mail", None)]:
        if deed == "chats" and isinstance(value, int):
            had(shop, value)
        elif deed == "plan":
            set_entitlements(alice.workspace_id, value.entitlements)  # type: ignore[attr-defined]
        elif deed == "days" and isinstance(value, int):
            moment += timedelta(days=value)
            at(moment)
        elif deed == "count":
            nearing.count_all()
        if deed == "sweep":
            nearing.count_all()
        if deed in ("mail", "sweep"):
            mail.outbox.clear()
            nearing.send_due()
            told += [
                (moment.year, moment.month, one.body.partition(" holds ")[2][:6], one.subject)
                for one in mail.outbox
            ]
    assert len(told) == len(set(told))
    alice.workspace.refresh_from_db()
    usage = metering.usage(alice.workspace)
    share = counting.reached(usage.chats, usage.most_chats)
    row = UsagePeriod.unscoped.filter(ends_at=usage.resets_at).first()
    assert not share or (row is not None and row.due_at is None)
    assert share < 80 or (row is not None and row.told_80_of >= (usage.most_chats or 0))
    assert share < 100 or (row is not None and row.told_100_of >= (usage.most_chats or 0))


def _forget_everything(workspace: Workspace) -> None:
    UsagePeriod.unscoped.all().delete()
    ChatFigures.unscoped.all().delete()
    set_entitlements(workspace.pk, FREE.entitlements)
    mail.outbox.clear()


@pytest.mark.django_db(transaction=True)
def test_sweeps_that_meet_make_one_row_and_one_mail(alice: Member, shop: Site) -> None:
    had(shop, 100)

    def sweep(_: int) -> int:
        try:
            return swept()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        sent = sum(threads.map(sweep, range(4)))
    assert (UsagePeriod.unscoped.count(), sent, len(mail.outbox)) == (1, 1, 1)
