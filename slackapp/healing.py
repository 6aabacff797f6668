"""A connection whose channel is in trouble is looked at again: joined where that is allowed, ready if all is well."""

import logging
from typing import Any

from slackapp import keys
from slackapp.actions.channels import note_healed, note_not_healed
from slackapp.errors import Answered, SlackError, sentence
from slackapp.models import Connection, Installation

log = logging.getLogger(__name__)


def heal(installation: Installation) -> None:
    """The connection whose moment came first. Calls Slack: never inside a transaction."""
    connection = due_of(installation)
    if connection is None:
        return
    if installation.state != Installation.State.ACTIVE:
        note_not_healed(connection)
        return
    try:
        channel = _looked_at(installation, connection)
    except Answered as error:
        note_not_healed(connection, sentence(error.code))
    except SlackError as error:
        log.info("a channel could not be looked at: %s", error)
        note_not_healed(connection)
    else:
        note_healed(connection, str(channel.get("name") or ""))


def due_of(installation: Installation) -> Connection | None:
    broken = Connection.unscoped.filter(installation=installation, state=Connection.State.BROKEN)
    return broken.exclude(heal_at=None).order_by("heal_at").first()


def _looked_at(installation: Installation, connection: Connection) -> dict[str, Any]:
    """The channel, with the app in it. Raises SlackError when it cannot be so."""
    found = keys.call(installation, "conversations.info", channel=connection.channel_id).get("channel")
    channel = found if isinstance(found, dict) else {}
    if channel.get("is_archived"):
        raise Answered("conversations.info", "is_archived")
    if channel.get("is_member"):
        return channel
    if channel.get("is_private"):
        raise Answered("conversations.info", "not_in_channel")
    keys.call(installation, "conversations.join", channel=connection.channel_id)
    return channel
