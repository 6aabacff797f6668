"""*Online*, *Away* and *Automatic*: what visitors of a site read, said by a member who may (S21)."""

import uuid
from functools import partial

from accounts.access import agent_of
from accounts.models import Agent
from accounts.permissions import may, refusal
from livechat import presence, standing
from livechat.actions import forcing
from livechat.models import Site
from slackapp import rights
from slackapp.actions import homes
from slackapp.handlers.heard import Act
from slackapp.presses.press import Press, answered, whisper

UNKNOWN = "This site is not connected here any more. You find it in the console."


def say(press: Press, *, online: bool | None) -> Act:
    """The id proves nothing: the site is looked for in the workspaces of whoever pressed."""
    try:
        wanted = uuid.UUID(press.value)
    except ValueError:
        return answered(press, UNKNOWN)
    for member in rights.members_of(press.user_team, press.user_id):
        sites = Site.objects.in_workspace(member.workspace).filter(
            connections__installation=press.installation
        )
        site = sites.filter(pk=wanted).first()
        if site is None:
            continue
        if not may(member, "availability.say"):
            return answered(press, refusal("availability.say"))
        return partial(_say, press, site, agent_of(member), online)
    return answered(press, UNKNOWN)


ONLINE, AWAY, AUTO = (partial(say, online=online) for online in (True, False, None))


def _say(press: Press, site: Site, agent: Agent, online: bool | None) -> None:
    if online is None:
        forcing.let_go(site, agent)
    else:
        forcing.force(site, online, agent, Site.Where.SLACK)
    homes.refresh(press.installation.pk)
    now = presence.standing(site)
    whisper(press, f"{site.name}: {now.word}. {standing.words(site, now)}")
