"""What happens to the channels that chats go to: lost, found again, renamed, moved, closed to us."""

from typing import Any

from django.db.models import Q

from slackapp import actions
from slackapp.actions import channels
from slackapp.handlers import invited
from slackapp.handlers.heard import Act, Heard
from slackapp.models import Connection

_GONE = "The app is no longer in the channel. Invite it there with /invite, then press Try again."
CHANNEL_PROBLEMS = {
    "channel_archive": "The channel is archived. Unarchive it in Slack or choose another channel.",
    "group_archive": "The channel is archived. Unarchive it in Slack or choose another channel.",
    "channel_deleted": "The channel was deleted. Choose another channel.",
    "group_deleted": "The channel was deleted. Choose another channel.",
    "channel_left": _GONE,
    "group_left": _GONE,
    "member_left_channel": _GONE,
}
CLOSED = "Your organisation closed this Slack workspace to the app. Ask an admin to allow it there again."


def on_channel_lost(heard: Heard) -> Act:
    """Archived, deleted or left: posts would be refused, so the queue waits and the owner is told."""
    channel = str(heard.event.get("channel") or "-")
    kind = heard.row.kind
    found = Connection.unscoped.filter(installation=heard.installation, channel_id=channel)

    def act() -> None:
        for connection in found:
            actions.note_channel_problem(connection, channel, CHANNEL_PROBLEMS[kind], kind)

    return act


def on_member_left(heard: Heard) -> Act | None:
    return on_channel_lost(heard) if heard.event.get("user") == heard.installation.bot_user_id else None


def on_channel_found(heard: Heard) -> Act | None:
    """Unarchived, or the app was let in again."""
    channel = heard.event.get("channel")
    if not isinstance(channel, str) or not channel:
        return None
    return lambda: channels.heal_soon(heard.installation, Q(channel_id=channel))


def on_renamed(heard: Heard) -> Act | None:
    told = heard.event.get("channel")
    told = told if isinstance(told, dict) else {}
    channel, name = told.get("id"), told.get("name")
    if not (isinstance(channel, str) and isinstance(name, str) and channel and name):
        return None
    return lambda: channels.rename_channel(heard.installation, channel, name)


def on_id_changed(heard: Heard) -> Act | None:
    old, new = heard.event.get("old_channel_id"), heard.event.get("new_channel_id")
    if not (_is_id(old) and _is_id(new)) or old == new:
        return None
    return lambda: channels.move_channel(heard.installation, str(old), str(new))


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 32


def on_team_closed(heard: Heard) -> Act | None:
    """An organisation withdrew some of its workspaces; the others go on."""
    found = _of_teams(heard)
    if found is None:
        return None

    def act() -> None:
        for connection in Connection.unscoped.filter(found, installation=heard.installation):
            actions.note_channel_problem(connection, connection.channel_id, CLOSED, heard.row.kind)

    return act


def on_team_opened(heard: Heard) -> Act | None:
    found = _of_teams(heard)
    return (lambda: channels.heal_soon(heard.installation, found)) if found is not None else None


def _of_teams(heard: Heard) -> Q | None:
    told = heard.event.get("team_ids")
    teams = [team for team in told if _is_id(team)] if isinstance(told, list) else []
    return Q(slack_team_id__in=teams) if teams and not heard.installation.slack_team_id else None


def on_joined(heard: Heard) -> Act | None:
    """The app was let into a channel. Where chats go already, whatever waited may go on."""
    if heard.event.get("user") != heard.installation.bot_user_id:
        return None
    channel = heard.event.get("channel")
    if not isinstance(channel, str) or not channel:
        return None
    return invited.offer(heard, channel) or on_channel_found(heard)
