"""What a command starts it also stops, and a child's death is told in a sentence."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
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
