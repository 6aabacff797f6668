"""Conservation: what was accepted is stored, is in Slack and is read by the visitor, exactly once and in order.

Although the server is killed again and again while a third of all calls to Slack go wrong. For longer: README.md.
"""

import asyncio
import contextlib
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.faults.processes import Fleet
from tests.faults.robots import Agent, Visitor
from tests.faults.slack_ledger import lines_of
from tests.faults.store import Store

CHATS = int(os.environ.get("FAULTS_CHATS", "50"))
LINES = int(os.environ.get("FAULTS_LINES", "5"))
KILLS = int(os.environ.get("FAULTS_KILLS", "20"))
CHANNELS = int(os.environ.get("FAULTS_CHANNELS", "5"))
SHARE = float(os.environ.get("FAULTS_SHARE", "0.3"))
SEED = int(os.environ.get("FAULTS_SEED", "7"))
DRAIN_SECONDS = 120.0 + CHATS * LINES / 5
SECONDS_PER_KILL = 5.0
pytestmark = [pytest.mark.process, pytest.mark.timeout(400 + 15 * KILLS + CHATS * LINES)]


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Fleet]:
    """Always stopped again; when something failed inside, the logs are printed."""
    fleet = Fleet(folder, SEED)
    try:
        fleet.up()
        yield fleet
    except BaseException:
        print(fleet.logs())
        raise
    finally:
        fleet.down()


@dataclass
class Outcome:
    """Everything that can be compared once the storm is over."""

    visitors: list[Visitor]
    agents: list[Agent]
    fresh: list[Store] = field(default_factory=list)
    rows: dict[str, Any] = field(default_factory=dict)


async def play(fleet: Fleet, shops: dict[str, str]) -> Outcome:
    """Everybody talks while processes die; then the weather clears and all of it has to arrive."""
    chance = random.Random(SEED)
    keys = list(shops)
    visitors = [
        Visitor(f"visitor {number}", keys[number % len(keys)], fleet.sockets, random.Random(chance.random()))
        for number in range(CHATS)
    ]
    agents = [Agent(fleet.slack, channel) for channel in shops.values()]
    everybody: list[Visitor | Agent] = [*visitors, *agents]
    lives = [asyncio.create_task(robot.live()) for robot in everybody]
    try:
        talks = [visitor.talk(LINES, KILLS * SECONDS_PER_KILL) for visitor in visitors]
        await asyncio.gather(asyncio.to_thread(fleet.keep_killing, KILLS), *talks)
        return await settle(fleet, Outcome(visitors, agents))
    finally:
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)


async def settle(fleet: Fleet, outcome: Outcome) -> Outcome:
    await asyncio.to_thread(fleet.calm)
    await until(
        lambda: all(visitor.has_said_all for visitor in outcome.visitors), "every line is acknowledged"
    )
    await asyncio.to_thread(fleet.drain, DRAIN_SECONDS)
    wanted = CHATS * LINES
    await until(lambda: sum(len(agent.said) for agent in outcome.agents) == wanted, "every line is answered")
    outcome.rows = await asyncio.to_thread(fleet.drain, DRAIN_SECONDS)
    await asyncio.sleep(3)
    outcome.fresh = [await visitor.fetched_fresh() for visitor in outcome.visitors]
    return outcome


async def until(happened: Any, what: str, seconds: float = DRAIN_SECONDS) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        await asyncio.sleep(0.2)


@dataclass
class Verdict:
    """How many lines each kind of harm has come to."""

    accepted: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    doubled: Counter[str] = field(default_factory=Counter)
    inverted: Counter[str] = field(default_factory=Counter)

    def compare(self, where: str, wanted: list[str], found: list[str]) -> None:
        meant, seen = Counter(wanted), Counter(found)
        self.lost[where] += (meant - seen).total()
        self.doubled[where] += (seen - meant).total()
        if meant == seen and wanted != found:
            self.inverted[where] += 1

    @property
    def harm(self) -> dict[str, int]:
        all_of_it = {"lost": self.lost, "doubled": self.doubled, "inverted": self.inverted}
        return {
            f"{what} in {where}": n
            for what, where_n in all_of_it.items()
            for where, n in where_n.items()
            if n
        }


