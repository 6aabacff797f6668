"""Tells sockets that rows changed. A ring is a hint: whoever hears it reads the database, whoever misses it syncs.

Groups are named by the server from ids it looked up: `visitor.<id>` and `workspace.<id>`.
"""

import asyncio
import time
import uuid
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from channels.exceptions import ChannelFull
from channels.layers import InMemoryChannelLayer, get_channel_layer
from channels_redis.pubsub import RedisPubSubChannelLayer

from config import hints, loop
from livechat import sockets
from livechat.events import ChatChanged, MessagePosted

Ring = tuple[str, dict[str, Any]]
# what one ring may wait for Redis before the next is tried
RING_SECONDS = 5
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


class MemoryLayer(InMemoryChannelLayer):  # type: ignore[misc]
    """Rings the group's members only. The parent looks through every socket of the process at each ring."""

    tidied_at = 0.0

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self._tidy()
        for channel in list(self.groups.get(group, ())):
            # a full queue is a socket that does not read: it finds the gap by its next `rev`
            with suppress(ChannelFull):
                await self.send(channel, message)

    async def ring(self, rings: "list[Ring]") -> None:
        for group, message in rings:
            await self.group_send(group, message)

    def _tidy(self) -> None:
        """Forgets what sockets that vanished in the middle of a ring left unread."""
        if time.monotonic() - self.tidied_at > self.expiry:
            self.tidied_at = time.monotonic()
            self._clean_expired()


class RedisLayer(RedisPubSubChannelLayer):  # type: ignore[misc]
    """The pub/sub layer; rings are lost silently while it is away, so local sockets are sent to resume."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, on_reconnect=sockets.restart_all, **kwargs)


def visitor_group(visitor_id: uuid.UUID) -> str:
    return f"visitor.{visitor_id.hex}"


def workspace_group(workspace_id: uuid.UUID) -> str:
    return f"workspace.{workspace_id.hex}"


async def _send(rings: list[Ring]) -> None:
    """One ring after the other: a socket hears of its chat's changes in the order of their commits."""
    layer = get_channel_layer()
    if isinstance(layer, MemoryLayer):  # never waits, so that nothing can overtake
        await layer.ring(rings)
        return
    async with _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        async with asyncio.timeout(RING_SECONDS):
            for group, content in rings:
                await layer.group_send(group, content)


def ring(*rings: Ring) -> None:
    """From any thread; does not wait. `content["type"]` names the consumer's method."""
    if wanted := [one for one in rings if _may_be_heard(one[0])]:
        hints.give(lambda: loop.submit(_send(wanted)))


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
