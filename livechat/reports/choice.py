"""Which chats a report is about: days, site, agent, tag, and whether only open hours count. The address holds it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.errors import NotFound
from accounts.models import Agent, Workspace
from livechat import schedule
from livechat.models import ChatFigures, Site, Tag
from livechat.tags import IN_USE

PERIODS = {"7": "Last 7 days", "30": "Last 30 days", "90": "Last 90 days", "custom": "Other days"}
USUAL = "30"
LONGEST = 366
EARLIEST = date(2000, 1, 1)
NOT_DAYS = "Choose a first and a last day, the first one not after the last."
TOO_LONG = f"Choose at most {LONGEST} days."
NOBODY = "none"

R = TypeVar("R", Site, Agent, Tag)


@dataclass(frozen=True, slots=True)
class Choice:
    """`first` and `last` belong to it. `problem` says why the last 30 days are shown instead of what was asked for."""

    period: str
    first: date
    last: date
    today: date
    site: Site | None = None
    agent: Agent | None = None
    tag: Tag | None = None
    open_hours: bool = False
    problem: str = ""

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> date:
        """The first day of the period before, which is as long and ends where this one begins."""
        return self.first - timedelta(days=self.days)

    @property
    def query(self) -> str:
        """What stands in the address behind `?`, the usual left out."""
        asked = {"period": self.period if self.period != USUAL else ""}
        if self.period == "custom":
            asked |= {"from": self.first.isoformat(), "to": self.last.isoformat()}
        for name, row in (("site", self.site), ("agent", self.agent), ("tag", self.tag)):
            asked[name] = str(row.pk) if row else ""
        asked["hours"] = "open" if self.open_hours else ""
        return urlencode({name: value for name, value in asked.items() if value})


@dataclass(frozen=True, slots=True)
class Among:
    """What can be chosen from."""

    sites: list[Site]
    agents: list[Agent]
    tags: list[Tag]


def among(workspace: Workspace) -> Among:
    counted = ChatFigures.objects.in_workspace(workspace).filter(site=OuterRef("pk"))
    # one that was removed only if reports count a chat of it
    used = Site.objects.in_workspace(workspace).filter(Q(removed_at=None) | Exists(counted))
    sites = used.order_by("name", "pk")
    agents = Agent.objects.in_workspace(workspace).order_by("name", "pk")
    tags = Tag.objects.in_workspace(workspace).filter(IN_USE).order_by("name", "pk")
    return Among(list(sites), list(agents), list(tags))


def chosen(params: Mapping[str, str], among: Among) -> Choice:
    """NotFound for a site or an agent of somebody else. Whatever else makes no sense is the usual."""
    today = today_of(among.sites)
    period, problem = params.get("period", USUAL), ""
    first, last = _last_days(USUAL, today)
    if period == "custom":
        try:
            first, last = _days(params.get("from", ""), params.get("to", ""), today)
        except ValueError as error:
            period, problem = USUAL, str(error)
    elif period in PERIODS:
        first, last = _last_days(period, today)
    else:
        period = USUAL
    return Choice(
        period,
        first,
        last,
        today,
        site=_one(among.sites, params.get("site", "")),
        agent=_one(among.agents, params.get("agent", "")),
        tag=_one(among.tags, params.get("tag", "")),
        open_hours=params.get("hours") == "open",
        problem=problem,
    )


def _last_days(period: str, today: date) -> tuple[date, date]:
    return today - timedelta(days=int(period) - 1), today


def _days(first: str, last: str, today: date) -> tuple[date, date]:
    try:
        begin, end = date.fromisoformat(first), min(date.fromisoformat(last), today)
    except ValueError:
        raise ValueError(NOT_DAYS) from None
    if begin > end or begin < EARLIEST:
        raise ValueError(NOT_DAYS)
    if (end - begin).days >= LONGEST:
        raise ValueError(TOO_LONG)
    return begin, end


def _one(rows: Iterable[R], wanted: str) -> R | None:
    if not wanted:
        return None
    for row in rows:
        if str(row.pk) == wanted:
            return row
    raise NotFound


# --- on whose clock -----------------------------------------------------------------------------------------------


def zones_of(sites: Iterable[Site]) -> list[str]:
    """The clocks by which the days of these sites are counted."""
    return sorted({schedule.of(site).zone for site in sites}) or ["UTC"]


def today_of(sites: Iterable[Site], now: datetime | None = None) -> date:
    """Where it is latest: no chat of a site is still to come."""
    at = now or timezone.now()
    return max(at.astimezone(ZoneInfo(zone)).date() for zone in zones_of(sites))


def clock_words(sites: list[Site]) -> str:
    zones = zones_of(sites)
    if len(zones) > 1:
        return "Days and hours are those of each site’s own clock."
    if zones == ["UTC"]:
        return (
            "Days and hours are in UTC. A site with working hours is counted on the clock of its time zone."
        )
    return f"Days and hours are those of {zones[0].replace('_', ' ')}, as in the site’s working hours."
