"""What a command starts it also stops, and a child's death is told in a sentence."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from house import children
from house.children import Children


@pytest.fixture
def started() -> Iterator[Children]:
    family = Children()
    yield family
    family.stop()


def start(family: Children, code: str, log: Path) -> children.Child:
    return family.start("The helper", [sys.executable, "-c", code], os.environ, log)


def test_stopping_ends_every_child(started: Children, tmp_path: Path) -> None:
    child = start(started, "import time; time.sleep(60)", tmp_path / "log")
    assert os.getpgid(child.process.pid) == os.getpgrp()
    started.stop()
    assert child.process.returncode == -signal.SIGTERM


def test_a_child_that_will_not_end_is_killed(
    started: Children, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "STOP_SECONDS", 0.3)
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    log = tmp_path / "log"
    child = start(started, code, log)
    started.wait_until(lambda: "deaf" in log.read_text(), 10, "The helper")
    started.stop()
    assert child.process.returncode == -signal.SIGKILL


def test_a_dead_child_ends_the_waiting_with_its_last_words(
    started: Children, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start(started, "raise SystemExit('no table called chats')", tmp_path / "log")
    with pytest.raises(SystemExit):
        started.wait_until(lambda: False, 10, "The helper")
    told = capsys.readouterr().err
    assert "The helper stopped with code 1." in told
    assert "no table called chats" in told


def test_a_port_in_use_is_seen() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        assert not children.is_free(listener.getsockname()[1])
    assert children.is_free(children.free_port())


def alive(child: children.Child) -> bool:
    return child.process.poll() is None


def test_one_that_is_kept_alive_is_started_again_after_a_pause(
    started: Children, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(children, "PAUSES", (0.3, 60.0))
    child = started.start(
        "The helper", [sys.executable, "-c", "import time; time.sleep(60)"], os.environ, kept_alive=True
    )
    child.process.kill()
    child.process.wait(10)
    started.revive()
    assert not alive(child)
    assert "started again in 0 s" in capsys.readouterr().out
    assert started.dead() is None
    wait_for(lambda: alive(child), started)
    assert os.getpgid(child.process.pid) == os.getpgrp()
    assert [one.process.pid for one in started.running] == [child.process.pid]


def test_one_that_dies_at_once_each_time_is_started_ever_less_often(
    started: Children, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(children, "PAUSES", (0.1, 0.2, 60.0))
    started.start("The helper", [sys.executable, "-c", "raise SystemExit(3)"], os.environ, kept_alive=True)
    wait_for(lambda: started.running[0].deaths == 3, started)
    told = capsys.readouterr().out
    assert told.count("The helper stopped with code 3.") == 3
    assert told.rstrip().endswith("It is started again in 60 s.")


def test_one_that_waits_to_be_started_again_is_not_started_by_stopping(started: Children) -> None:
    child = started.start("The helper", [sys.executable, "-c", ""], os.environ, kept_alive=True)
    child.process.wait(10)
    started.revive()
    started.stop()
    assert not alive(child)
    assert started.running == []


def wait_for(happened: Callable[[], bool], family: Children) -> None:
    end = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < end
        family.revive()
        time.sleep(0.02)
