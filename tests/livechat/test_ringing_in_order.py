"""A socket hears of its chat's changes in the order of their commits, however slow the layer is for one of them."""

import asyncio
from typing import Any

import pytest

from config import loop
from livechat import doorbell


class SlowLayer:
    """The first ring takes longest, as one that has to open a connection to Redis first."""

    def __init__(self) -> None:
        self.heard: list[int] = []

    async def group_send(self, group: str, content: dict[str, Any]) -> None:
        await asyncio.sleep(0.05 if content["n"] == 1 else 0)
        if content["n"] == 2:
            raise ConnectionError("Redis is away for a moment")
        self.heard.append(content["n"])


@pytest.fixture
def layer(monkeypatch: pytest.MonkeyPatch) -> SlowLayer:
    slow = SlowLayer()
    monkeypatch.setattr(doorbell, "get_channel_layer", lambda: slow)
    return slow


async def _rung(*numbers: int) -> None:
    loop.use(asyncio.get_running_loop())
    for number in numbers:
        loop.submit(doorbell._send([("visitor.1", {"n": number})]))
    await asyncio.sleep(0.1)
    loop.use(None)


def test_a_slow_ring_is_not_overtaken_and_a_lost_one_holds_nobody_up(layer: SlowLayer) -> None:
    asyncio.run(_rung(1, 2, 3, 4))
    assert layer.heard == [1, 3, 4]


def test_a_ring_that_never_ends_is_given_up(layer: SlowLayer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorbell, "RING_SECONDS", 0.01)
    asyncio.run(_rung(1, 3))
    assert layer.heard == [3]
