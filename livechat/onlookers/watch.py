"""Every two seconds: tells other processes and open consoles where somebody has come, moved on or left."""

import asyncio
import logging
import time

from channels.layers import get_channel_layer
from django.conf import settings

from livechat import doorbell
from livechat.onlookers import shared
from livechat.onlookers.board import Crowd, board

log = logging.getLogger(__name__)

EVERY_SECONDS = 2.0
RENEW_SECONDS = 15.0


class Watch:
    renewed_at = 0.0

    async def turn(self) -> None:
        """What could not be told is told in the next turn."""
        now = time.time()
        board.tidy(now)
        if not settings.EMBEDDED:
            await self._renew(now)
        for crowd in board.crowds():
            changed, crowd.changed = crowd.changed, set()
            try:
                if changed:
                    await self._tell(crowd, changed)
            except BaseException:
                crowd.changed |= changed
                raise

    async def _tell(self, crowd: Crowd, changed: set[str]) -> None:
        if not settings.EMBEDDED:
            fresh, crowd.fresh = list(crowd.fresh & changed), set()
            if fresh:
                known = await asyncio.to_thread(shared.known_elsewhere, crowd, fresh)
                for visitor_id, one in known.items():
                    crowd.adopt(visitor_id, one.since, one.pages)
            await asyncio.to_thread(shared.keep, crowd, changed)
        group = doorbell.workspace_group(crowd.workspace_id)
        await get_channel_layer().group_send(group, {"type": "onlookers"})

    async def _renew(self, now: float) -> None:
        if now - self.renewed_at < RENEW_SECONDS:
            return
        self.renewed_at = now
        for crowd in board.crowds():
            if await asyncio.to_thread(shared.is_kept, crowd):
                await asyncio.to_thread(shared.keep, crowd, [])
            else:
                crowd.changed |= crowd.kept.keys()


async def watch() -> None:
    watcher = Watch()
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            await watcher.turn()
        except Exception:
            log.exception("who is on the sites could not be told; the next turn repeats it")
