"""Working hours of routes (S9) and sites (S20): intervals of a week on the clock of a zone, whatever summer time does.

A clock that is put forward skips what it skips; one that is put back is in the same hours twice.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY = 24 * 60
# minutes, or moments
T = TypeVar("T", int, datetime)


@dataclass(frozen=True, slots=True)
class Hours:
    """On each of `days`, which count from Monday, 0. `begin` and `end` are `HH:MM`; `24:00` ends the day."""

    days: tuple[int, ...]
    begin: str
    end: str


def from_rows(rows: Iterable[dict[str, Any]]) -> tuple[Hours, ...]:
    """What `asdict` made of them, after it has been JSON."""
    return tuple(Hours(**{**row, "days": tuple(row["days"])}) for row in rows)


def to_rows(hours: Iterable[Hours]) -> list[dict[str, Any]]:
    return [{**asdict(one), "days": list(one.days)} for one in hours]


def minutes(clock: str) -> int:
    """Since midnight; 1440 for `24:00`."""
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def hold(hours: Iterable[Hours], zone: str, at: datetime) -> bool:
    local = at.astimezone(ZoneInfo(zone))
    now = local.weekday() * DAY + local.hour * 60 + local.minute
    return any(begin <= now < end for begin, end in _week(hours))


def covers(first: Iterable[Hours], second: Iterable[Hours]) -> bool:
    """Whether the first ones hold whenever the second ones do, in one zone."""
    wide = _week(first)
    return all(any(begin <= b and e <= end for begin, end in wide) for b, e in _week(second))


def _week(hours: Iterable[Hours]) -> list[tuple[int, int]]:
    """In minutes since Monday began."""
    spans = [
        (day * DAY + minutes(one.begin), day * DAY + minutes(one.end)) for one in hours for day in one.days
    ]
    return merged(spans)


def merged(spans: Iterable[tuple[T, T]]) -> list[tuple[T, T]]:
    """In order, those that touch made one."""
    found: list[tuple[T, T]] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


def words(hours: Iterable[Hours]) -> str:
    """`Mon–Fri 09:00–12:00, 13:00–17:00; Sat 10:00–14:00`."""
    by_days: dict[tuple[int, ...], list[str]] = {}
    for one in hours:
        by_days.setdefault(one.days, []).append(f"{one.begin}–{one.end}")
    return "; ".join(f"{days_in_words(days)} {', '.join(spans)}" for days, spans in by_days.items())


def days_in_words(days: tuple[int, ...]) -> str:
    """`Mon–Fri`, `Mon, Wed, Sat`."""
    in_a_row = list(days) == list(range(days[0], days[-1] + 1))
    if in_a_row and len(days) > 2:
        return f"{DAYS[days[0]]}–{DAYS[days[-1]]}"
    return ", ".join(DAYS[day] for day in days)
