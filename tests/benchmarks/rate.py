"""How many messages one process accepts when everybody writes at once.

The limits are twenty times the ordinary ones: enough for the writers, and Slack gets twenty posts a second and channel
where it allows one. What cannot be posted at that pace waits and is joined; the queue drains before the next round.
"""

import asyncio
import time
from collections.abc import Sequence

from tests.benchmarks.figures import Rounds, Row, at_least
from tests.benchmarks.from_visitors import SlackLog
from tests.benchmarks.pace import QUIET_SECONDS, run
from tests.benchmarks.place import Place
from tests.benchmarks.visitors import Visitor, arrive_all, leave_all

WRITERS = 32
TARGETS = {True: at_least(300, "300 /s"), False: at_least(500, "500 /s")}


def measure(place: Place) -> list[Row]:
    with place.limits("20"):
        ours, echo = run(_measure(place))
    name = f"accepted, {WRITERS} writers"
    return [
        Row(name, place.where, "/s", ours, TARGETS[place.is_embedded], "Channels echo", echo, spread=False)
    ]


async def _measure(place: Place) -> tuple[Rounds, Rounds]:
    writers = await arrive_all(WRITERS, place.visitor_socket, place.site)
    echo = await arrive_all(WRITERS, place.control_socket("echo"), None)
    accepted, echoed, log = Rounds(), Rounds(), SlackLog(place)
    for number in range(place.effort.rounds + 1):
        control, _ = await _all_at_once(echo, place.effort.seconds)
        ours, last = await _all_at_once(writers, place.effort.seconds)
        # the next round begins with empty queues
        await asyncio.to_thread(log.wait_for, last)
        if number:
            echoed.add([control])
            accepted.add([ours])
    await leave_all(writers + echo)
    return accepted, echoed


async def _all_at_once(writers: Sequence[Visitor], seconds: float) -> tuple[float, list[str]]:
    """Answers per second, and the id of each writer's last message."""
    await asyncio.sleep(QUIET_SECONDS)
    begun = time.monotonic()
    done = await asyncio.gather(*(_write_on(writer, begun + seconds) for writer in writers))
    took = time.monotonic() - begun
    return sum(count for count, _ in done) / took, [last for _, last in done]


async def _write_on(writer: Visitor, end: float) -> tuple[int, str]:
    """One message in flight: the next is written when the last is answered."""
    count, last = 0, ""
    while time.monotonic() < end:
        sent = await writer.send(f"Line {count} of a hurried visitor")
        count, last = count + 1, str(sent.answer.get("id", ""))
    return count, last
