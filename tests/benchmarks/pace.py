"""Acts begin at their moments, whether or not earlier ones are over: at the pace of people, or of a busy server."""

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")

# seconds between one act and the next, at least and at most
Pace = tuple[float, float]
OF_PEOPLE: Pace = (0.05, 0.55)
FIFTY_A_SECOND: Pace = (0.01, 0.03)
QUIET_SECONDS = 0.3


async def paced(acts: int, act: Callable[[int], Awaitable[T]], pace: Pace = OF_PEOPLE) -> list[T]:
    gaps = random.Random(acts)
    moments = itertools.accumulate(gaps.uniform(*pace) for _ in range(acts))
    begun = time.monotonic()

    async def one(number: int, moment: float) -> T:
        await asyncio.sleep(max(0.0, begun + moment - time.monotonic()))
        return await act(number)

    return list(await asyncio.gather(*(one(number, moment) for number, moment in enumerate(moments))))


def run(work: Coroutine[Any, Any, T]) -> T:
    """On the quick loop, so that the measuring costs little of what is measured."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
