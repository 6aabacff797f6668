"""`online`, `away`, `auto`: what visitors of one site or several are told, whoever is there (S21)."""

from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.errors import Refused
from livechat import presence, standing
from livechat.actions import forcing
from livechat.models import Site
from slackapp.asked import Asked
from slackapp.commands import scope, until
from slackapp.commands.verb import Answer
from slackapp.models import Connection


def say(asked: Asked, *, online: bool | None) -> Answer:
    """Of all sites that are meant, or of none: what one of them refuses changes no other."""
    when = until.read(asked.value)
    meant = _meant(scope.sites_of(scope.connections(asked)), when.words)
    speakers = {site: scope.speaker(asked, connection) for site, connection in meant.items()}
    now = timezone.now()
    with transaction.atomic():
        for site, speaker in speakers.items():
            agent = speaker.agent()
            if online is None:
                forcing.let_go(site, agent)
            else:
                forcing.force(site, online, agent, Site.Where.SLACK, when.moment(site, now))
    return Answer("\n".join(_said(site) for site in meant))


ONLINE, AWAY, AUTO = (partial(say, online=online) for online in (True, False, None))


def _meant(sites: dict[Site, Connection], name: str) -> dict[Site, Connection]:
    """All of them where none is named."""
    wanted = name.casefold()
    found = {site: one for site, one in sites.items() if site.name.casefold() == wanted} or {
        site: one for site, one in sites.items() if wanted in site.name.casefold()
    }
    if not found:
        names = ", ".join(site.name for site in sites)
        raise Refused(
            "unknown_site", f"There is no site “{name[:80]}” here. Name one of these, or none: {names}."
        )
    return found


def _said(site: Site) -> str:
    now = presence.standing(site)
    return f"{site.name}: {now.word}. {standing.words(site, now)}"
