"""What starts and stops with the web process: the loop's bridge, the embedded engine, the database threads."""

import asyncio
import fcntl
from collections.abc import Awaitable, Callable, MutableMapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from config import database, directly, engine, loop

WATCHES = [
    "slackapp.spool.watch",
    "slackapp.catch_up.watch",
    "livechat.attendance.watch",
    "livechat.onlookers.watch.watch",
]
WATCHES_ALONE = ["slackapp.nudge.watch"]
WATCHES_WITH_REDIS = ["livechat.missed_rings.watch"]

_lock: IO[str] | None = None
_watchers: list[asyncio.Future[None]] = []


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
            for watcher in _watchers:
                watcher.cancel()
            await directly.close()
            await asyncio.to_thread(stop)
            await send({"type": "lifespan.shutdown.complete"})
            return


async def start() -> None:
    loop.use(asyncio.get_running_loop())
    if settings.EMBEDDED:
        be_alone()
        await asyncio.to_thread(engine.start_embedded, settings.HUEY)
    watches = WATCHES + (WATCHES_ALONE if settings.EMBEDDED else WATCHES_WITH_REDIS)
    _watchers.extend(asyncio.ensure_future(import_string(watch)()) for watch in watches)


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
