"""Time that can be made to run faster, for Slack's retry schedule."""

import asyncio


class Clock:
    def __init__(self, factor: float) -> None:
        self.factor = factor
        self._changed = asyncio.Event()

    def set(self, factor: float) -> None:
        self.factor = factor
        self._changed.set()
        self._changed = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Waits `seconds` of Slack's time; a change of the factor counts for the part still to wait."""
        loop = asyncio.get_running_loop()
        while seconds > 0:
            factor, changed, began = self.factor, self._changed, loop.time()
            try:
                await asyncio.wait_for(changed.wait(), seconds / factor)
            except TimeoutError:
                return
            seconds -= (loop.time() - began) * factor
