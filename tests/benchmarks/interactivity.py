"""How soon somebody in Slack is answered while Slack takes nothing from us and the outbox is full.

Posts hang until we give up, so that workers wait and lines pile up. Meanwhile colleagues type commands, press buttons
and open forms. Slack gives up after three seconds; a person expects less.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from house.running import SANDBOX_APP
from slack_sandbox.delivery import signed_headers
from slack_sandbox.wire import Pool
from tests.benchmarks.figures import Rounds, Row, at_most
from tests.benchmarks.from_slack import Thread, threads_of
from tests.benchmarks.pace import QUIET_SECONDS, paced, run
from tests.benchmarks.place import Place
from tests.benchmarks.visitors import PATIENCE, Visitor, arrive_all, leave_all

CHATS, LINES = 20, 10
FORM = "application/x-www-form-urlencoded"
TARGET = at_most(500, "500 ms, 99th percentile")
VERBS = ("status", "list", "help", "close nobody")
Act = Callable[[int], Awaitable[float]]


def measure(place: Place) -> list[Row]:
    """Comes last: what is left in the outbox is not waited for."""
    commands, presses, forms = run(_measure(place))
    rows = {"command → answer": commands, "press → 200": presses, "shortcut → form": forms}
    return [
        Row(f"{name}, full outbox", place.where, "ms", took, TARGET, by_p99=True)
        for name, took in rows.items()
    ]


async def _measure(place: Place) -> tuple[Rounds, Rounds, Rounds]:
    visitors = await arrive_all(CHATS, place.visitor_socket, place.site)
    threads = await threads_of(place, visitors)
    await asyncio.to_thread(_let_posts_hang, place)
    await asyncio.gather(*(_write(visitor) for visitor in visitors))
    asking, pool = _Asking(place, threads), Pool()
    found = [Rounds() for _ in range(3)]
    for number in range(place.effort.rounds + 1):
        for took, act in zip(found, asking.acts(pool), strict=True):
            await asyncio.sleep(QUIET_SECONDS)
            answered = await paced(place.effort.acts, act)
            if number:  # the first round only warms
                took.add(answered)
    pool.close()
    await leave_all(visitors)
    return found[0], found[1], found[2]


def _let_posts_hang(place: Place) -> None:
    place.stack.control("faults", method="chat.postMessage", kind="hang", seconds=30, count=None)


async def _write(visitor: Visitor) -> None:
    for number in range(LINES):
        await visitor.send(f"Line {number} that waits for Slack")


class _Asking:
    """Whoever asks, in Slack's form."""

    def __init__(self, place: Place, threads: list[Thread]) -> None:
        self._place, self._threads = place, threads

    def acts(self, pool: Pool) -> tuple[Act, Act, Act]:
        alone = asyncio.Lock()

        async def command(number: int) -> float:
            one = self._threads[number % len(self._threads)]
            fields = {"team_id": one.team, "channel_id": one.channel, "user_id": one.person}
            fields |= {"command": "/threadbell", "text": VERBS[number % len(VERBS)], **APP}
            return await _post(pool, f"{self._place.stack.product}/slack/commands", fields)

        async def press(number: int) -> float:
            one = self._threads[number % len(self._threads)]
            payload = {"payload": json.dumps(_press(one, f"{time.time_ns()}.{number}"))}
            return await _post(pool, f"{self._place.stack.product}/slack/interactivity", payload)

        async def form(number: int) -> float:
            one = self._threads[number % len(self._threads)]
            where = {"channel": one.channel, "ts": one.root_ts, "user": one.person}
            # one person has one form at a time
            async with alone:
                return await asyncio.to_thread(_open, self._place, {**where, "callback_id": "chat.manage"})

        return command, press, form


def _open(place: Place, sent: dict[str, str]) -> float:
    """Through the sandbox, as it gives what opens a form; it answers when we have."""
    begun = time.monotonic()
    place.stack.control("shortcut", **sent)
    took = (time.monotonic() - begun) * 1000
    place.stack.control("close_modal", user=sent["user"])
    return took


APP = {"api_app_id": SANDBOX_APP["SLACK_APP_ID"]}


def _press(one: Thread, trigger: str) -> dict[str, object]:
    return {
        "type": "block_actions",
        **APP,
        "team": {"id": one.team},
        "user": {"id": one.person, "team_id": one.team},
        "channel": {"id": one.channel},
        "container": {"type": "message", "message_ts": one.root_ts, "channel_id": one.channel},
        "trigger_id": trigger,
        "actions": [{"type": "button", "action_id": "chat.open", "block_id": "b", "value": "v"}],
    }


async def _post(pool: Pool, url: str, fields: dict[str, str]) -> float:
    body = urlencode(fields).encode()
    headers = signed_headers(SANDBOX_APP["SLACK_SIGNING_SECRET"], body, FORM)
    begun = time.monotonic()
    answer = await pool.post(url, headers, body, PATIENCE)
    if answer.status != 200:
        raise AssertionError(f"somebody was answered {answer.status}: {answer.body[:200]!r}")
    return (time.monotonic() - begun) * 1000
