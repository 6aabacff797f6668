"""Tells sockets that rows changed. A ring is a hint: whoever hears it reads the database, whoever misses it syncs.

Groups are named by the server from ids it looked up: `visitor.<id>`, `workspace.<id>` and `member.<id>`.
"""

import logging
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import redis
from channels.exceptions import ChannelFull
from channels.layers import InMemoryChannelLayer, get_channel_layer
from channels_redis.pubsub import RedisPubSubChannelLayer

from config import hints, loop
from livechat import away, sockets, transcripts
from livechat.events import (
    AvailabilityChanged,
    ChatChanged,
    FacesChanged,
    FilesChanged,
    MessageChanged,
    MessagePosted,
    ReadMoved,
    SocketsStale,
    VisitorErased,
    VisitorJoined,
)
from livechat.models import ChatSession, Message

log = logging.getLogger(__name__)

Ring = tuple[str, dict[str, Any]]
# a process without visitors has its rings passed on to the one that has them
pass_on: Callable[[list[Ring]], object] | None = None
# how long a ring may wait for Redis before it is lost
RING_SECONDS = 1


class MemoryLayer(InMemoryChannelLayer):  # type: ignore[misc]
    """Rings the group's members only. The parent looks through every socket of the process at each ring."""

    tidied_at = 0.0

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self._tidy()
        for channel in list(self.groups.get(group, ())):
            # a full queue is a socket that does not read: it finds the gap by its next `rev`
            with suppress(ChannelFull):
                await self.send(channel, message)

    def ring(self, rings: list[Ring]) -> None:
        loop.submit(self._ring(rings))

    async def _ring(self, rings: list[Ring]) -> None:
        for group, message in rings:
            await self.group_send(group, message)

    def _tidy(self) -> None:
        """Forgets what sockets that vanished in the middle of a ring left unread."""
        if time.monotonic() - self.tidied_at > self.expiry:
            self.tidied_at = time.monotonic()
            self._clean_expired()


class RedisLayer(RedisPubSubChannelLayer):  # type: ignore[misc]
    """The pub/sub layer; rings are lost silently while it is away, so local sockets are sent to resume."""

    def __init__(self, hosts: list[str], prefix: str) -> None:
        super().__init__(hosts=hosts, prefix=prefix, on_reconnect=sockets.restart_all)
        self._prefix = prefix
        self._publisher = redis.Redis.from_url(
            hosts[0], socket_timeout=RING_SECONDS, socket_connect_timeout=RING_SECONDS
        )

    def ring(self, rings: list[Ring]) -> None:
        """From the thread of the commit, in one way to Redis and back: nothing overtakes, and no loop is woken for it.

        As the parent's `group_send`, which has one task and one connection for each ring.
        """
        try:
            with self._publisher.pipeline(transaction=False) as at_once:
                for group, message in rings:
                    at_once.publish(f"{self._prefix}__group__{group}", self.serialize(message))
                at_once.execute()
        except redis.RedisError as error:
            log.warning("a ring was lost: %s", type(error).__name__)


def visitor_group(visitor_id: uuid.UUID) -> str:
    return f"visitor.{visitor_id.hex}"


def site_group(site_id: uuid.UUID) -> str:
    return f"site.{site_id.hex}"


def member_group(member_id: uuid.UUID) -> str:
    return f"member.{member_id.hex}"


def workspace_group(workspace_id: uuid.UUID) -> str:
    return f"workspace.{workspace_id.hex}"


def ring(*rings: Ring) -> None:
    """From any thread; waits for no socket. `content["type"]` names the consumer's method."""
    if pass_on is not None:
        passing = pass_on
        hints.give(lambda: passing(list(rings)))
    elif wanted := [one for one in rings if _may_be_heard(one[0])]:
        hints.give(lambda: get_channel_layer().ring(wanted))


def _may_be_heard(group: str) -> bool:
    """Whoever joins a moment later reads the database after joining, so nothing is missed."""
    layer = get_channel_layer()
    return not isinstance(layer, MemoryLayer) or group in layer.groups


def on_message_posted(fact: MessagePosted) -> None:
    """A visitor's line says to colleagues who has the chat, so that each knows whether to be told of it."""
    heard = fact.message.author_kind == Message.Author.VISITOR
    _ring_of_message(fact.chat, **({"said": str(fact.chat.agent_id or "")} if heard else {}))


def on_message_changed(fact: MessageChanged) -> None:
    _ring_of_message(fact.chat)


def on_files_changed(fact: FilesChanged) -> None:
    _ring_of_message(fact.chat)


def on_visitor_erased(fact: VisitorErased) -> None:
    """Open pages of the visitor begin anew; consoles read their lists again, and leave the chats that are gone."""
    console = workspace_group(fact.erasure.workspace_id)
    bells = [(console, {"type": "bell", "chat": str(chat.pk), "rev": 0}) for chat in fact.chats]
    gone = [(visitor_group(fact.visitor_id), {"type": "gone"})] if fact.visitor_id is not None else []
    ring(*gone, *bells)


def on_visitor_joined(fact: VisitorJoined) -> None:
    """Tabs that were opened before come back with the token that their browser has now."""
    ring((visitor_group(fact.guest_id), {"type": "gone"}))


def on_sockets_stale(fact: SocketsStale) -> None:
    """They resume, each after a while of its own."""
    ring((site_group(fact.site.pk), {"type": "gone"}))


def on_rights_changed(member_id: uuid.UUID) -> None:
    """Windows of somebody who left close; of whoever may more or less now, they come back and are let in anew."""
    ring((member_group(member_id), {"type": "enter_anew"}))


def on_read_moved(fact: ReadMoved) -> None:
    ring((member_group(fact.member_id), {"type": "bell", "chat": str(fact.chat_id), "rev": 0}))


def _ring_of_message(chat: ChatSession, **for_team: str) -> None:
    bell = {"type": "bell", "chat": str(chat.id), "rev": chat.last_rev}
    team = workspace_group(chat.workspace_id)
    ring((visitor_group(chat.visitor_id), bell), (team, {**bell, **for_team}))


def on_faces_changed(fact: FacesChanged) -> None:
    _ring_of_message(fact.chat)
    on_chat_changed(ChatChanged(fact.chat, frame={"type": "chat"}))


def on_availability_changed(fact: AvailabilityChanged) -> None:
    back_at = None if fact.online else transcripts.moment(away.back_at(fact.site))
    ring((site_group(fact.site.pk), {"type": "presence", "online": fact.online, "back_at": back_at}))


def on_chat_changed(fact: ChatChanged) -> None:
    chat = fact.chat
    changed = {"type": "bell", "chat": str(chat.id), "rev": chat.last_rev}
    rings = [(workspace_group(chat.workspace_id), changed)]
    if fact.frame is not None:
        rings.append(
            (visitor_group(chat.visitor_id), {"type": "mark", "chat": str(chat.id), "frame": fact.frame})
        )
    ring(*rings)
