"""What a site's visitors meet while nobody is there (W7): what is asked, what is said, and mails with answers."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from livechat import presence, schedule
from livechat.models import Site

MAIL_AFTER = (5, 15, 60)


@dataclass(frozen=True, slots=True)
class Away:
    """`hide`: the widget is not shown to whoever has no chat. `ask_email`: an address is asked for.

    `mail_after`: minutes after which an answer that its visitor has not seen is mailed; 0 for never.
    """

    hide: bool = False
    ask_email: bool = True
    mail_after: int = 15

    def row(self) -> dict[str, Any]:
        return asdict(self)


def of(site: Site) -> Away:
    return Away(**site.away)


def back_at(site: Site) -> datetime | None:
    """When somebody is there again, as far as clocks know: hours that begin, or an *away* that ends within them."""
    now = timezone.now()
    said, hours = site.forced_now(now), schedule.of(site)
    if said is False and site.forced_until is None:
        return None
    begin = site.forced_until if said is False and site.forced_until else now
    if schedule.is_open(hours, begin):
        return begin if begin > now else None
    return schedule.changes_at(hours, begin)


def is_hidden(site: Site) -> bool:
    """From the rows, for a page that asks for the panel."""
    return of(site).hide and not presence.is_online(site)
