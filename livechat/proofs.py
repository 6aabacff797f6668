"""What shows that a visitor's browser has what was said: its connection took the words and still stood afterwards.

TCP tells a writer nothing, so a connection that is lost without a word may count as one that stands: two seconds of
life make that rare, and a browser that comes back says how far it is. Certain is only *seen*, which the page reports.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from django.db import DatabaseError

log = logging.getLogger(__name__)

STANDS_SECONDS = 2.0


class Proof:
    """For one socket. `note(chat_id, seq)` is awaited when everything up to `seq` has arrived."""

    def __init__(self, note: Callable[[str, int], Awaitable[None]]) -> None:
        self._note = note
        self._chat_id: str | None = None
        self._seq = 0
        self._timer: asyncio.TimerHandle | None = None
        self._noting: asyncio.Future[None] | None = None

    def took(self, chat_id: str | None, answers: Sequence[int]) -> None:
        """The socket took the team's words at these places; those of the visitor need no proof."""
        if chat_id is None or not answers:
            return
        if chat_id != self._chat_id:
            self._chat_id, self._seq = chat_id, 0
        if max(answers) <= self._seq:
            return
        self._seq = max(answers)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(STANDS_SECONDS, self._stood)

    def _stood(self) -> None:
        self._timer = None
        if self._chat_id is not None:
            self._noting = asyncio.ensure_future(self._write(self._chat_id, self._seq))

    async def _write(self, chat_id: str, seq: int) -> None:
        try:
            await self._note(chat_id, seq)
        except DatabaseError:
            log.exception("it could not be noted that a visitor got an answer")

    def gone(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
