"""Writes of sites: making one, its name, where it may stand and how it looks."""

from django.db import transaction

from accounts.actions import audit
from accounts.models import Member
from accounts.names import clean_name
from livechat.models import DEFAULT_COLOUR, Site


def create_site(member: Member, name: str) -> Site:
    with transaction.atomic():
        site = Site.unscoped.create(workspace=member.workspace, name=clean_name(name), colour=DEFAULT_COLOUR)
        audit(member.workspace, member.user, "site.created", f"site:{site.pk}")
    return site


def rename_site(member: Member, site: Site, name: str) -> None:
    site.name = clean_name(name)
    _save(member, site, "site.renamed", ["name"])


def set_origins(member: Member, site: Site, origins: list[str]) -> None:
    """`origins` as livechat.access.normal_origin writes them; none means that every website may show the chat."""
    site.allowed_origins = origins
    _save(member, site, "site.origins_changed", ["allowed_origins"])


def set_look(member: Member, site: Site, *, title: str, greeting: str, colour: str) -> None:
    site.title, site.greeting, site.colour = title, greeting, colour
    _save(member, site, "site.look_changed", ["title", "greeting", "colour"])


def _save(member: Member, site: Site, verb: str, fields: list[str]) -> None:
    with transaction.atomic():
        site.save(update_fields=fields)
        audit(member.workspace, member.user, verb, f"site:{site.pk}")
