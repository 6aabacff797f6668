"""What an owner does with a fresh connection: pick or make the channel, send a test message. Talks to Slack."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from accounts.errors import Refused
from accounts.models import Member
from slackapp import actions, blocks, sharing
from slackapp.choosing import ask as ask
from slackapp.choosing import ask_for_channel as ask_for_channel
from slackapp.choosing import introduce as introduce
from slackapp.choosing import settle_on as settle_on
from slackapp.choosing import use_channel as use_channel
from slackapp.models import Connection

MOST_CHANNELS = 2000
MOST_PEOPLE = 2000
NAME = re.compile(r"[a-z0-9_-]*[a-z0-9][a-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Channel:
    id: str
    name: str
    is_private: bool
    is_member: bool


def channels(connection: Connection) -> list[Channel]:
    """Public channels, and private ones the app was invited to; #general last, as it is never the default.

    Where several workspaces share the Slack team, nobody is shown the others' channels, nor private ones by name.
    """
    taken, is_shared = sharing.others_in(connection), sharing.is_shared(connection.installation)

    def may_be_shown(channel: Channel) -> bool:
        if channel.id in taken or (channel.is_private and not channel.is_member):
            return False
        return not (channel.is_private and is_shared) or channel.id == connection.channel_id

    found = [channel for channel in _all_channels(connection) if may_be_shown(channel)]
    return sorted(found, key=lambda channel: (channel.name == "general", channel.name))


def _all_channels(connection: Connection) -> Iterator[Channel]:
    cursor, seen = None, 0
    while seen < MOST_CHANNELS:
        answer = ask(
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


@dataclass(frozen=True, slots=True)
class Colleague:
    id: str
    name: str
    title: str


def colleagues(connection: Connection) -> list[Colleague]:
    """Who can be invited to chats' channels: people of this Slack team, without guests, apps and those who left."""
    found: list[Colleague] = []
    cursor, seen = None, 0
    while seen < MOST_PEOPLE:
        answer = ask(connection, "users.list", limit=200, cursor=cursor)
        for one in answer.get("members") or []:
            seen += 1
            found += _colleague(one)
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            break
    return sorted(found, key=lambda one: one.name.lower())


def _colleague(user: dict[str, Any]) -> list[Colleague]:
    others = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
    if user.get("id") == "USLACKBOT" or any(user.get(flag) for flag in others):
        return []
    profile = user.get("profile") or {}
    name = profile.get("display_name") or profile.get("real_name") or user.get("name") or user["id"]
    return [Colleague(str(user["id"]), str(name), str(profile.get("title") or ""))]


def create_channel(member: Member, connection: Connection, name: str) -> None:
    """The new channel's creator is in it already; whoever is to answer joins or is invited there."""
    name = name.strip().lstrip("#").lower()
    if not NAME.fullmatch(name) or len(name) > 80:
        raise Refused(
            "invalid_name", "Channel names have small letters, digits, - and _, at most 80 of them."
        )
    try:
        info = ask_for_channel(connection, "conversations.create", name=name)
    except Refused as refusal:
        if refusal.code == "name_taken":
            raise Refused(
                "name_taken", f"There is a channel #{name} already. Choose it above, or another name."
            ) from refusal
        raise
    introduce(member, connection, info["id"])
    settle_on(member, connection, info["id"], str(info.get("name") or name))


def send_test_message(member: Member, connection: Connection) -> None:
    if not connection.channel_id:
        raise Refused("no_channel", "Choose a channel first.")
    text = f"Test message from {member.user}: chats of {connection.site.name} will arrive here."
    ask(connection, "chat.postMessage", channel=connection.channel_id, **blocks.notice(text))
    actions.try_again(member, connection)
