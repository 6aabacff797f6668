"""The whole product as bin/run starts it: sandbox, web process, worker when there is Redis, seeded through OAuth.

Each stack has its own ports, database, Redis database and state, so that several can run beside each other.
"""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg

from house.children import free_port
from house.running import SANDBOX_APP

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 40.0
REDIS_DATABASES = iter(range(15, 0, -1))


def wait_until(happened: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """The first truthy answer; errors of a server that is still starting count as no."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(httpx.TransportError):
            if answer := happened():
                return answer
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen within {seconds:g} s")


class Stack:
    """`product` and `slack` are base addresses; `env` is what every process gets."""

    def __init__(self, folder: Path, **overrides: str) -> None:
        self.folder = folder
        self.port, self.slack_port = free_port(), free_port()
        self.product, self.slack = f"http://localhost:{self.port}", f"http://localhost:{self.slack_port}"
        self.env = self._environment() | overrides
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.addresses: dict[str, str] = {}

    def _environment(self) -> dict[str, str]:
        env = {**os.environ, **SANDBOX_APP, "DEMO": "1", "PORT": str(self.port), "PUBLIC_URL": self.product}
        env |= {"SLACK_API_URL": f"{self.slack}/api/", "SLACK_WEB_URL": self.slack}
        env |= {"VAR_DIR": str(self.folder), "DATABASE_URL": self._database(), "PYTHONUNBUFFERED": "1"}
        if env.get("REDIS_URL"):
            env["REDIS_URL"] = f"{env['REDIS_URL'].rstrip('/').rsplit('/', 1)[0]}/{next(REDIS_DATABASES)}"
        return env

    def _database(self) -> str:
        given = os.environ.get("DATABASE_URL", "")
        if not given.startswith("postgres"):
            return f"sqlite:///{self.folder / 'stack.sqlite3'}"
        name = f"stack_{secrets.token_hex(4)}"
        with psycopg.connect(given, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return urlsplit(given)._replace(path=f"/{name}").geturl()

    def up(self) -> "Stack":
        self.start_slack()
        self.manage("migrate", "--noinput", "--verbosity", "0")
        self.manage("collectstatic", "--noinput", "--verbosity", "0")
        self.start_product()
        self.addresses = json.loads(self.manage("seed_demo", "--product", self.product).splitlines()[-1])
        wait_until(lambda: httpx.get(f"{self.product}/readyz").status_code == 200, "readiness")
        return self

    def start_slack(self, **options: str) -> None:
        flags = {
            "--port": str(self.slack_port),
            "--app-url": self.product,
            "--state": str(self.folder / "slack.json"),
            "--client-id": SANDBOX_APP["SLACK_CLIENT_ID"],
            "--client-secret": SANDBOX_APP["SLACK_CLIENT_SECRET"],
            "--signing-secret": SANDBOX_APP["SLACK_SIGNING_SECRET"],
            "--app-id": SANDBOX_APP["SLACK_APP_ID"],
        } | options
        self._start("slack", "-m", "slack_sandbox", *(word for pair in flags.items() for word in pair))
        wait_until(lambda: httpx.get(f"{self.slack}/healthz").status_code == 200, "the sandbox")

    def start_product(self) -> None:
        self._start("product", "-m", "config.serve", "--port", str(self.port))
        if self.env.get("REDIS_URL"):
            self._start("worker", "manage.py", "run_huey", "--workers", "8", "--worker-type", "thread")
        wait_until(lambda: httpx.get(f"{self.product}/healthz").status_code == 200, "the product")

    def stop_product(self, how: signal.Signals = signal.SIGTERM) -> None:
        for name in ("worker", "product"):
            self._end(name, how)

    def down(self) -> None:
        for name in list(self.processes):
            self._end(name, signal.SIGTERM)

    def _start(self, name: str, *arguments: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _end(self, name: str, how: signal.Signals) -> None:
        process = self.processes.pop(name, None)
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True)
        if done.returncode:
            raise AssertionError(f"manage.py {arguments[0]} failed:\n{done.stderr}\n{self.logs()}")
        return done.stdout

    def logs(self) -> str:
        return "\n".join(
            f"--- {path.name}\n" + "\n".join(path.read_text(errors="replace").splitlines()[-40:])
            for path in sorted(self.folder.glob("*.log"))
        )

    # --- the sandbox's control ----------------------------------------------------------------------------------

    def control(self, name: str, **body: Any) -> dict[str, Any]:
        answer = httpx.post(f"{self.slack}/_control/{name}", json=body, timeout=20)
        answer.raise_for_status()
        return dict(answer.json())

    def state(self) -> dict[str, Any]:
        return dict(httpx.get(f"{self.slack}/_control/state", timeout=20).json())

    def in_slack(self, channel: str = "website-chat") -> list[dict[str, Any]]:
        answer = httpx.get(f"{self.slack}/_control/messages", params={"channel": channel}, timeout=20)
        return list(answer.json()["messages"])


@contextlib.contextmanager
def running(folder: Path, **overrides: str) -> Iterator[Stack]:
    """A stack that is always stopped again; when something failed inside, its logs are printed."""
    stack = Stack(folder, **overrides)
    try:
        yield stack.up()
    except BaseException:
        print(stack.logs())
        raise
    finally:
        stack.down()
