"""When a site is open (S20, S21): hours of the week, and single days that are otherwise, on the clock of its zone.

A moment is open if the clock on the wall then shows open hours (livechat.hours): what a clock put forward skips is
never open, an hour that it shows twice is open twice. Whoever writes no hours is always open.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from livechat import hours
from livechat.hours import DAY, Hours
from livechat.models import Site

# nothing is looked for beyond
HORIZON = timedelta(days=400)
# no zone changes its clock twice within
BETWEEN_LOOKS = timedelta(hours=6)
Moments = list[tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A holiday, or a day with other hours than its weekday. `spans` are `HH:MM`; none means closed."""

    date: date
    spans: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Schedule:
    """`days` go before `hours`. `zone` is a name of the time zone database."""

    hours: tuple[Hours, ...] = ()
    zone: str = "UTC"
    days: tuple[SpecialDay, ...] = ()

    @property
    def is_always_open(self) -> bool:
        return not self.hours and not self.days

    def row(self) -> dict[str, Any]:
        days = [
            {"date": day.date.isoformat(), "spans": [list(span) for span in day.spans]} for day in self.days
        ]
        row = {"hours": hours.to_rows(self.hours), "zone": self.zone, "days": days}
        return {} if self.is_always_open else row


def of(site: Site) -> Schedule:
    row = dict(site.schedule)
    days = tuple(
        SpecialDay(date.fromisoformat(day["date"]), tuple((begin, end) for begin, end in day["spans"]))
        for day in row.get("days", [])
    )
    return Schedule(hours.from_rows(row.get("hours", [])), row.get("zone", "UTC"), days)


def is_open(schedule: Schedule, at: datetime) -> bool:
    if schedule.is_always_open:
        return True
    local = at.astimezone(ZoneInfo(schedule.zone))
    now = local.hour * 60 + local.minute
    return any(begin <= now < end for begin, end in _spans(schedule, local.date()))


def changes_at(schedule: Schedule, at: datetime) -> datetime | None:
    """When it closes if it is open at that moment, else when it opens. None: not within HORIZON."""
    if schedule.is_always_open:
        return None
    for begin, end in _periods(schedule, at):
        change = begin if begin > at else end
        # what goes on for so long was cut there by whoever stopped looking
        return change if change - at < HORIZON else None
    return None


def after(schedule: Schedule, since: datetime, wait: timedelta) -> datetime | None:
    """The moment at which it has been open for so long since then. None: not within HORIZON."""
    if schedule.is_always_open:
        return since + wait
    for begin, end in _periods(schedule, since):
        counted_from = max(begin, since)
        if end - counted_from >= wait:
            return counted_from + wait
        wait -= end - counted_from
    return None


def open_between(schedule: Schedule, since: datetime, until: datetime) -> timedelta:
    """How long it is open from the one moment to the other, at most HORIZON apart."""
    if schedule.is_always_open or until <= since:
        return max(until - since, timedelta())
    total = timedelta()
    for begin, end in _periods(schedule, since):
        if begin >= until:
            break
        total += min(end, until) - max(begin, since)
    return total


def _periods(schedule: Schedule, since: datetime) -> Iterator[tuple[datetime, datetime]]:
    """In order and apart from each other, those that end after that moment. The last one may go on beyond."""
    zone, first = ZoneInfo(schedule.zone), since.astimezone(ZoneInfo(schedule.zone)).date()
    waiting: tuple[datetime, datetime] | None = None
    # the day before may reach into this one where clocks are put back over midnight
    for number in range(-1, HORIZON.days + 3):
        day = first + timedelta(days=number)
        for begin, end in _moments(zone, day, _spans(schedule, day)):
            if waiting is not None and begin <= waiting[1]:
                waiting = (waiting[0], max(waiting[1], end))
                continue
            if waiting is not None and waiting[1] > since:
                yield waiting
            waiting = (begin, end)
    if waiting is not None and waiting[1] > since:
        yield waiting


def _spans(schedule: Schedule, day: date) -> list[tuple[int, int]]:
    """In minutes since midnight, as the clock shows them."""
    special = [one for one in schedule.days if one.date == day]
    if special:
        clocks = [span for one in special for span in one.spans]
    elif schedule.hours:
        clocks = [(one.begin, one.end) for one in schedule.hours if day.weekday() in one.days]
    else:
        return [(0, DAY)]
    return hours.merged((hours.minutes(begin), hours.minutes(end)) for begin, end in clocks)


def _moments(zone: ZoneInfo, day: date, spans: list[tuple[int, int]]) -> Moments:
    """When the clock shows these minutes of the day."""
    midnight = datetime.combine(day, time(), UTC)
    found = []
    for begin, end, offset in _offsets(zone, midnight) if spans else ():
        for first, last in spans:
            opens = max(begin, midnight + timedelta(minutes=first) - offset)
            closes = min(end, midnight + timedelta(minutes=last) - offset)
            if opens < closes:
                found.append((opens, closes))
    return hours.merged(found)


def _offsets(zone: ZoneInfo, midnight: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """From when until when the clock was how far from UTC, around the day that begins at this midnight of UTC."""
    begin = at = midnight - timedelta(hours=15)
    over = midnight + timedelta(hours=39)
    while at < over:
        later = min(at + BETWEEN_LOOKS, over)
        if _offset(zone, at) != _offset(zone, later):
            change = _change(zone, at, later)
            yield begin, change, _offset(zone, begin)
            begin = change
        at = later
    yield begin, over, _offset(zone, begin)


def _change(zone: ZoneInfo, before: datetime, behind: datetime) -> datetime:
    """The first second with the later offset."""
    while behind - before > timedelta(seconds=1):
        between = before + timedelta(seconds=(behind - before) // timedelta(seconds=2))
        if _offset(zone, between) == _offset(zone, before):
            before = between
        else:
            behind = between
    return behind


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    found = at.astimezone(zone).utcoffset()
    assert found is not None
    return found


# --- in words ---------------------------------------------------------------------------------------------------------


def words(schedule: Schedule, at: datetime) -> str:
    """`Open now, until 17:00.` `Closed now. Opens again on Monday 4 January at 09:00.` On the schedule's clock."""
    if schedule.is_always_open:
        return "Always open."
    change = changes_at(schedule, at)
    if is_open(schedule, at):
        return f"Open now, until {moment(schedule, change, at)}." if change else "Open now."
    return f"Closed now. Opens again {opening(schedule, change, at)}."


def opening(schedule: Schedule, change: datetime | None, at: datetime) -> str:
    return f"at {moment(schedule, change, at)}" if change else "on no day of the next year"


def moment(schedule: Schedule, of: datetime, seen_from: datetime) -> str:
    """`17:00`, `09:00 tomorrow`, `09:00 on Monday 4 January`."""
    zone = ZoneInfo(schedule.zone)
    local, today = of.astimezone(zone), seen_from.astimezone(zone).date()
    clock, ahead = f"{local:%H:%M}", (local.date() - today).days
    if ahead == 0:
        return clock
    return f"{clock} tomorrow" if ahead == 1 else f"{clock} on {local:%A} {local.day} {local:%B}"
