"""Writes of sites: making one, its name, where it may stand and how it looks."""

import hashlib
from dataclasses import replace
from typing import Any

from django.db import transaction

from accounts.actions import audit, audited
from accounts.actions.entitlements import require_site
from accounts.models import Member
from accounts.names import clean_name
from livechat import look
from livechat.actions import pictures
from livechat.actions.waiting import look_again
from livechat.away import Away
from livechat.look import Look
from livechat.models import DEFAULT_COLOUR, Site
from livechat.questions import Form
from livechat.schedule import Schedule
from livechat.site_settings import settings_of


def create_site(member: Member, name: str) -> Site:
    """Refused where the plan has no room for one more."""
    with transaction.atomic():
        require_room(member)
        site = Site.unscoped.create(workspace=member.workspace, name=clean_name(name), colour=DEFAULT_COLOUR)
        audit(member.workspace, member.user, "site.created", f"site:{site.pk}")
    return site


def require_room(member: Member) -> None:
    """Inside the transaction that makes one more site, or takes one back."""
    kept = Site.objects.in_workspace(member.workspace).filter(removed_at=None)
    require_site(member.workspace_id, kept.count)


def rename_site(member: Member, site: Site, name: str) -> None:
    site.name = clean_name(name)
    _save(member, site, "site.renamed", ["name"])


def set_origins(member: Member, site: Site, origins: list[str]) -> None:
    """`origins` as livechat.access.normal_origin writes them; none means that every website may show the chat."""
    site.allowed_origins = origins
    site.refused_origin, site.refused_at = "", None
    _save(member, site, "site.origins_changed", ["allowed_origins", "refused_origin", "refused_at"])


def set_look(member: Member, site: Site, chosen: Look, *, title: str, greeting: str, colour: str) -> None:
    site.title, site.greeting, site.colour, site.look = title, greeting, colour, chosen.row()
    _save(member, site, "site.look_changed", ["title", "greeting", "colour", "look"])


def set_logo(member: Member, site: Site, content: bytes) -> None:
    """`content` is WebP that we encoded ourselves; nothing takes the logo of now away."""
    before = look.of(site)
    source = f"logo:{site.pk}:{hashlib.sha256(content).hexdigest()}"
    with transaction.atomic():
        key = pictures.keep(source, content) if content else ""
        site.look = replace(before, picture=key).row()
        _save(member, site, "site.look_changed", ["look"])
        if before.picture and before.picture != key:
            pictures.forget([before.picture])


def set_texts(member: Member, site: Site, texts: dict[str, str]) -> None:
    """By the names of `livechat.look.TEXTS`."""
    site.texts = texts
    _save(member, site, "site.texts_changed", ["texts"])


def set_asks(member: Member, site: Site, form: Form, away: Away, *, asks_rating: bool) -> None:
    site.form, site.away, site.asks_rating = form.row(), away.row(), asks_rating
    _save(member, site, "site.form_changed", ["form", "away", "asks_rating"])


def show_onlookers(member: Member, site: Site, shown: bool) -> None:
    """Twice is once."""
    if site.shows_onlookers != shown:
        site.shows_onlookers = shown
        _save(member, site, "site.onlookers_shown" if shown else "site.onlookers_hidden", ["shows_onlookers"])


def set_schedule(member: Member, site: Site, schedule: Schedule) -> None:
    """The minutes of whoever waits now are counted anew."""
    site.schedule = schedule.row()
    with transaction.atomic():
        _save(member, site, "site.hours_changed", ["schedule"])
        look_again(site)


def _save(member: Member, site: Site, verb: str, fields: list[str]) -> None:
    """A new setting is told in livechat/site_settings.py: what that leaves out has no entry."""

    def read() -> dict[str, Any]:
        return settings_of(Site.objects.in_workspace(member.workspace).get(pk=site.pk))

    with audited(member.workspace, member.user, verb, f"site:{site.pk}", read):
        site.save(update_fields=fields)
