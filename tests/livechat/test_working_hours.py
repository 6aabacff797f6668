"""S20, S21: when a site is open, by its own clock, over summer time and holidays; visitors are told so."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.access import agent_of
from accounts.models import Member
from livechat import presence, schedule
from livechat.actions import forcing
from livechat.actions.presence import note_asked, review
from livechat.hours import DAYS, Hours
from livechat.models import Availability, Site
from livechat.schedule import Schedule, SpecialDay, after, changes_at, is_open, words
from tests.serving import Served

VILNIUS = ZoneInfo("Europe/Vilnius")
WEEK = (0, 1, 2, 3, 4)
OFFICE = Schedule((Hours(WEEK, "09:00", "12:00"), Hours(WEEK, "13:00", "17:00")), "Europe/Vilnius")
CHRISTMAS = Schedule(
    OFFICE.hours,
    OFFICE.zone,
    (SpecialDay(date(2026, 12, 24), (("09:00", "12:00"),)), SpecialDay(date(2026, 12, 25))),
)
# clocks by an hour in both halves of the earth, by half of one, at midnight, and never
ZONES = ("Europe/Vilnius", "America/Santiago", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu", "UTC")


def at(day: int, clock: str, month: int = 11) -> datetime:
    """Of 2026, in Vilnius. The second of November is a Monday."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, month, day, hour, minute, tzinfo=VILNIUS).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (at(2, "08:59"), "Closed now. Opens again at 09:00."),
        (at(2, "09:00"), "Open now, until 12:00."),
        (at(2, "12:30"), "Closed now. Opens again at 13:00."),
        (at(2, "17:00"), "Closed now. Opens again at 09:00 tomorrow."),
        (at(6, "17:00"), "Closed now. Opens again at 09:00 on Monday 9 November."),
    ],
)
def test_it_says_whether_it_is_open_and_when_that_changes(moment: datetime, said: str) -> None:
    assert words(OFFICE, moment) == said
    assert is_open(OFFICE, moment) is said.startswith("Open")


def test_whoever_writes_no_hours_is_always_open() -> None:
    assert is_open(Schedule(), at(1, "03:00"))
    assert words(Schedule(), at(1, "03:00")) == "Always open."
    assert changes_at(Schedule(), at(1, "03:00")) is None
    assert after(Schedule(), at(1, "03:00"), timedelta(minutes=5)) == at(1, "03:05")


def test_a_holiday_goes_before_the_week() -> None:
    assert is_open(CHRISTMAS, at(24, "11:59", 12))
    assert not is_open(CHRISTMAS, at(24, "14:00", 12))
    assert words(CHRISTMAS, at(24, "14:00", 12)) == "Closed now. Opens again at 09:00 on Monday 28 December."


def test_holidays_alone_leave_every_other_day_open() -> None:
    only = Schedule((), "UTC", (SpecialDay(date(2026, 12, 25)),))
    assert is_open(only, datetime(2026, 12, 24, 3, tzinfo=UTC))
    assert not is_open(only, datetime(2026, 12, 25, 3, tzinfo=UTC))
    assert changes_at(only, datetime(2026, 12, 24, 3, tzinfo=UTC)) == datetime(2026, 12, 25, tzinfo=UTC)
    assert changes_at(only, datetime(2026, 12, 25, 3, tzinfo=UTC)) == datetime(2026, 12, 26, tzinfo=UTC)


def test_hours_that_touch_at_midnight_are_one() -> None:
    nights = Schedule(
        (Hours(tuple(range(7)), "20:00", "24:00"), Hours(tuple(range(7)), "00:00", "04:00")), "UTC"
    )
    evening = datetime(2026, 11, 2, 22, tzinfo=UTC)
    assert changes_at(nights, evening) == datetime(2026, 11, 3, 4, tzinfo=UTC)


def test_minutes_count_only_while_it_is_open() -> None:
    assert after(OFFICE, at(2, "11:55"), timedelta(minutes=10)) == at(2, "13:05")
    assert after(OFFICE, at(6, "16:50"), timedelta(minutes=30)) == at(9, "09:20")
    assert after(CHRISTMAS, at(24, "11:50", 12), timedelta(minutes=15)) == at(28, "09:05", 12)


def test_what_never_opens_has_no_moment() -> None:
    closed = Schedule((), "UTC", tuple(SpecialDay(date(2026, 1, 1) + timedelta(days=n)) for n in range(900)))
    assert after(closed, at(2, "12:00"), timedelta(minutes=1)) is None
    assert words(closed, at(2, "12:00")) == "Closed now. Opens again on no day of the next year."


