"""Tells open browser pages what changed."""

import asyncio
from collections.abc import AsyncIterator

from slack_sandbox.model import Json

BACKLOG = 2000


class Hub:
    def __init__(self) -> None:
        self._pages: dict[asyncio.Queue[Json], str] = {}

    def publish(self, team: str, change: Json) -> None:
        for queue, watched in list(self._pages.items()):
            if watched == team and not queue.full():
                queue.put_nowait(change)

    async def changes(self, team: str) -> AsyncIterator[Json]:
        queue: asyncio.Queue[Json] = asyncio.Queue(BACKLOG)
        self._pages[queue] = team
        try:
            while True:
                try:
                    yield await asyncio.wait_for(queue.get(), 15)
                except TimeoutError:
                    yield {"type": "still_here"}
        finally:
            del self._pages[queue]
