"""Somebody invited the app into a channel: it says who, and offers to let a site's chats arrive there."""

import logging
import re

from django.conf import settings
from django.db import transaction

from accounts.permissions import PERMISSIONS
from slackapp import blocks, keys, sharing
from slackapp.errors import SlackError
from slackapp.handlers.heard import Act, Heard
from slackapp.models import ChatLink, Connection, Installation, SlackIdentity

log = logging.getLogger(__name__)

USE = "channel.use"
MOST_OFFERS = 5
PERSON = re.compile(r"[UW][A-Z0-9]{2,30}")


def offer(heard: Heard, channel: str) -> Act | None:
    """None where nobody invited it (it joined or made the channel itself), or where chats go already."""
    inviter = str(heard.event.get("inviter") or "")
    installation = heard.installation
    if inviter == installation.bot_user_id or not PERSON.fullmatch(inviter):
        return None
    if _is_used(installation, channel):
        return None
    found = offered_to(installation, str(heard.event.get("team") or installation.slack_team_id), inviter)
    return lambda: transaction.on_commit(lambda: _post(installation, channel, inviter, found), robust=True)


def _is_used(installation: Installation, channel: str) -> bool:
    used = Connection.unscoped.filter(installation=installation, channel_id=channel)
    return used.exists() or ChatLink.objects.filter(installation=installation, channel_id=channel).exists()


def offered_to(installation: Installation, team_id: str, inviter: str) -> list[Connection]:
    """The sites that may be named in this channel: all of the one workspace that uses this Slack team, or where

    several do only those that the inviter manages.
    """
    found = Connection.unscoped.filter(installation=installation).exclude(state=Connection.State.DISCONNECTED)
    if sharing.is_shared(installation):
        who = SlackIdentity.objects.filter(slack_team_id=team_id, slack_user_id=inviter).first()
        if who is None or who.user_id is None:
            return []
        managing = {
            "workspace__members__user": who.user_id,
            "workspace__members__role__in": PERMISSIONS["slack.edit"],
        }
        found = found.filter(**managing)
    return list(found.select_related("site").order_by("site__name", "pk")[:MOST_OFFERS])


def _post(installation: Installation, channel: str, inviter: str, found: list[Connection]) -> None:
    """A courtesy: the console offers the same."""
    try:
        keys.call(installation, "chat.postMessage", channel=channel, **invitation(inviter, found))
    except SlackError as error:
        log.info("an offer could not be posted: %s", error)


def _name(connection: Connection) -> str:
    """A site may lead to several channels: each of its routes has a button."""
    return f"{connection.site.name}: {connection.name}" if connection.name else connection.site.name


def invitation(inviter: str, found: list[Connection]) -> dict[str, object]:
    """The inviter is named as Slack names people. Each button has a block of its own, as they are all one action."""
    said = f"<@{inviter}> invited me here. Chats from a website can arrive in this channel."
    then = (
        f"An owner chooses the channel in the console: {settings.CONSOLE_URL}/console/slack"
        if not found
        else ""
    )
    shown: list[blocks.Block] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": said, "verbatim": True}}
    ]
    if then:
        shown.append({"type": "context", "elements": [{"type": "plain_text", "text": then, "emoji": False}]})
    for connection in found:
        label = f"Use this channel for {_name(connection)}"
        button = {
            "type": "button",
            "action_id": USE,
            "text": {"type": "plain_text", "text": label[:75], "emoji": False},
            "value": str(connection.pk),
        }
        shown.append({"type": "actions", "block_id": f"use:{connection.pk}", "elements": [button]})
    return {"text": f"{said} {then}".strip(), "blocks": shown, "unfurl_links": False}
