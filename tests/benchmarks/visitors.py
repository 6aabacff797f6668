"""A visitor's browser reduced to its socket: sends, and notes the moment at which each answer arrives."""

import asyncio
import json
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PATIENCE = 20.0


@dataclass(frozen=True)
class Sent:
    """`key` is our id of the message; `answer` what came back for it. Moments are of the machine's one clock."""

    key: str
    sent_at: float
    answered_at: float
    answer: dict[str, Any]

    @property
    def milliseconds(self) -> float:
        return (self.answered_at - self.sent_at) * 1000


@dataclass
class Visitor:
    """Speaks to the product and, with the same frames, to the echo: both answer with the `client_message_id`."""

    connection: ClientConnection
    waiting: dict[str, "asyncio.Future[tuple[float, dict[str, Any]]]"] = field(default_factory=dict)
    welcomed: "asyncio.Future[dict[str, Any]]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    # the body of every message that came in, and when
    heard: dict[str, float] = field(default_factory=dict)
    reader: "asyncio.Task[None] | None" = None

    @classmethod
    async def arrive(cls, url: str, site: str | None) -> "Visitor":
        """`site` is the product's key; without one (the controls) nobody says hello."""
        connection = await connect(url, compression=None, proxy=None, max_queue=None, ping_interval=None)
        visitor = cls(connection)
        visitor.reader = asyncio.create_task(visitor._read())
        if site is not None:
            await connection.send(json.dumps({"type": "hello", "protocol": 1, "site": site}))
            await asyncio.wait_for(visitor.welcomed, PATIENCE)
        return visitor

    async def _read(self) -> None:
        with suppress(ConnectionClosed):
            async for data in self.connection:
                self._take(time.monotonic(), json.loads(data))
        self._fail(ConnectionError("the socket was closed"))

    def _fail(self, error: Exception) -> None:
        """Whoever waits hears of it at once."""
        waiters: list[asyncio.Future[Any]] = [self.welcomed, *self.waiting.values()]
        for waiter in waiters:
            if not waiter.done():
                waiter.set_exception(error)
                waiter.exception()  # nobody may be waiting for this one
        self.waiting.clear()

    def _take(self, at: float, frame: dict[str, Any]) -> None:
        if frame["type"] == "welcome":
            self.welcomed.set_result(frame)
        elif frame["type"] == "error":
            self._fail(AssertionError(f"a frame was refused: {frame}"))
        elif frame["type"] == "message" and "message" in frame:
            self.heard[frame["message"]["body"]] = at
        elif waiter := self.waiting.pop(frame.get("client_message_id", ""), None):
            waiter.set_result((at, frame))

    async def send(self, body: str) -> Sent:
        key = str(uuid.uuid4())
        frame = json.dumps({"type": "message", "client_message_id": key, "body": body})
        waiter = self.waiting[key] = asyncio.get_running_loop().create_future()
        sent_at = time.monotonic()
        await self.connection.send(frame)
        answered_at, answer = await asyncio.wait_for(waiter, PATIENCE)
        return Sent(key, sent_at, answered_at, answer)

    async def leave(self) -> None:
        await self.connection.close()
        if self.reader is not None:
            await self.reader


async def arrive_all(number: int, url: str, site: str | None, at_once: int = 25) -> list[Visitor]:
    found: list[Visitor] = []
    while len(found) < number:
        some = min(at_once, number - len(found))
        found += await asyncio.gather(*(Visitor.arrive(url, site) for _ in range(some)))
    return found


async def leave_all(visitors: Sequence[Visitor]) -> None:
    await asyncio.gather(*(visitor.leave() for visitor in visitors))
