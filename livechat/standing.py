"""Whether somebody is there for a site's visitors, why, and how that is said to the team."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.utils import timezone

from livechat import schedule, snooze
from livechat.models import Site

# In this order the first that knows decides (livechat.presence.standing).
PRECEDENCE = (
    ("What somebody said", "in Slack or here, until it ends or is taken back"),
    ("Working hours", "outside of them nobody is there"),
    ("Who is there", "in the console, or active in Slack"),
)


class Why(Enum):
    SAID = "said"
    HOURS = "hours"
    CONSOLE = "console"
    CARRIED = "carried"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Standing:
    is_online: bool
    why: Why

    @property
    def word(self) -> str:
        return "Online" if self.is_online else "Away"


def words(site: Site, standing: Standing, now: datetime | None = None) -> str:
    """`Bob said so in Slack, until 17:00.` A whole sentence; who said it is read if it is not loaded."""
    now = now or timezone.now()
    match standing.why:
        case Why.SAID:
            return _said(site, now)
        case Why.HOURS:
            return schedule.words(schedule.of(site), now)
        case Why.CONSOLE:
            return "Somebody has the console open."
        case Why.CARRIED:
            return "Somebody is active in Slack."
        case Why.NOBODY:
            return "Nobody is active in Slack, and nobody has the console open."


def _said(site: Site, now: datetime) -> str:
    who = str(site.forced_by) if site.forced_by is not None else "Somebody"
    where = site.get_forced_in_display() or "the console"
    until = site.forced_until
    end = f"until {snooze.said(until, snooze.clock_of(site), now)}" if until else "until it is changed"
    return f"{who} said so in {where}, {end}."
