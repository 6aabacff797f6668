"""Whom an event of a shared channel concerns (Slack Connect).

Slack tells an app once of what happens in a channel that several of its customers share, and the envelope names one of
them, whichever it is (reference: docs.slack.dev/apis/events-api, *authorizations*). So such an event is read for each
installation that is at home in the channel, as if it had been named. A thread, or a channel of a chat's own, is one
installation's alone: nobody else's handler sees the line.
"""

import copy
import uuid
from typing import Any

from django.db.models import Q

from slackapp.access import installation_for
from slackapp.interactivity import BLOCK_ACTIONS
from slackapp.models import ChatLink, InboundEvent, Installation

Json = dict[str, Any]


def readings_of(row: InboundEvent) -> list[InboundEvent]:
    """The event as each installation that it concerns is to read it; nearly always as it came. Not to be saved."""
    event = row.payload.get("event")
    if not isinstance(event, dict):
        return [row]
    if row.kind == BLOCK_ACTIONS:
        at_home = _pressed(row.payload, event)
    elif row.payload.get("is_ext_shared_channel") is True:
        at_home = _in_channel(row.payload, channel_of(event))
    else:
        return [row]
    named = installation_for(row.payload)
    others = [_for(row, one) for one in at_home if named is None or one.pk != named.pk]
    # a button is of one chat; of a channel those whom the envelope names may know more than we
    alone = others and (named is None or row.kind == BLOCK_ACTIONS)
    return others if alone else [row, *others]


def channel_of(event: Json) -> str:
    """Its id; of a channel's name Slack tells an object, of reactions an item."""
    item = event.get("item")
    found = event.get("channel") or event.get("old_channel_id")
    found = found or (item.get("channel") if isinstance(item, dict) else "")
    found = found.get("id") if isinstance(found, dict) else found
    return found if isinstance(found, str) else ""


def _in_channel(payload: Json, channel_id: str) -> list[Installation]:
    """Ids of channels are Slack's, not a team's: what is shared has the same one everywhere."""
    if not channel_id:
        return []
    chats = ChatLink.objects.filter(channel_id=channel_id).values("installation")
    connected = Installation.objects.filter(connections__channel_id=channel_id).values("pk")
    here = Q(pk__in=chats) | Q(pk__in=connected)
    return list(Installation.objects.filter(here, app_id=str(payload.get("api_app_id") or "")).order_by("pk"))


def _pressed(payload: Json, event: Json) -> list[Installation]:
    """Where the chat that the button names is at home, if the button stood in one of its places."""
    action = event.get("action")
    try:
        chat_id = uuid.UUID(str(action.get("value"))) if isinstance(action, dict) else None
    except ValueError:
        return []
    places = Q(channel_id=event.get("channel")) | Q(lobby_channel_id=event.get("channel"))
    links = ChatLink.objects.select_related("installation").filter(places, pk=chat_id)
    app_id = str(payload.get("api_app_id") or "")
    return [
        link.installation for link in links if event.get("channel") and link.installation.app_id == app_id
    ]


def _for(row: InboundEvent, installation: Installation) -> InboundEvent:
    team_id, enterprise_id = installation.slack_team_id, installation.enterprise_id
    read = copy.copy(row)
    read.payload = {
        **row.payload,
        "team_id": team_id,
        "enterprise_id": enterprise_id,
        "authorizations": [{"team_id": team_id, "enterprise_id": enterprise_id}],
    }
    return read
