"""Switching a site off and on again, putting it away and taking it back; a website that was not let in."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.actions import audited
from accounts.models import Member
from livechat.actions.sites import require_room
from livechat.models import Site
from livechat.site_settings import settings_of

REMEMBERED_EVERY = timedelta(minutes=1)


def pause(member: Member, site: Site) -> None:
    _set(member, site, "site.paused", "paused_at", True)


def resume(member: Member, site: Site) -> None:
    _set(member, site, "site.resumed", "paused_at", False)


def remove(member: Member, site: Site) -> None:
    """Nothing of it is deleted."""
    _set(member, site, "site.removed", "removed_at", True)


def restore(member: Member, site: Site) -> None:
    """Refused where the plan has no room for one more."""
    with transaction.atomic():
        require_room(member)
        _set(member, site, "site.restored", "removed_at", False)


def _set(member: Member, site: Site, verb: str, field: str, wanted: bool) -> None:
    """Twice is once: who presses a button again changes nothing and is not written down."""
    moment = timezone.now() if wanted else None
    mine = Site.objects.in_workspace(member.workspace).filter(pk=site.pk)

    def read() -> dict[str, Any]:
        return settings_of(mine.get())

    with audited(member.workspace, member.user, verb, f"site:{site.pk}", read):
        if mine.filter(**{f"{field}__isnull": wanted}).update(**{field: moment}):
            setattr(site, field, moment)


def note_refused(site: Site, origin: str) -> None:
    """Anybody may make up a website, so that one a minute is enough."""
    lately = timezone.now() - REMEMBERED_EVERY
    due = Q(refused_at=None) | Q(refused_at__lt=lately)
    Site.unscoped.filter(due, pk=site.pk).update(refused_origin=origin[:260], refused_at=timezone.now())
