"""What an owner does with a fresh connection: pick or make the channel, send a test message. Talks to Slack."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from accounts.errors import Refused
from accounts.models import Member
from slackapp import actions, blocks, client
from slackapp.errors import Answered, Limited, SlackError, sentence
from slackapp.models import Connection
from slackapp.oauth import installation_of

MOST_CHANNELS = 2000
NAME = re.compile(r"[a-z0-9_-]*[a-z0-9][a-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Channel:
    id: str
    name: str
    is_private: bool
    is_member: bool


def _call(connection: Connection, method: str, **arguments: Any) -> dict[str, Any]:
    """Slack's answer, or a sentence for the person who waits for it."""
    token = installation_of(connection).bot_token.reveal()
    try:
        return client.call(method, token, **arguments)
    except Limited as error:
        raise Refused(
            "slack_busy", f"Slack asks to wait {error.seconds:.0f} seconds. Please try again then."
        ) from error
    except Answered as error:
        raise Refused(error.code, sentence(error.code)) from error
    except SlackError as error:
        raise Refused("slack_away", "Slack did not answer. Please try again in a moment.") from error


def channels(connection: Connection) -> list[Channel]:
    """Public channels, and private ones the app was invited to; #general last, as it is never the default."""
    found = [channel for channel in _all_channels(connection) if not channel.is_private or channel.is_member]
    return sorted(found, key=lambda channel: (channel.name == "general", channel.name))


def _all_channels(connection: Connection) -> Iterator[Channel]:
    cursor, seen = None, 0
    while seen < MOST_CHANNELS:
        answer = _call(
            connection,
            "conversations.list",
            types="public_channel,private_channel",
            exclude_archived=True,
            limit=200,
            cursor=cursor,
        )
        for item in answer.get("channels") or []:
            seen += 1
            yield Channel(
                item["id"], item.get("name", ""), bool(item.get("is_private")), bool(item.get("is_member"))
            )
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return


def use_channel(member: Member, connection: Connection, channel_id: str) -> None:
    """Joins if that is allowed, introduces the app, and only then lets chats go there."""
    info = _call(connection, "conversations.info", channel=channel_id)["channel"]
    if info.get("is_archived"):
        raise Refused("is_archived", "That channel is archived. Choose another one.")
    if info.get("is_ext_shared") or info.get("is_pending_ext_shared"):
        raise Refused("shared", "That channel is shared with another company. Choose one of your own.")
    if not info.get("is_member"):
        _join(connection, info)
    _introduce(connection, info["id"])
    actions.choose_channel(member, connection, info["id"], str(info.get("name") or ""))


def _join(connection: Connection, info: dict[str, Any]) -> None:
    if info.get("is_private"):
        raise Refused(
            "not_in_channel", f"#{info.get('name')} is private. Invite the app there with /invite first."
        )
    _call(connection, "conversations.join", channel=info["id"])


def _introduce(connection: Connection, channel_id: str) -> None:
    text = (
        f"Chats from visitors of {connection.site.name} arrive here. Each chat is a thread: what you "
        "answer in it goes to the visitor. A line that begins with ;; stays between you."
    )
    _call(connection, "chat.postMessage", channel=channel_id, **blocks.notice(text))


def create_channel(member: Member, connection: Connection, name: str) -> None:
    """The new channel's creator is in it already; whoever is to answer joins or is invited there."""
    name = name.strip().lstrip("#").lower()
    if not NAME.fullmatch(name) or len(name) > 80:
        raise Refused(
            "invalid_name", "Channel names have small letters, digits, - and _, at most 80 of them."
        )
    try:
        info = _call(connection, "conversations.create", name=name)["channel"]
    except Refused as refusal:
        if refusal.code == "name_taken":
            raise Refused(
                "name_taken", f"There is a channel #{name} already. Choose it above, or another name."
            ) from refusal
        raise
    _introduce(connection, info["id"])
    actions.choose_channel(member, connection, info["id"], str(info.get("name") or name))


def send_test_message(member: Member, connection: Connection) -> None:
    if not connection.channel_id:
        raise Refused("no_channel", "Choose a channel first.")
    text = f"Test message from {member.user}: chats of {connection.site.name} will arrive here."
    _call(connection, "chat.postMessage", channel=connection.channel_id, **blocks.notice(text))
    actions.try_again(member, connection)
