"""Processes that a command starts and always stops again, all in its own process group."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from house.environment import ROOT
from house.words import give_up

STOP_SECONDS = 15.0


@dataclass
class Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path | None = None

    def problem(self) -> str:
        """The sentence for a person when it ended by itself."""
        where = f" Its log is {shown(self.log)}." if self.log else ""
        return f"{self.name} stopped with code {self.process.returncode}.{where}"


@dataclass
class Children:
    """Started in order, stopped in reverse."""

    running: list[Child] = field(default_factory=list)

    def start(
        self,
        name: str,
        command: Sequence[str],
        env: Mapping[str, str],
        log: Path | None = None,
        **options: Any,
    ) -> Child:
        output = opened(log)
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            **options,
        )
        if output:
            output.close()
        child = Child(name, process, log)
        self.running.append(child)
        return child

    def dead(self) -> Child | None:
        return next((child for child in self.running if child.process.poll() is not None), None)

    def stop(self) -> None:
        """Asks all to end, newest first, and kills what has not after a while."""
        for child in reversed(self.running):
            if child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in reversed(self.running):
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
        self.running.clear()

    def wait_until(self, ready: Callable[[], bool], seconds: float, what: str) -> None:
        """Returns when `ready`; a child that dies meanwhile or the time running out ends the command."""
        deadline = time.monotonic() + seconds
        while not ready():
            if dead := self.dead():
                give_up(dead.problem() + tail(dead.log))
            if time.monotonic() > deadline:
                give_up(f"{what} was not ready after {seconds:.0f} seconds. {self.logs()}")
            time.sleep(0.1)

    def logs(self) -> str:
        return "Logs: " + ", ".join(shown(child.log) for child in self.running if child.log)


def opened(log: Path | None) -> IO[bytes] | None:
    if log is None:
        return None
    log.parent.mkdir(parents=True, exist_ok=True)
    return log.open("ab")


def tail(log: Path | None, lines: int = 12) -> str:
    if log is None or not log.exists():
        return ""
    return "\n\n" + "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def shown(path: Path | None) -> str:
    return os.path.relpath(path, ROOT) if path else ""


def answers(url: str) -> bool:
    """Whether GET says 200. Only ever asked of this machine."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
