"""Whether a visitor who writes now reaches anybody: `standing` says it, and in which order things count.

While a widget is open the answer stands in the site's Availability, and `actions.presence.review` keeps it true.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.permissions import ANSWERING
from livechat import schedule
from livechat.models import ChatSession, ConsoleVisit, Site
from livechat.standing import Standing, Why

# a socket says hello at least so often; pages are reloaded and laptops breathe
CONSOLE_GRACE = timedelta(seconds=90)
ASKED_FRESH = timedelta(minutes=2)
# what was true so lately is told to the first who comes, until the people have been looked for anew
# a visitor whose page was there so lately may only be changing pages
HERE_GRACE = timedelta(seconds=75)
STILL_LIKELY = timedelta(minutes=15)

# apps above this one add theirs in `ready()`
carriers: list[Callable[[Site], bool]] = []


def is_online(site: Site) -> bool:
    """For whoever says hello: one statement. A site that nobody asked for yet is online if its Slack is ready."""
    if (decided := _decided(site)) is not None:
        return decided.is_online
    known = Site.unscoped.filter(pk=site.pk).annotate(
        ready=Count("connections", filter=Q(connections__state="ready")),
        told=F("availability__is_online"),
        asked_at=F("availability__asked_at"),
        console=Exists(_open_consoles(OuterRef("workspace_id"))),
    )
    found = known.values("ready", "told", "asked_at", "console").first()
    if found is None:
        return False
    if found["asked_at"] is None:
        return bool(found["ready"] or found["console"])
    return bool(found["told"]) and timezone.now() - found["asked_at"] < STILL_LIKELY


def is_attended(site: Site) -> bool:
    """From the rows: the answer that visitors are to be told."""
    return standing(site).is_online


def standing(site: Site) -> Standing:
    """From the rows, with the reason. In this order, the first that knows decides:

    1. what a person said in Slack or in the console, as long as it holds (`actions.forcing`);
    2. outside of the site's working hours nobody is there (`livechat.schedule`); within them the people decide;
    3. somebody who may answer has the console open, or had until CONSOLE_GRACE ago;
    4. `carriers`: an app above says that it carries chats of this site to people who are there.

    A visitor who is blocked is refused before anybody asks this (`livechat.access.BLOCKED`).
    """
    if (decided := _decided(site)) is not None:
        return decided
    if _open_consoles(site.workspace_id).exists():
        return Standing(True, Why.CONSOLE)
    carried = any(carries(site) for carries in carriers)
    return Standing(carried, Why.CARRIED if carried else Why.NOBODY)


def _decided(site: Site) -> Standing | None:
    """By somebody, or by the clock; None leaves it to who is there. Asks nobody: it is all in the site's row."""
    now = timezone.now()
    if (said := site.forced_now(now)) is not None:
        return Standing(said, Why.SAID)
    return None if schedule.is_open(schedule.of(site), now) else Standing(False, Why.HOURS)


def _open_consoles(workspace_id: Any) -> QuerySet[ConsoleVisit]:
    """Of those who may answer."""
    since = timezone.now() - CONSOLE_GRACE
    return ConsoleVisit.objects.filter(
        member__workspace_id=workspace_id, member__role__in=ANSWERING, seen_at__gt=since
    )


def is_here(chat: ChatSession) -> bool:
    """Whether the chat's visitor has the website open, as far as was noted. One statement unless `visit` is loaded."""
    since = timezone.now() - HERE_GRACE
    return chat.visit.seen_at > since if hasattr(chat, "visit") else chat.started_at > since
