"""The sockets of this process: how many a visitor, address and site hold, and how to say goodbye to all of them."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol

from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from accounts.errors import Refused
from livechat.protocol import RESTARTING

log = logging.getLogger(__name__)

# one address may be a whole office: 200 honest visitors behind it, each with two tabs
MOST = {"visitor": 5, "address": 400, "site": 5000}
GOODBYE_SECONDS = 2


class LeanConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Channels looks for stale database connections on another thread before every frame and ring.

    Ours live on the threads of `config.database.db` and are cared for there. After our own close nothing is worked any
    more: what the client sent meanwhile has no ack, so that it is sent again.
    """

    is_closing = False

    async def dispatch(self, message: dict[str, Any]) -> None:
        if not self.is_closing or message["type"] == "websocket.disconnect":
            await getattr(self, get_handler_name(message))(message)

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        if not self.is_closing:
            self.is_closing = True
            await super().close(code, reason)


class Socket(Protocol):
    channel_name: str

    async def say(self, frame: dict[str, Any]) -> None: ...

    async def close(self, code: int) -> None: ...


_open: set[Socket] = set()
_held: Counter[str] = Counter()


def add(socket: Socket) -> None:
    _open.add(socket)


def remove(socket: Socket, places: Iterable[str]) -> None:
    _open.discard(socket)
    for place in places:
        _held[place] -= 1
        if _held[place] <= 0:
            del _held[place]


def take_places(**who: str) -> list[str]:
    """Counts a socket for `visitor`, `address` or `site`; `Refused("rate_limited")` if one holds too many already."""
    if any(_held[f"{kind}:{key}"] >= MOST[kind] * settings.LIMITS_SCALE for kind, key in who.items()):
        raise Refused(
            "rate_limited", "Too many windows of this chat are open. Close one and try again.", 30_000
        )
    places = [f"{kind}:{key}" for kind, key in who.items()]
    _held.update(places)
    return places


def all_open() -> list[Socket]:
    return list(_open)


async def say_bye(retry_ms: Callable[[], int]) -> None:
    """Before a planned stop: each socket is told when to come back."""
    await asyncio.gather(
        *(_try(socket.say({"type": "bye", "retry_ms": retry_ms()})) for socket in all_open())
    )


async def restart_all() -> None:
    """Closes every socket so that the clients resume from the database."""
    await asyncio.gather(*(_try(socket.close(RESTARTING)) for socket in all_open()))


async def _try(told: Awaitable[None]) -> None:
    """A client that is gone or takes nothing keeps neither the others from hearing it nor the process from stopping."""
    try:
        async with asyncio.timeout(GOODBYE_SECONDS):
            await told
    except Exception as error:  # noqa: BLE001 - whatever the server raises for a connection that is gone
        log.info("a socket was gone already: %s", type(error).__name__)