def judge(outcome: Outcome, channels: list[list[dict[str, Any]]]) -> Verdict:
    verdict = Verdict(accepted=sum(len(visitor.store.acked) for visitor in outcome.visitors))
    by_chat: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in outcome.rows["messages"]:
        by_chat[row["chat_id"]].append(row)
    for visitor in outcome.visitors:
        judge_database(verdict, visitor, by_chat[visitor.store.chat or ""])
    for posts in channels:
        judge_slack(verdict, posts, by_chat)
    said = [text for agent in outcome.agents for text in agent.said]
    stored = [row["body"] for row in outcome.rows["messages"] if row["author_kind"] == "agent"]
    verdict.compare("the agents' words", sorted(said), sorted(stored))
    for visitor, fresh in zip(outcome.visitors, outcome.fresh, strict=True):
        verdict.compare(
            "the visitor's tab", [line[1] for line in fresh.lines()], [m[1] for m in visitor.store.lines()]
        )
    return verdict


def judge_database(verdict: Verdict, visitor: Visitor, rows: list[dict[str, Any]]) -> None:
    """The visitor's own lines in the order they were typed; what was acknowledged is what is stored."""
    own = [row for row in rows if row["author_kind"] == "visitor"]
    verdict.compare("the database", list(visitor.bodies), [row["client_message_id"] for row in own])
    stored = {row["client_message_id"]: (row["id"], row["seq"]) for row in own}
    acked = {cid: (ack["id"], ack["seq"]) for cid, ack in visitor.store.acked.items()}
    assert acked == stored
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert {row["mirror_state"] for row in own} == {"sent"}


def judge_slack(
    verdict: Verdict, posts: list[dict[str, Any]], by_chat: dict[str, list[dict[str, Any]]]
) -> None:
    roots: dict[str, str] = {}
    for post in posts:
        if (post.get("metadata") or {}).get("event_type") == "chat_card":
            chat = post["metadata"]["event_payload"]["chat"]
            verdict.doubled["the cards"] += chat in roots
            roots[chat] = post["ts"]
    for chat, root in roots.items():
        lines = lines_of([post for post in posts if post.get("thread_ts") == root and post["ts"] != root])
        bodies = {row["id"]: row["body"] for row in by_chat[chat] if row["author_kind"] == "visitor"}
        verdict.compare("Slack", list(bodies), [mid for line in lines for mid in line.mids])
        verdict.compare(
            "Slack's words", ["\n".join(bodies.values())], ["\n".join(line.text for line in lines)]
        )


def test_nothing_is_lost_or_doubled_while_the_server_is_killed(tmp_path: Path) -> None:
    with running(tmp_path) as fleet:
        campaign(fleet)


def campaign(fleet: Fleet) -> None:
    started = time.monotonic()
    shops = fleet.open_shops(CHANNELS)
    fleet.storm(SHARE)
    outcome = asyncio.run(play(fleet, shops))
    verdict = judge(outcome, [fleet.posts_in(channel) for channel in shops.values()])
    print(
        f"\naccepted {verdict.accepted}, answered {sum(len(agent.said) for agent in outcome.agents)}, "
        f"lost {verdict.lost.total()}, doubled {verdict.doubled.total()}, inverted {verdict.inverted.total()}, "
        f"kills {fleet.kills}, reconnects {sum(v.reconnects for v in outcome.visitors)}, "
        f"{time.monotonic() - started:.0f} s"
    )
    assert verdict.accepted == CHATS * LINES
    assert verdict.harm == {}
    assert outcome.rows["dead"] == []
