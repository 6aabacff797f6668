"""A socket hears of its chat's changes in the order of their commits, and a lost ring hurts nobody."""

import asyncio
import threading
import time
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.conf import settings

from config import loop
from livechat import doorbell

COUNT = 200


def rung(group: str, *, by_thread: int) -> list[dict[str, Any]]:
    """What a member of the group hears of rings that a thread gives one after the other."""

    async def play() -> list[dict[str, Any]]:
        loop.use(asyncio.get_running_loop())
        layer = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(group, channel)
        rings = [(group, {"type": "bell", "n": number}) for number in range(by_thread)]
        thread = threading.Thread(target=lambda: list(map(doorbell.ring, rings)))
        thread.start()
        heard = [await asyncio.wait_for(layer.receive(channel), 5) for _ in rings]
        thread.join()
        await layer.group_discard(group, channel)
        loop.use(None)
        return heard

    return asyncio.run(play())


def test_rings_are_heard_in_the_order_in_which_they_were_given() -> None:
    assert [one["n"] for one in rung("visitor.1", by_thread=COUNT)] == list(range(COUNT))


@pytest.mark.skipif(settings.EMBEDDED, reason="about Redis")
def test_a_ring_is_lost_while_redis_is_away_and_nobody_waits_long() -> None:
    layer = doorbell.RedisLayer(hosts=["redis://127.0.0.1:9/0"], prefix="nobody")
    started = time.monotonic()
    layer.ring([("visitor.1", {"type": "bell"})])
    assert time.monotonic() - started < 2 * doorbell.RING_SECONDS
