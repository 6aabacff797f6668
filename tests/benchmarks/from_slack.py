"""What Slack and its people wait for: the answer to an event, and an agent's words on the visitor's screen."""

import asyncio
import itertools
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from house.running import SANDBOX_APP
from slack_sandbox.delivery import signed_headers
from slack_sandbox.wire import Pool
from tests.benchmarks.figures import UNTARGETED, Rounds, Row, at_most, at_most_times
from tests.benchmarks.pace import FIFTY_A_SECOND, OF_PEOPLE, QUIET_SECONDS, Pace, paced, run
from tests.benchmarks.place import Place
from tests.benchmarks.visitors import PATIENCE, Visitor, arrive_all, leave_all
from tests.stack import wait_until

CHATS = 10
# how many times as many acts at the quicker pace, which is soon over
BUSY_ACTS = 5
ON_SCREEN_MS = {True: at_most(7, "7 ms"), False: at_most(12, "12 ms")}
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Thread:
    """A chat as somebody in Slack sees it."""

    visitor: Visitor
    team: str
    channel: str
    person: str
    root_ts: str

    def reply(self, text: str) -> dict[str, Any]:
        """An event in Slack's form: a person's line in the thread."""
        number = next(_numbers)
        event: dict[str, Any] = {"type": "message", "user": self.person, "team": self.team, "text": text}
        section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
        event |= {"blocks": [{"type": "rich_text", "block_id": "b1", "elements": [section]}]}
        event |= {"channel": self.channel, "channel_type": "channel", "thread_ts": self.root_ts}
        event |= {"ts": f"{int(time.time())}.{number:06d}", "client_msg_id": f"bench-{number}"}
        return {
            "token": "benchmark",
            "team_id": self.team,
            "api_app_id": SANDBOX_APP["SLACK_APP_ID"],
            "event": event | {"event_ts": event["ts"]},
            "type": "event_callback",
            "event_id": f"EvBench{time.time_ns()}{number}",
            "event_time": int(time.time()),
            "authorizations": [
                {"enterprise_id": None, "team_id": self.team, "user_id": "U0", "is_bot": True}
            ],
        }


def measure(place: Place) -> list[Row]:
    busy, quiet, seen = run(_measure(place))
    where, bolt = place.where, "slack_bolt"
    return [
        Row("event → 200", where, "ms", busy.ours, at_most_times(1, "control"), bolt, busy.control),
        Row("quiet event → 200", where, "ms", quiet.ours, UNTARGETED, bolt, quiet.control),
        Row("event → on screen", where, "ms", seen, ON_SCREEN_MS[place.is_embedded]),
    ]


@dataclass(frozen=True)
class Told:
    thread: Thread
    text: str
    sent_at: float
    milliseconds: float


@dataclass(frozen=True)
class Round:
    """`screens`: how long the product's took to a screen, in milliseconds."""

    ours: Sequence[Told]
    control: Sequence[Told]
    screens: Sequence[float]


@dataclass(frozen=True)
class Answered:
    """How long Slack waited for either."""

    ours: Rounds = field(default_factory=Rounds)
    control: Rounds = field(default_factory=Rounds)

    def add(self, one: Round) -> None:
        self.ours.add([told.milliseconds for told in one.ours])
        self.control.add([told.milliseconds for told in one.control])


async def _measure(place: Place) -> tuple[Answered, Answered, Rounds]:
    visitors = await arrive_all(CHATS, place.visitor_socket, place.site)
    threads = await threads_of(place, visitors)
    busy, quiet, seen = Answered(), Answered(), Rounds()
    pool = Pool()
    acts = place.effort.acts
    for number in range(place.effort.rounds + 1):
        slowly = await _round(place, pool, threads, f"quiet {number}", acts, OF_PEOPLE)
        quickly = await _round(place, pool, threads, f"busy {number}", acts * BUSY_ACTS, FIFTY_A_SECOND)
        if number:  # the first round only warms
            quiet.add(slowly)
            busy.add(quickly)
            seen.add(slowly.screens)
    pool.close()
    await leave_all(visitors)
    return busy, quiet, seen


async def _round(
    place: Place, pool: Pool, threads: Sequence[Thread], mark: str, acts: int, pace: Pace
) -> Round:
    """slack_bolt, then the product; until each line is on its screen."""
    control = await _tell(pool, place.controls["bolt"], threads, f"{mark}, bolt", acts, pace)
    ours = await _tell(pool, place.stack.product, threads, f"{mark}, ours", acts, pace)
    return Round(ours, control, await _on_screens(threads, ours))


async def _tell(
    pool: Pool, app: str, threads: Sequence[Thread], mark: str, acts: int, pace: Pace
) -> list[Told]:
    async def one(number: int) -> Told:
        thread, text = threads[number % len(threads)], f"{mark}: answer {number}"
        body = json.dumps(thread.reply(text)).encode()
        headers = signed_headers(SANDBOX_APP["SLACK_SIGNING_SECRET"], body, "application/json")
        sent_at = time.monotonic()
        answer = await pool.post(f"{app}/slack/events", headers, body, PATIENCE)
        took = (time.monotonic() - sent_at) * 1000
        if answer.status != 200:
            raise AssertionError(f"an event was answered {answer.status}: {answer.body[:200]!r}")
        return Told(thread, text, sent_at, took)

    await asyncio.sleep(QUIET_SECONDS)
    return await paced(acts, one, pace)


async def _on_screens(threads: Sequence[Thread], told: Sequence[Told]) -> list[float]:
    end = time.monotonic() + PATIENCE
    while not all(one.text in one.thread.visitor.heard for one in told):
        if time.monotonic() > end:
            raise AssertionError("an agent's words did not reach a visitor")
        await asyncio.sleep(0.02)
    return [(one.thread.visitor.heard[one.text] - one.sent_at) * 1000 for one in told]


async def threads_of(place: Place, visitors: Sequence[Visitor]) -> list[Thread]:
    """Each visitor writes one line; the thread that it opens in Slack is looked up."""
    chats = [(await visitor.send("Good morning")).answer["chat"] for visitor in visitors]
    roots = await asyncio.to_thread(_roots, place, chats)
    team = next(team for team in place.stack.state()["teams"] if team["installation"])
    person = next(one["id"] for one in team["people"] if not one["is_bot"] and not one["is_owner"])
    return [
        Thread(visitor, team["id"], *roots[chat][:1], person, roots[chat][1])
        for visitor, chat in zip(visitors, chats, strict=True)
    ]


def _roots(place: Place, chats: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Channel and ts of each chat's card, once its first line stands below it."""

    def found() -> dict[str, tuple[str, str]] | None:
        messages = place.stack.in_slack()
        roots = {}
        for message in messages:
            chat = ((message.get("metadata") or {}).get("event_payload") or {}).get("chat")
            if chat and any(other.get("thread_ts") == message["ts"] for other in messages):
                roots[chat] = (message["channel"], message["ts"])
        return roots if roots.keys() >= set(chats) else None

    answer: dict[str, tuple[str, str]] = wait_until(found, "a thread for every chat")
    return answer
