"""Keeps everything over a restart: one JSON file, replaced atomically shortly after a change."""

import asyncio
import json
import os
from pathlib import Path

from stripe_sandbox.clock import Clock
from stripe_sandbox.model import World

QUIET_SECONDS = 0.5


class Keeper:
    def __init__(self, world: World, clock: Clock, path: str) -> None:
        self.world, self.clock, self.path = world, clock, Path(path) if path else None
        self._timer: asyncio.TimerHandle | None = None

    def touch(self) -> None:
        if self.path and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(QUIET_SECONDS, self.save)

    def save(self) -> None:
        if self.path is None:
            return
        if self._timer:
            self._timer.cancel()
        self._timer = None
        self.path.parent.mkdir(parents=True, exist_ok=True)
        scratch = self.path.with_suffix(".new")
        clock = {"ahead": self.clock.ahead, "stands_at": self.clock.stands_at}
        scratch.write_text(
            json.dumps({"tables": self.world.tables, "hidden": self.world.hidden, "clock": clock})
        )
        os.replace(scratch, self.path)

    def load(self) -> bool:
        """False when there is nothing to load."""
        if self.path is None or not self.path.exists():
            return False
        kept = json.loads(self.path.read_text())
        self.world.tables, self.world.hidden = kept["tables"], kept["hidden"]
        self.clock.ahead, self.clock.stands_at = kept["clock"]["ahead"], kept["clock"]["stands_at"]
        return True
