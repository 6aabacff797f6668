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
from house.words import give_up, say

STOP_SECONDS = 15.0
# how long after its death one that is kept alive is started again; whoever lived for the last of these begins anew
PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0)


@dataclass
class Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path | None = None
    # for one that is kept alive: how it is started again
    again: Callable[[], subprocess.Popen[bytes]] | None = None
    begun: float = field(default_factory=time.monotonic)
    deaths: int = 0
    due: float | None = None

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
        *,
        kept_alive: bool = False,
        **options: Any,
    ) -> Child:
        """One that is `kept_alive` may die: `revive` starts it again. Of the others each death ends the command."""

        def spawn() -> subprocess.Popen[bytes]:
            return spawned(command, env, log, options)

        child = Child(name, spawn(), log, spawn if kept_alive else None)
        self.running.append(child)
        return child

    def dead(self) -> Child | None:
        needed = (child for child in self.running if child.again is None)
        return next((child for child in needed if child.process.poll() is not None), None)

    def revive(self) -> None:
        """To be called now and then: who is kept alive and has died is started again, ever less often."""
        for child in self.running:
            if child.again is not None and child.process.poll() is not None:
                revive(child)

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


def spawned(
    command: Sequence[str], env: Mapping[str, str], log: Path | None, options: Mapping[str, Any]
) -> subprocess.Popen[bytes]:
    output = opened(log)
    try:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            **options,
        )
    finally:
        if output:
            output.close()


def revive(child: Child) -> None:
    now = time.monotonic()
    if child.due is None:
        child.deaths = 1 if now - child.begun > PAUSES[-1] else child.deaths + 1
        pause = PAUSES[min(child.deaths, len(PAUSES)) - 1]
        child.due = now + pause
        say(f"{child.problem()} It is started again in {pause:.0f} s.")
    elif now >= child.due:
        assert child.again is not None
        child.process, child.begun, child.due = child.again(), now, None


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


_given: set[int] = set()


def free_port() -> int:
    """A port that nobody listens on. It is let go before it is used, so none is given twice to one process."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in _given:
            _given.add(port)
            return port
