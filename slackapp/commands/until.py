"""Until when something holds, as people type it: `2h`, `for 30 min`, `until 17:00`, `until tomorrow`."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.errors import Refused
from livechat.models import Site
from livechat.snooze import clock_of, next_opening

_LASTS = re.compile(
    r"\b(?:for )?(\d{1,4}) ?(m|min|mins|minutes?|h|hrs?|hours?|d|days?)(?=$|\s|,)", re.IGNORECASE
)
_UNTIL = re.compile(
    r"\b(?:until|till|til) (?:(tomorrow)|(\d{1,2})(?:[:.h](\d{2}))? ?(am|pm)?)(?=$|\s|,)", re.IGNORECASE
)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
NO_CLOCK = "There is no such time of day. Write it like: until 17:00."


@dataclass(frozen=True, slots=True)
class Until:
    """`words` is what else was typed. Neither `lasts` nor `clock` nor `tomorrow` means without an end."""

    words: str
    lasts: timedelta | None = None
    clock: tuple[int, int] | None = None
    tomorrow: bool = False

    def moment(self, site: Site, now: datetime) -> datetime | None:
        """On the clock of the site; a time of day that is over means tomorrow's."""
        zone = clock_of(site)
        if self.lasts is not None:
            return now + self.lasts
        if self.tomorrow:
            return next_opening(site, zone, now)
        if self.clock is None:
            return None
        local = now.astimezone(zone)
        then = local.replace(hour=self.clock[0], minute=self.clock[1], second=0, microsecond=0)
        return then if then > local else then + timedelta(days=1)


def read(text: str) -> Until:
    if found := _UNTIL.search(text):
        rest = _without(text, found)
        if found[1]:
            return Until(rest, tomorrow=True)
        return Until(rest, clock=_clock(int(found[2]), int(found[3] or 0), (found[4] or "").lower()))
    if found := _LASTS.search(text):
        return Until(_without(text, found), lasts=int(found[1]) * _UNITS[found[2][0].lower()])
    return Until(text)


def _without(text: str, found: re.Match[str]) -> str:
    return " ".join((text[: found.start()] + text[found.end() :]).split())


def _clock(hour: int, minute: int, half: str) -> tuple[int, int]:
    if half and not 1 <= hour <= 12:
        raise Refused("refused", NO_CLOCK)
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59:
        raise Refused("refused", NO_CLOCK)
    return hour, minute
