"""S26: another process of the machine wakes the only web process; a wake that is lost or strange harms nobody."""

import asyncio
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from channels.layers import get_channel_layer
from pytest_django import Settings

from config import loop
from slackapp import nudge, tasks


@pytest.fixture
def folder(settings: Settings) -> Iterator[Path]:
    """A short path: those of sockets end at a hundred characters."""
    with tempfile.TemporaryDirectory() as made:
        settings.VAR_DIR = Path(made)
        yield settings.VAR_DIR


def woken_by(monkeypatch: pytest.MonkeyPatch, *said: bytes | int | str) -> list[int | str]:
    """The lanes that the web process looks at when it is told these."""
    rung: list[int | str] = []
    monkeypatch.setattr(tasks, "ring_lane", rung.append)
    monkeypatch.setattr(tasks, "ring_inbound", rung.append)

    async def play() -> None:
        watching = asyncio.ensure_future(nudge.watch())
        await asyncio.sleep(0.01)
        for one in said:
            tell(one)
        for _ in range(200):
            await asyncio.sleep(0.01)
            if 7 in rung:
                break
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)

    asyncio.run(play())
    return rung


def tell(one: bytes | int | str) -> None:
    if isinstance(one, int):
        nudge.send(one)
    elif isinstance(one, str):
        nudge.send_inbound(one)
    else:
        shout(one)


def shout(said: bytes) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as mouth:
        mouth.sendto(said, nudge._address())


def test_what_is_rung_elsewhere_is_looked_at_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert woken_by(monkeypatch, 5, "in:T1:C1:1.2", 7) == [5, "in:T1:C1:1.2", 7]
    assert list(folder.iterdir()) == []


def test_what_is_no_number_is_passed_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert woken_by(monkeypatch, b"", b"x", b"-1", b"1 2", "²".encode(), b"9" * 500, 7)[-1] == 7


def test_what_rows_changed_elsewhere_is_rung_here(folder: Path) -> None:
    told: list[dict[str, object]] = []

    async def play() -> None:
        layer = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add("visitor.7", channel)
        loop.use(asyncio.get_running_loop())
        watching = asyncio.ensure_future(nudge.watch())
        await asyncio.sleep(0.01)
        for strange in (b"[", b"[1]", b'[["visitor.7"]]', b'[["visitor.7", 3]]'):
            shout(strange)
        nudge.pass_on([("visitor.7", {"type": "bell", "chat": "c", "rev": 3})])
        told.append(await asyncio.wait_for(layer.receive(channel), 5))
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await layer.group_discard("visitor.7", channel)
        loop.use(None)

    asyncio.run(play())
    assert told == [{"type": "bell", "chat": "c", "rev": 3}]


def test_the_socket_that_a_killed_process_left_is_in_nobodys_way(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as left:
        left.bind(nudge._address())
    assert woken_by(monkeypatch, 7) == [7]


def test_nobody_else_on_the_machine_may_wake_it(folder: Path) -> None:
    with nudge._listening():
        assert stat.S_IMODE((folder / "wake.sock").stat().st_mode) == 0o600


def test_where_nobody_listens_nothing_happens(folder: Path) -> None:
    nudge.send(1)


def test_a_path_too_long_for_a_socket_leaves_it_to_the_sweep(
    folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.VAR_DIR = folder / ("long" * 40)
    settings.VAR_DIR.mkdir()
    nudge.send(1)
    asyncio.run(nudge.watch())
    assert "the sweep finds their work" in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize("lane", [10**9, 10**31])
def test_a_lane_that_does_not_exist_stops_nothing(lane: int) -> None:
    tasks._lane.call_local(lane)


@pytest.mark.django_db
@pytest.mark.parametrize("said", [b"in:", b"in:T1:C1:" + b"9" * 500, b"in:\xff"])
def test_an_inbound_lane_that_does_not_exist_stops_nothing(said: bytes) -> None:
    tasks._inbound.call_local(said.decode("utf-8", "replace"))
