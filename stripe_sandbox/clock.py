"""The test clock: Stripe's time, which runs with ours or stands, and is moved forward on demand."""

import asyncio
import time


class Clock:
    def __init__(self, factor: float, start: int = 0) -> None:
        self.factor = factor
        """How many times faster the retries of webhooks run; Stripe's time itself does not run faster."""
        self.ahead = 0.0
        self.stands_at: int | None = start or None
        self._working_at: int | None = None
        self._changed = asyncio.Event()

    def now(self) -> int:
        """Epoch seconds. While the past is worked off, the moment that is being worked."""
        if self._working_at is not None:
            return self._working_at
        return self.there

    @property
    def there(self) -> int:
        """Where the clock has been moved to, whatever is still worked off on the way."""
        return self.stands_at if self.stands_at is not None else int(time.time() + self.ahead)

    def work_at(self, moment: int | None) -> None:
        self._working_at = moment

    def advance(self, seconds: float) -> None:
        if self.stands_at is not None:
            self.stands_at += int(seconds)
        self.ahead += seconds
        self._wake()

    def stand(self, moment: int) -> None:
        self.stands_at = moment
        self._wake()

    def run(self) -> None:
        """Runs with our time again, from where it is."""
        if self.stands_at is not None:
            self.ahead = self.stands_at - time.time()
        self.stands_at = None

    def set_factor(self, factor: float) -> None:
        self.factor = factor
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Waits `seconds` of Stripe's time; advancing the clock counts, and so does its factor."""
        loop = asyncio.get_running_loop()
        while seconds > 0:
            factor, changed, began, ahead = self.factor, self._changed, loop.time(), self.ahead
            try:
                await asyncio.wait_for(changed.wait(), seconds / factor)
            except TimeoutError:
                return
            seconds -= (loop.time() - began) * factor + self.ahead - ahead
