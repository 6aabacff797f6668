"""Tells sockets that rows changed. A ring is a hint: whoever hears it reads the database, whoever misses it syncs.

Groups are named by the server from ids it looked up: `visitor.<id>` and `workspace.<id>`.
"""

import logging
import time
import uuid
from contextlib import suppress
from typing import Any

import redis
from channels.exceptions import ChannelFull
from channels.layers import InMemoryChannelLayer, get_channel_layer
from channels_redis.pubsub import RedisPubSubChannelLayer

from config import hints, loop
from livechat import sockets
from livechat.events import ChatChanged, MessagePosted

log = logging.getLogger(__name__)

Ring = tuple[str, dict[str, Any]]
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


def workspace_group(workspace_id: uuid.UUID) -> str:
    return f"workspace.{workspace_id.hex}"


def ring(*rings: Ring) -> None:
    """From any thread; waits for no socket. `content["type"]` names the consumer's method."""
    if wanted := [one for one in rings if _may_be_heard(one[0])]:
        hints.give(lambda: get_channel_layer().ring(wanted))


def _may_be_heard(group: str) -> bool:
    """Whoever joins a moment later reads the database after joining, so nothing is missed."""
    layer = get_channel_layer()
    return not isinstance(layer, MemoryLayer) or group in layer.groups


def on_message_posted(fact: MessagePosted) -> None:
    chat = fact.chat
    bell = {"type": "bell", "chat": str(chat.id), "rev": chat.last_rev}
    ring((visitor_group(chat.visitor_id), bell), (workspace_group(chat.site.workspace_id), bell))


def on_chat_changed(fact: ChatChanged) -> None:
    chat = fact.chat
    changed = {"type": "bell", "chat": str(chat.id), "rev": chat.last_rev}
    rings = [(workspace_group(chat.site.workspace_id), changed)]
    if fact.frame is not None:
        rings.append(
            (visitor_group(chat.visitor_id), {"type": "mark", "chat": str(chat.id), "frame": fact.frame})
        )
    ring(*rings)
