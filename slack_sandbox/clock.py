"""Time that can be made to run faster, for Slack's retry schedule, and set forward, for its limits too."""

import asyncio
import time


class Clock:
    def __init__(self, factor: float) -> None:
        self.factor = factor
        self.ahead = 0.0
        self._changed = asyncio.Event()

    def set(self, factor: float) -> None:
        self.factor = factor
        self._wake()

    def advance(self, seconds: float) -> None:
        """Slack's time is later by so much, at once."""
        self.ahead += seconds
        self._wake()

    def now(self) -> float:
        """Seconds since whenever; the factor does not count."""
        return time.monotonic() + self.ahead

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Waits `seconds` of Slack's time; a change of the clock counts for the part still to wait."""
        loop = asyncio.get_running_loop()
        while seconds > 0:
            factor, changed, began, ahead = self.factor, self._changed, loop.time(), self.ahead
            try:
                await asyncio.wait_for(changed.wait(), seconds / factor)
            except TimeoutError:
                return
            seconds -= (loop.time() - began) * factor + self.ahead - ahead
