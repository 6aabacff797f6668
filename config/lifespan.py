"""What starts and stops with the web process: the loop's bridge, the embedded engine, the database threads."""

import asyncio
import fcntl
from collections.abc import Awaitable, Callable, MutableMapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import database, engine, loop

_lock: IO[str] | None = None


async def run(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await start()
            await send({"type": "lifespan.startup.complete"})
        else:
            await asyncio.to_thread(stop)
            await send({"type": "lifespan.shutdown.complete"})
            return


async def start() -> None:
    loop.use(asyncio.get_running_loop())
    if settings.EMBEDDED:
        be_alone()
        await asyncio.to_thread(engine.start_embedded, settings.HUEY)


def be_alone() -> None:
    """Without Redis a socket hears its own process only, so a second one is refused. kill -9 frees the lock."""
    global _lock
    _lock = (settings.VAR_DIR / "embedded.lock").open("w")
    try:
        fcntl.flock(_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise ImproperlyConfigured(
            "Another process already serves from this VAR_DIR. To run several, set REDIS_URL and DATABASE_URL."
        ) from None


def stop() -> None:
    engine.stop()
    database.close()
    loop.use(None)
    if _lock is not None:
        _lock.close()
