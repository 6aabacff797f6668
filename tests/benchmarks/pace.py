"""The pace of people: acts begin at their moments, 50 to 550 ms apart, whether or not earlier ones are over."""

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")

GAP_SECONDS = (0.05, 0.55)
QUIET_SECONDS = 0.3


async def paced(acts: int, act: Callable[[int], Awaitable[T]]) -> list[T]:
    gaps = random.Random(acts)
    moments = itertools.accumulate(gaps.uniform(*GAP_SECONDS) for _ in range(acts))
    begun = time.monotonic()

    async def one(number: int, moment: float) -> T:
        await asyncio.sleep(max(0.0, begun + moment - time.monotonic()))
        return await act(number)

    return list(await asyncio.gather(*(one(number, moment) for number, moment in enumerate(moments))))


def run(work: Coroutine[Any, Any, T]) -> T:
    """On the quick loop, so that the measuring costs little of what is measured."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
