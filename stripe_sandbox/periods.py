"""Billing periods: whole months and years from the anchor's day, clamped to short months."""

import calendar
from datetime import UTC, datetime
from fractions import Fraction

from stripe_sandbox.model import Json

DAY, HOUR = 86400, 3600


def shifted(anchor: int, interval: str, count: int) -> int:
    """The anchor, so many intervals later; the 31st becomes the last day of a shorter month."""
    if interval in ("day", "week"):
        return anchor + count * DAY * (7 if interval == "week" else 1)
    at = datetime.fromtimestamp(anchor, UTC)
    months = at.year * 12 + at.month - 1 + count * (12 if interval == "year" else 1)
    year, month = divmod(months, 12)
    day = min(at.day, calendar.monthrange(year, month + 1)[1])
    return int(at.replace(year=year, month=month + 1, day=day).timestamp())


def next_end(anchor: int, start: int, price: Json) -> int:
    """The first boundary after `start`, counted from the anchor."""
    rhythm = price["recurring"]
    number = 1
    while (end := shifted(anchor, rhythm["interval"], number * rhythm["interval_count"])) <= start:
        number += 1
    return end


def share(amount: int, part: int, whole: int) -> int:
    """Half a cent goes up, away from nought."""
    exact = Fraction(abs(amount) * max(part, 0), max(whole, 1))
    return int(exact + Fraction(1, 2)) * (1 if amount >= 0 else -1)
