"""bin/run as a person starts it: from nothing to the addresses, and to nothing again."""

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from house import children, testing
from tests.house.sources import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.timeout(400)]
START_SECONDS = 180


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared, so that the static files are packed once."""
    return tmp_path_factory.mktemp("demo") / "var"


@dataclass
class Demo:
    process: subprocess.Popen[str]
    port: int
    sandbox_port: int
    stripe_port: int
    out: Path

    def told(self) -> str:
        return self.out.read_text()

    def get(self, path: str, cookie: str = "") -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("localhost", self.port, timeout=10)
        connection.request("GET", path, headers={"Cookie": cookie})
        return connection.getresponse()

    def wait_for(self, words: str) -> str:
        deadline = time.monotonic() + START_SECONDS
        while words not in self.told():
            assert self.process.poll() is None, self.told()
            assert time.monotonic() < deadline, self.told()
            time.sleep(0.1)
        return self.told()

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(40)

    def ports_are_free(self) -> bool:
        return all(map(children.is_free, (self.port, self.sandbox_port, self.stripe_port)))


@contextmanager
def run(var: Path, **given: str) -> Iterator[Demo]:
    port, sandbox_port, stripe_port = children.free_port(), children.free_port(), children.free_port()
    env = testing.hermetic("run") | {"VAR_DIR": str(var)} | given
    command = [sys.executable, "bin/run", "--port", str(port), "--sandbox-port", str(sandbox_port)]
    command += ["--stripe-port", str(stripe_port)]
    var.mkdir(exist_ok=True)
    out = var / f"terminal-{port}"
    with out.open("w") as terminal:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=terminal,
            stderr=terminal,
            text=True,
            process_group=0,
        )
    try:
        yield Demo(process, port, sandbox_port, stripe_port, out)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def pids_of(group: int) -> list[int]:
    shown = subprocess.run(["ps", "-eo", "pid,pgid"], capture_output=True, text=True, check=True).stdout
    pairs = [line.split() for line in shown.splitlines()[1:]]
    return [int(pid) for pid, pgid in pairs if int(pgid) == group]


def test_an_empty_folder_becomes_a_demo_and_nothing_stays_behind(var: Path) -> None:
    with run(var) as demo:
        told = demo.wait_for("Ctrl-C stops everything")
        assert demo.get("/readyz").status == 200
        assert demo.get("/demo").status == 200
        link = re.search(r"http://localhost:\d+(/demo/enter\?key=\S+)", told)
        assert link
        entered = demo.get(link[1])
        assert (entered.status, entered.headers["Location"]) == (302, "/console/")
        assert demo.get("/demo/enter?key=forged").status == 404
        assert f"  Stripe        http://localhost:{demo.stripe_port}/\n" in told
        assert len(pids_of(demo.process.pid)) == 4
        assert demo.stop(signal.SIGINT) == 0
        assert demo.ports_are_free()
        assert pids_of(demo.process.pid) == []


def test_the_demos_workspace_is_in_its_trial_and_may_be_paid_for(var: Path) -> None:
    """B2: with test cards, at the stand-in that is printed."""
    with run(var) as demo:
        link = re.search(
            r"http://localhost:\d+(/demo/enter\?key=\S+)", demo.wait_for("Ctrl-C stops everything")
        )
        assert link
        entered = demo.get(link[1])
        cookies = [one.partition(";")[0] for one in entered.headers.get_all("Set-Cookie", [])]
        page = demo.get("/console/settings/billing", "; ".join(cookies)).read().decode()
        assert "Business, on trial" in page
        assert "Choose a plan" in page
        assert demo.stop() == 0


def test_a_second_run_finds_the_demo_as_it_was(var: Path) -> None:
    channels = []
    for _ in range(2):
        with run(var) as demo:
            told = demo.wait_for("Ctrl-C stops everything")
            channels.append(re.findall(r"/client/(\w+/\w+)", told))
            assert demo.stop() == 0
    assert channels[0]
    assert channels[0] == channels[1]


def test_the_demo_without_billing_has_no_stripe_beside_it(var: Path) -> None:
    with run(var, STRIPE_SECRET_KEY="") as demo:
        assert "Stripe" not in demo.wait_for("Ctrl-C stops everything")
        assert len(pids_of(demo.process.pid)) == 3
        assert demo.stop() == 0


def test_a_slack_that_forgot_us_is_asked_again(var: Path) -> None:
    (var / "slack-sandbox.json").unlink(missing_ok=True)
    with run(var) as demo:
        demo.wait_for("Ctrl-C stops everything")
        assert demo.get("/readyz").status == 200
        assert demo.stop() == 0


def test_a_child_that_dies_takes_the_rest_along_and_is_named(var: Path) -> None:
    with run(var) as demo:
        demo.wait_for("Ctrl-C stops everything")
        shown = subprocess.run(
            ["ps", "-eo", "pid,pgid,args"], capture_output=True, text=True, check=True
        ).stdout
        own = [line.split(maxsplit=2) for line in shown.splitlines()]
        product = next(
            pid for pid, pgid, args in own if pgid == str(demo.process.pid) and "config.serve" in args
        )
        os.kill(int(product), signal.SIGKILL)
        assert demo.process.wait(30) == 1
        assert "The product stopped with code -9" in demo.told()
        assert demo.ports_are_free()
