"""What starts and stops with the web process: the loop's bridge, the embedded engine, the database threads."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings

from config import database, engine, loop


async def run(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            start()
            await send({"type": "lifespan.startup.complete"})
        else:
            await asyncio.to_thread(stop)
            await send({"type": "lifespan.shutdown.complete"})
            return


def start() -> None:
    loop.use(asyncio.get_running_loop())
    if settings.EMBEDDED:
        engine.start_embedded(settings.HUEY)


def stop() -> None:
    engine.stop()
    database.close()
    loop.use(None)
