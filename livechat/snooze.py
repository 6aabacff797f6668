"""Until when a chat may be out of sight (S15): the usual moments, a chosen one, and how a moment is said.

Days begin and shops open on the site's clock. A site without working hours has none; there it is the clock of whoever
asks, as far as that is known.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.errors import Refused
from livechat import schedule
from livechat.models import Site

SOONEST, LATEST = timedelta(minutes=1), timedelta(days=90)
MORNING = time(9)
PAST = "That moment is over already. Choose one that is still to come."
TOO_FAR = f"Choose a moment within the next {LATEST.days} days, so that nobody is forgotten."


@dataclass(frozen=True, slots=True)
class Choice:
    """`key` is what a button or menu sends back; the moment is worked out anew when it does."""

    key: str
    label: str
    until: datetime


def choices(site: Site, reader: tzinfo = UTC, now: datetime | None = None) -> list[Choice]:
    """The usual moments, the nearest first."""
    now = now or timezone.now()
    zone = clock_of(site, reader)
    morning = next_opening(site, zone, now)
    return [
        Choice("30m", "30 minutes", now + timedelta(minutes=30)),
        Choice("3h", "3 hours", now + timedelta(hours=3)),
        Choice("tomorrow", capitalised(said(morning, zone, now)), morning),
    ]


def usual(site: Site, key: str, reader: tzinfo = UTC, now: datetime | None = None) -> datetime:
    """The moment of a choice. Raises Refused for a key that is none of them."""
    found = [choice.until for choice in choices(site, reader, now) if choice.key == key]
    if not found:
        raise Refused("refused", "Choose until when the chat is snoozed.")
    return found[0]


def checked(until: datetime, now: datetime | None = None) -> datetime:
    """A moment that somebody chose. Raises Refused for one that is over or too far away."""
    now = now or timezone.now()
    if until < now + SOONEST:
        raise Refused("refused", PAST)
    if until > now + LATEST:
        raise Refused("refused", TOO_FAR)
    return until


def clock_of(site: Site, reader: tzinfo = UTC) -> tzinfo:
    hours = schedule.of(site)
    return reader if hours.is_always_open else ZoneInfo(hours.zone)


def next_opening(site: Site, zone: tzinfo, now: datetime) -> datetime:
    """When the site opens next on a day after today; nine in the morning where it never closes over night."""
    hours, tomorrow = schedule.of(site), now.astimezone(zone).date() + timedelta(days=1)
    midnight, morning = (
        datetime.combine(tomorrow, clock, zone).astimezone(UTC) for clock in (time(), MORNING)
    )
    if schedule.is_open(hours, midnight):
        return morning
    return schedule.changes_at(hours, midnight) or morning


def said(moment: datetime, zone: tzinfo, now: datetime | None = None) -> str:
    """`15:00 UTC`, `tomorrow, 09:00 EET`: for a place that shows everybody the same."""
    return f"{said_here(moment, zone, now)} {moment.astimezone(zone).tzname()}"


def said_by_day(moment: datetime, zone: tzinfo) -> str:
    """`Tue 24 Nov, 09:00 EET`: for words that stand there when the day is over."""
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M} {local.tzname()}"


def said_here(moment: datetime, zone: tzinfo, now: datetime | None = None) -> str:
    """`15:00`, `tomorrow, 09:00`, `Tue 24 Nov, 09:00`: for somebody whose clock this is."""
    local = moment.astimezone(zone)
    days = (local.date() - (now or timezone.now()).astimezone(zone).date()).days
    clock = f"{local:%H:%M}"
    if days == 0:
        return clock
    return f"tomorrow, {clock}" if days == 1 else f"{local:%a} {local.day} {local:%b}, {clock}"


def capitalised(words: str) -> str:
    return words[:1].upper() + words[1:]
