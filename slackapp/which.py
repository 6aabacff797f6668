"""Which chat a form is about, and whether whoever asks may do something with it.

A chat is named by an id that proves nothing. What proves it: that the button or message stands where that chat is, that
the form was opened there (its note is ours, and out of people's reach), or that a linked member of its workspace asks.
"""

import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from accounts.errors import Refused
from slackapp import parting
from slackapp.asked import Asked, Json
from slackapp.interactivity import mapping
from slackapp.models import ChatLink, Connection
from slackapp.presses.chats import NOT_ALLOWED, PARTED, UNKNOWN
from slackapp.speakers import Speaker

NO_CHAT = "This message belongs to no chat. Use the menu of a message in a chat's thread or channel."


@dataclass(frozen=True, slots=True)
class Found:
    """A chat whose person in Slack may act in it, as `speaker`; `note` goes into the form and finds it again."""

    link: ChatLink
    speaker: Speaker
    note: str

    @property
    def visitor(self) -> str:
        return self.link.chat.visitor.display_name


def found(asked: Asked) -> Found:
    """The chat that a button names, or that the message of a shortcut belongs to. May ask Slack; may raise Refused."""
    link = _named(asked) if asked.value else _standing(asked)
    if link is None:
        raise Refused("unknown", UNKNOWN if asked.value else NO_CHAT)
    return _may(asked, link)


def noted(asked: Asked, note: str) -> Found:
    """The chat that a form of ours was opened for."""
    link = _links(asked).filter(pk=_uuid(read_note(note).get("chat"))).first()
    if link is None:
        raise Refused("unknown", UNKNOWN)
    return _may(asked, link)


def _may(asked: Asked, link: ChatLink) -> Found:
    if parting.has_ended(link):
        raise Refused("parted", PARTED)
    speaker = asked.speaker(link.connection)
    if speaker.refusal:
        raise Refused("not_allowed", NOT_ALLOWED)
    return Found(link, speaker, json.dumps({"chat": str(link.pk)}))


def _links(asked: Asked) -> QuerySet[ChatLink]:
    loaded = (
        "connection__workspace",
        "installation",
        "chat__site__workspace",
        "chat__visitor",
        "chat__agent",
    )
    return ChatLink.objects.select_related(*loaded).filter(installation=asked.installation)


def _named(asked: Asked) -> ChatLink | None:
    link = _links(asked).filter(pk=_uuid(asked.value)).first()
    if link is None:
        return None
    stands = asked.channel_id and asked.channel_id in (link.channel_id, link.lobby_channel_id)
    opened = read_note(mapping(asked.payload.get("view")).get("private_metadata")).get("chat") == str(link.pk)
    return link if stands or opened or asked.member_in(link.connection.workspace) else None


def _standing(asked: Asked) -> ChatLink | None:
    """A message of a chat's own channel, of its thread, also an earlier one, or its line in the lobby."""
    channel, root = asked.channel_id, asked.thread_ts or asked.message_ts
    if not channel or not root:
        return None
    room = Q(channel_id=channel, mode=Connection.Mode.NOISY)
    thread = Q(channel_id=channel, root_ts=root) | Q(lobby_channel_id=channel, lobby_ts=root)
    former = Q(former_threads__channel_id=channel, former_threads__root_ts=root)
    return _links(asked).filter(room | thread | former).first()


def read_note(note: Any) -> Json:
    """What a form of ours carries; empty where it is none of ours."""
    try:
        return mapping(json.loads(note or "{}"))
    except (TypeError, ValueError):
        return {}


def _uuid(value: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None
