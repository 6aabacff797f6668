"""An even pace: acts begin at their moments whether or not earlier ones are over, as people do."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")

# forty people who write a line every two seconds
ACTS_A_SECOND = 20.0
QUIET_SECONDS = 0.3


async def paced(acts: int, act: Callable[[int], Awaitable[T]]) -> list[T]:
    begun = time.monotonic()

    async def one(number: int) -> T:
        await asyncio.sleep(max(0.0, begun + number / ACTS_A_SECOND - time.monotonic()))
        return await act(number)

    return list(await asyncio.gather(*(one(number) for number in range(acts))))


def run(work: Coroutine[Any, Any, T]) -> T:
    """On the quick loop, so that the measuring costs little of what is measured."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
