"""Somebody says that a site is online or away, whoever is there; or leaves it to the hours and the people again."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.actions import audit
from accounts.changed import changed_fields
from accounts.errors import Refused
from accounts.models import Agent
from livechat.actions import presence
from livechat.models import Site
from livechat.site_settings import said_of

LONGEST = timedelta(days=90)
OVER = "That moment is over already. Say one that is still to come, for example: for 2h, or until 17:00."
TOO_LONG = "That is too far away. Say at most 90 days, or no end: then it holds until somebody changes it."


def force(site: Site, online: bool, agent: Agent, where: Site.Where, until: datetime | None = None) -> None:
    """Until that moment, or until somebody changes it. The last word counts. Open widgets are told at once."""
    now = timezone.now()
    if until is not None and until <= now:
        raise Refused("refused", OVER)
    if until is not None and until > now + LONGEST:
        raise Refused("refused", TOO_LONG)
    _write(site, agent, "site.said_online" if online else "site.said_away", forced_online=online, forced_until=until,
           forced_at=now, forced_by=agent, forced_in=where)  # fmt: skip


def let_go(site: Site, agent: Agent) -> None:
    """Harmless where nobody said anything."""
    _write(site, agent, "site.said_automatic", forced_online=None, forced_until=None, forced_at=None,
           forced_by=None, forced_in="")  # fmt: skip


def _write(site: Site, agent: Agent, verb: str, **columns: object) -> None:
    with transaction.atomic():
        row = Site.unscoped.filter(pk=site.pk)
        before = said_of(row.get())
        row.update(**columns)
        changes = changed_fields(before, said_of(row.get()))
        actor = agent.member.user if agent.member is not None else None
        # the same said again has an entry too: it is somebody else's word now, or a newer one
        audit(agent.workspace, actor, verb, f"site:{site.pk} agent:{agent.pk}", changes)
    for name, value in columns.items():
        setattr(site, name, value)
    presence.review(site.workspace_id)