def test_it_is_kept_as_it_was_written(site: Site) -> None:
    site.schedule = CHRISTMAS.row()
    site.save()
    site.refresh_from_db()
    assert schedule.of(site) == CHRISTMAS
    assert Schedule().row() == {}


clocks = st.integers(0, 24 * 60 - 15).map(lambda minute: minute // 15 * 15)
spans = st.tuples(clocks, st.integers(1, 40)).map(
    lambda pair: (pair[0], min(pair[0] + pair[1] * 15, 24 * 60))
)


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


weeks = st.lists(
    st.tuples(st.sets(st.integers(0, 6), min_size=1), spans).map(
        lambda row: Hours(tuple(sorted(row[0])), clock(row[1][0]), clock(row[1][1]))
    ),
    max_size=4,
)
# around the days on which those zones change their clocks
days = st.sampled_from(
    [date(2026, 3, 29), date(2026, 4, 5), date(2026, 4, 24), date(2026, 9, 6)]
) | st.sampled_from([date(2026, 10, 4), date(2026, 10, 25), date(2026, 10, 30), date(2026, 12, 31)])
specials = st.lists(
    st.builds(
        SpecialDay,
        days,
        st.lists(spans.map(lambda span: (clock(span[0]), clock(span[1]))), max_size=2).map(tuple),
    ),
    max_size=2,
)
moments = st.tuples(days, st.integers(-36 * 60, 36 * 60)).map(
    lambda pair: datetime.combine(pair[0], datetime.min.time(), UTC) + timedelta(minutes=pair[1])
)
many = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
schedules = st.builds(Schedule, weeks.map(tuple), st.sampled_from(ZONES), specials.map(tuple))


@many
@given(schedules, moments, st.integers(1, 600))
def test_so_many_open_minutes_have_gone_by_at_the_moment_that_is_named(
    known: Schedule, since: datetime, wait: int
) -> None:
    """Counted one by one on the clock on the wall, whatever summer time does to it."""
    found = after(known, since, timedelta(minutes=wait))
    counted, now = 0, since
    for _ in range(4000):
        if counted == wait:
            break
        counted += is_open(known, now)
        now += timedelta(minutes=1)
    else:
        assert found is None or found > now
        return
    assert found == now


@many
@given(schedules, moments)
def test_it_stays_as_it_is_until_the_change_that_is_named(known: Schedule, since: datetime) -> None:
    change, state = changes_at(known, since), is_open(known, since)
    if change is None:
        return
    assert is_open(known, change) is not state
    steps = min(int((change - since) / timedelta(minutes=1)), 3000)
    assert all(is_open(known, since + timedelta(minutes=step)) is state for step in range(steps))


# --- what visitors are told (S21) -------------------------------------------------------------------------------------


@pytest.fixture
def closed(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Somebody is there, outside of the site's hours."""
    monkeypatch.setattr(presence, "carriers", [lambda site: True])
    today = timezone.now().astimezone(UTC)
    others = tuple(day for day in range(len(DAYS)) if abs(day - today.weekday()) not in (0, 1, 6))
    site.schedule = Schedule((Hours(others, "09:00", "17:00"),), "UTC").row()
    site.save()
    return site


def test_outside_of_working_hours_nobody_is_there(closed: Site) -> None:
    assert not presence.is_attended(closed)
    assert not presence.is_online(closed)


def test_within_working_hours_the_people_decide(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.schedule = Schedule((Hours(tuple(range(7)), "00:00", "24:00"),), "UTC").row()
    for there in (True, False):
        monkeypatch.setattr(presence, "carriers", [lambda site, there=there: there])
        assert presence.is_attended(site) is there


def test_whoever_says_so_goes_before_the_clock(closed: Site, alice: Member) -> None:
    forcing.force(closed, True, agent_of(alice), Site.Where.CONSOLE)
    assert presence.is_attended(closed)
    assert presence.is_online(closed)


def test_an_open_widget_hears_when_the_hours_are_over(server: Served, closed: Site) -> None:
    row = closed.schedule
    Site.unscoped.update(schedule={})
    with server.socket() as tab:
        tab.hello(closed.public_token)
        note_asked([closed.pk])
        review()
        assert Availability.objects.get().is_online
        Site.unscoped.update(schedule=row)
        review()
        heard = [tab.hear_type("presence")["online"], tab.hear_type("presence")["online"]]
    assert heard == [True, False]
