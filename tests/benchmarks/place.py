"""Where benchmarks happen: the whole product as bin/run starts it, and the controls beside it."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from house.children import free_port
from tests.benchmarks.controls import CONTROLS
from tests.stack import ROOT, Stack, running, wait_until

# every limit of ours and of the sandbox is out of the way: what is measured is work, not politeness
GENEROUS = "100000"


@dataclass(frozen=True)
class Effort:
    """How much is measured. `quick` is enough to see whether something is badly wrong."""

    rounds: int = 4
    acts: int = 40
    seconds: float = 5.0
    sockets: int = 1500

    @classmethod
    def quick(cls) -> "Effort":
        return cls(rounds=2, acts=20, seconds=1.5, sockets=300)


@dataclass
class Place:
    """`where` is what the table calls it; `controls` has the base address of each control that runs."""

    where: str
    stack: Stack
    effort: Effort
    controls: dict[str, str] = field(default_factory=dict)
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    site: str = ""

    @property
    def is_embedded(self) -> bool:
        return not self.stack.env.get("REDIS_URL")

    @property
    def visitor_socket(self) -> str:
        return f"ws://127.0.0.1:{self.stack.port}/ws/visitor"

    def control_socket(self, name: str) -> str:
        return self.controls[name].replace("http", "ws", 1) + "/"

    def start_control(self, name: str) -> None:
        port = free_port()
        env = self.stack.env | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "bin")])}
        command = [sys.executable, "-m", "tests.benchmarks.controls.serve", name, "--port", str(port)]
        with (self.stack.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.controls[name] = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(self.controls[name]), f"the control {name}")

    @contextlib.contextmanager
    def limits(self, scale: str) -> Iterator[None]:
        """The product with other limits for a while."""
        for value in (scale, GENEROUS):
            self.stack.stop_product()
            self.stack.env["LIMITS_SCALE"] = value
            self.stack.start_product()
            if value == scale:
                yield

    def stop_control(self, name: str) -> None:
        process = self.processes.pop(name)
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop_controls(self) -> None:
        for name in list(self.processes):
            self.stop_control(name)


def answers(url: str) -> bool:
    """Any HTTP answer will do: a control has no page."""
    return httpx.get(url).status_code > 0


@contextlib.contextmanager
def opened(where: str, folder: Path, effort: Effort) -> Iterator[Place]:
    """The product and its controls on the database and Redis that the environment names; all are stopped again."""
    with running(folder, LIMITS_SCALE=GENEROUS) as stack:
        stack.control("limits", factor=float(GENEROUS))
        place = Place(where, stack, effort, site=public_token(stack))
        try:
            for name in CONTROLS:
                place.start_control(name)
            yield place
        finally:
            place.stop_controls()


def public_token(stack: Stack) -> str:
    code = "from livechat.models import Site; print(Site.unscoped.get().public_token)"
    return stack.manage("shell", "-v", "0", "-c", code).split()[-1]
