"""What visitors wait for: the `ack` of a message, and its arrival at Slack."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import httpx

from tests.benchmarks.figures import Rounds, Row, at_most, at_most_times
from tests.benchmarks.pace import QUIET_SECONDS, paced, run
from tests.benchmarks.place import Place
from tests.benchmarks.visitors import Sent, Visitor, arrive_all, leave_all

CHATS = 10
ARRIVAL_MS = {True: at_most(12, "12 ms"), False: at_most(20, "20 ms")}
# a round that accepted thousands of lines needs a while until they are posted, at the pace that Slack allows
SLACK_PATIENCE = 120.0


class SlackLog:
    """What the sandbox was asked, and when it had read it, since the last look."""

    def __init__(self, place: Place) -> None:
        self.address = f"{place.stack.slack}/_control/requests"
        self.last = 0
        self.arrived: dict[str, float] = {}

    def look(self) -> None:
        rows = httpx.get(self.address, params={"since": self.last}, timeout=20).json()["requests"]
        for row in rows:
            self.last = row["n"]
            for key in mids(row):
                self.arrived.setdefault(key, row["t_mono"])

    def wait_for(self, ids: Sequence[str]) -> None:
        """Looks now and then only: looking takes time from what is measured."""
        end = time.monotonic() + SLACK_PATIENCE
        while not self.arrived.keys() >= set(ids):
            if time.monotonic() > end:
                raise AssertionError(f"{len(set(ids) - self.arrived.keys())} messages did not reach Slack")
            time.sleep(0.25)
            self.look()


def mids(row: dict[str, Any]) -> list[str]:
    """The ids that a post carries (the last part of a long message, joined lines: all of them)."""
    metadata = row["args"].get("metadata") if row["method"] == "chat.postMessage" else None
    return list(metadata["event_payload"].get("mids", [])) if isinstance(metadata, dict) else []


def measure(place: Place) -> list[Row]:
    acked, echoed, arrived = run(_measure(place))
    return [
        Row("send → ack", place.where, "ms", acked, at_most_times(2, "2 × control"), "Channels echo", echoed),
        Row("send → at Slack", place.where, "ms", arrived, ARRIVAL_MS[place.is_embedded]),
    ]


async def _measure(place: Place) -> tuple[Rounds, Rounds, Rounds]:
    ours = await arrive_all(CHATS, place.visitor_socket, place.site)
    echo = await arrive_all(CHATS, place.control_socket("echo"), None)
    acked, echoed, arrived, log = Rounds(), Rounds(), Rounds(), SlackLog(place)
    await _warm(ours, echo, log)
    for _ in range(place.effort.rounds):
        echoed.add([sent.milliseconds for sent in await _talk(echo, place.effort.acts)])
        sent = await _talk(ours, place.effort.acts)
        acked.add([one.milliseconds for one in sent])
        log.wait_for([one.answer["id"] for one in sent])
        arrived.add([(log.arrived[one.answer["id"]] - one.sent_at) * 1000 for one in sent])
    await leave_all(ours + echo)
    return acked, echoed, arrived


async def _talk(visitors: Sequence[Visitor], acts: int) -> list[Sent]:
    await asyncio.sleep(QUIET_SECONDS)
    return await paced(acts, lambda n: visitors[n % len(visitors)].send(f"Is line {n} still there?"))


async def _warm(ours: Sequence[Visitor], echo: Sequence[Visitor], log: SlackLog) -> None:
    """Cards are posted and imports done before anything counts."""
    first = await _talk(ours, 2 * len(ours))
    await _talk(echo, 2 * len(echo))
    log.wait_for([sent.answer["id"] for sent in first])
