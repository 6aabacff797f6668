"""S8, S29: the server dies again and again while chats get their channels: one channel, one card, every line once.

Half of the calls that make channels go wrong, and a third of the posts.
"""

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from tests import web
from tests.faults.processes import POST_FAULTS, Fleet
from tests.faults.robots import Visitor
from tests.faults.slack_ledger import lines_of
from tests.faults.test_killing_processes import running, until

CHATS, LINES, KILLS, SEED = 12, 4, 6, 11
DRAIN_SECONDS = 120.0
pytestmark = [pytest.mark.process, pytest.mark.timeout(400)]
METHODS = ("conversations.create", "users.conversations", "conversations.setTopic")


def bad_weather(fleet: Fleet) -> None:
    fleet.storm(0.3)
    for method in METHODS:
        for fault in POST_FAULTS:
            if fault["kind"] != "error":
                fleet.control("faults", method=method, probability=0.12, **fault)


async def play(fleet: Fleet, key: str) -> tuple[list[Visitor], dict[str, Any]]:
    chance = random.Random(SEED)
    visitors = [
        Visitor(f"visitor {number}", key, fleet.sockets, random.Random(chance.random()))
        for number in range(CHATS)
    ]
    lives = [asyncio.create_task(visitor.live()) for visitor in visitors]
    try:
        talks = [visitor.talk(LINES, KILLS * 4.0) for visitor in visitors]
        await asyncio.gather(asyncio.to_thread(fleet.keep_killing, KILLS), *talks)
        await asyncio.to_thread(fleet.calm)
        await until(lambda: all(visitor.has_said_all for visitor in visitors), "every line is acknowledged")
        return visitors, await asyncio.to_thread(fleet.drain, DRAIN_SECONDS)
    finally:
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)


def places(fleet: Fleet) -> dict[str, list[dict[str, Any]]]:
    """Every channel that the app made for a chat, with what stands in it."""
    channels = [channel for team in fleet.state()["teams"] for channel in team["channels"]]
    return {c["name"]: fleet.posts_in(c["id"]) for c in channels if c["name"].startswith("tb-")}


def test_a_killed_server_leaves_one_channel_for_each_chat_and_loses_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as fleet:
        key = next(iter(fleet.open_shops(1)))
        fleet.make_noisy()
        bad_weather(fleet)
        visitors, rows = asyncio.run(play(fleet, key))
        rooms = places(fleet)
        assert fleet.kills == KILLS
        assert web.get(f"{fleet.product}/readyz").status_code == 200
    cards = {
        name: [p["metadata"]["event_payload"]["chat"] for p in posts if kind_of(p) == "chat_card"]
        for name, posts in rooms.items()
    }
    chats = [chat for found in cards.values() for chat in found]
    assert sorted(chats) == sorted({str(visitor.store.chat) for visitor in visitors})
    assert all(len(found) == 1 for found in cards.values())
    for name, posts in rooms.items():
        mine = [row for row in rows["messages"] if row["chat_id"] == cards[name][0]]
        lines = lines_of(posts)
        assert [mid for line in lines for mid in line.mids] == [row["id"] for row in mine]
        assert "\n".join(line.text for line in lines) == "\n".join(row["body"] for row in mine)
        assert {row["mirror_state"] for row in mine} == {"sent"}


def kind_of(post: dict[str, Any]) -> str:
    return str((post.get("metadata") or {}).get("event_type"))
