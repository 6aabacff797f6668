"""Writes of who is there: widgets and consoles that are open, and what visitors are told of it."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from livechat import presence
from livechat.events import AvailabilityChanged, SiteAsked, publish
from livechat.models import Availability, ChatSession, ConsoleVisit, Site, Visit

MOST_SITES = 500


def note_asked(site_ids: Iterable[uuid.UUID]) -> None:
    """A widget of these sites is open. One that was not open lately is looked after at once."""
    now = timezone.now()
    for site_id in site_ids:
        with transaction.atomic():
            known = Availability.objects.filter(site_id=site_id)
            if not known.filter(asked_at__gt=now - presence.ASKED_FRESH).update(asked_at=now):
                _begin(site_id, now)


def _begin(site_id: uuid.UUID, now: datetime) -> None:
    site = Site.unscoped.filter(pk=site_id).first()
    if site is None:
        return
    told = presence.is_online(site)
    Availability.objects.update_or_create(
        site_id=site_id, defaults={"asked_since": now, "asked_at": now, "is_online": told}
    )
    publish(SiteAsked(site))


def note_consoles(member_ids: Iterable[uuid.UUID]) -> None:
    """These members have the console open."""
    now = timezone.now()
    ConsoleVisit.objects.bulk_create(
        [ConsoleVisit(member_id=member_id, seen_at=now) for member_id in set(member_ids)],
        update_conflicts=True,
        unique_fields=["member"],
        update_fields=["seen_at"],
    )


def note_visits(chat_ids: Iterable[uuid.UUID]) -> None:
    """The visitors of these open chats have the website open. Chats that are gone meanwhile are left out."""
    now = timezone.now()
    known = ChatSession.unscoped.filter(pk__in=list(chat_ids)).values_list("pk", flat=True)
    Visit.objects.bulk_create(
        [Visit(chat_id=chat_id, seen_at=now) for chat_id in known],
        update_conflicts=True,
        unique_fields=["chat"],
        update_fields=["seen_at"],
    )


def review(workspace_id: uuid.UUID | None = None) -> int:
    """Of sites with an open widget, in one workspace or all, those whose answer has changed are told."""
    since = timezone.now() - presence.ASKED_FRESH
    asked = Availability.objects.filter(asked_at__gt=since).select_related("site").order_by("-asked_at")
    if workspace_id is not None:
        asked = asked.filter(site__workspace_id=workspace_id)
    return sum(_tell(one) for one in asked[:MOST_SITES] if presence.is_attended(one.site) != one.is_online)


def _tell(known: Availability) -> bool:
    """Whichever of several workers is first tells it."""
    with transaction.atomic():
        same = Availability.objects.filter(pk=known.pk, is_online=known.is_online)
        if not same.update(is_online=not known.is_online):
            return False
        publish(AvailabilityChanged(known.site, online=not known.is_online))
    return True


def forget_consoles() -> None:
    """Visits of long ago say nothing."""
    ConsoleVisit.objects.filter(seen_at__lt=timezone.now() - timedelta(days=30)).delete()
