"""The whole product as bin/run starts it: Slack, Stripe where a test asks for it, web process, worker when there is
Redis, seeded through OAuth.

Each stack has its own ports, database, Redis database and state, so that several can run beside each other.
"""

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import redis

from house import till
from house.children import free_port
from house.running import SANDBOX_APP
from tests import migrated, web

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 40.0
COLLECTED: list[Path] = []  # static files of this run's first stack


def redis_databases(worker: str) -> set[int]:
    """Those that no stack uses; 0 is the tests' own. Two pytest workers beside each other share the other fifteen."""
    return {"gw0": set(range(1, 8)), "gw1": set(range(8, 16))}.get(worker, set(range(1, 16)))


REDIS_DATABASES = redis_databases(os.environ.get("PYTEST_XDIST_WORKER", ""))


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
    """`product`, `slack` and `stripe` are base addresses; `env` is what every process gets. Without `sells` there is no
    Stripe, and everything is unlimited."""

    def __init__(self, folder: Path, *, sells: bool = False, **overrides: str) -> None:
        self.folder = folder
        self.port, self.slack_port = free_port(), free_port()
        self.redis_database: int | None = None
        self.product, self.slack = f"http://localhost:{self.port}", f"http://localhost:{self.slack_port}"
        self.stripe_port = free_port() if sells else 0
        self.stripe = f"http://localhost:{self.stripe_port}" if sells else ""
        self.env = self._environment() | overrides
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.addresses: dict[str, str] = {}

    def _environment(self) -> dict[str, str]:
        env = {**os.environ, **SANDBOX_APP, "DEMO": "1", "PORT": str(self.port), "PUBLIC_URL": self.product}
        env |= {"SLACK_API_URL": f"{self.slack}/api/", "SLACK_WEB_URL": self.slack}
        env |= {"VAR_DIR": str(self.folder), "DATABASE_URL": self._database(), "PYTHONUNBUFFERED": "1"}
        if self.stripe_port:
            env |= till.environment(self.stripe_port)
        if env.get("REDIS_URL"):
            env["REDIS_URL"] = self._redis(env["REDIS_URL"])
        return env

    def _redis(self, given: str) -> str:
        """An empty database of the given Redis, handed back by `down`."""
        self.redis_database = REDIS_DATABASES.pop()
        address = urlsplit(given)._replace(path=f"/{self.redis_database}").geturl()
        with redis.Redis.from_url(address) as client:
            client.flushdb()
        return address

    def _database(self) -> str:
        given = os.environ.get("DATABASE_URL", "")
        if not given.startswith("postgres"):
            return f"sqlite:///{self.folder / 'stack.sqlite3'}"
        return migrated.beside(given, f"stack_{secrets.token_hex(4)}")

    def up(self) -> "Stack":
        self.start_slack()
        if self.stripe_port:
            self.start_stripe()
        self.prepare()
        self.start_product()
        self.addresses = json.loads(self.manage("seed_demo", "--product", self.product).splitlines()[-1])
        wait_until(lambda: web.get(f"{self.product}/readyz").status_code == 200, "readiness")
        return self

    def prepare(self) -> None:
        """What bin/run does before it starts the product, copied from an earlier stack where that is the same."""
        kind, name = self.env["DATABASE_URL"].split("://")[0], urlsplit(self.env["DATABASE_URL"]).path[1:]
        if kind == "sqlite":
            migrated.new_file(Path(name), self.env)
        else:
            migrated.new_database(os.environ["DATABASE_URL"], name, self.env)
        static = self.folder / "static"
        if earlier := next((path for path in COLLECTED if path.exists()), None):
            shutil.copytree(earlier, static)
        else:
            self.manage("collectstatic", "--noinput", "--verbosity", "0")
            COLLECTED.append(static)

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
        wait_until(lambda: web.get(f"{self.slack}/healthz").status_code == 200, "the sandbox")

    def start_stripe(self) -> None:
        flags = {
            "--port": str(self.stripe_port),
            "--app-url": self.product,
            "--state": str(self.folder / "stripe.json"),
        }
        self._start("stripe", "-m", "stripe_sandbox", *(word for pair in flags.items() for word in pair))
        wait_until(lambda: web.get(f"{self.stripe}/healthz").status_code == 200, "the stand-in for Stripe")

    def start_product(self) -> None:
        self._start("product", "-m", "config.serve", "--port", str(self.port))
        if self.env.get("REDIS_URL"):
            self._start("worker", "manage.py", "run_huey", "--workers", "8", "--worker-type", "thread")
        wait_until(lambda: web.get(f"{self.product}/healthz").status_code == 200, "the product")

    def stop_product(self, how: signal.Signals = signal.SIGTERM) -> None:
        for name in ("worker", "product"):
            self._end(name, how)

    def down(self) -> None:
        for name in list(self.processes):
            self._end(name, signal.SIGTERM)
        if self.redis_database is not None:
            REDIS_DATABASES.add(self.redis_database)
            self.redis_database = None

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

    # --- control of the stand-ins ----------------------------------------------------------------------------------

    def control(self, name: str, /, **body: Any) -> dict[str, Any]:
        return self._act(self.slack, name, body)

    def at_stripe(self, name: str, /, **body: Any) -> dict[str, Any]:
        return self._act(self.stripe, name, body)

    def _act(self, stand_in: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = web.post(f"{stand_in}/_control/{name}", json=body, timeout=20)
        answer.raise_for_status()
        return dict(answer.json())

    def stripe_state(self) -> dict[str, Any]:
        return dict(web.get(f"{self.stripe}/_control/state", timeout=20).json())

    def stripe_pending(self) -> int:
        """Events that Stripe has not got rid of."""
        return int(web.get(f"{self.stripe}/_control/pending", timeout=20).json()["webhooks"])

    def forget_faults(self) -> None:
        """Of Stripe."""
        web.delete(f"{self.stripe}/_control/faults").raise_for_status()

    def state(self) -> dict[str, Any]:
        return dict(web.get(f"{self.slack}/_control/state", timeout=20).json())

    def pending(self) -> int:
        """Events that Slack has not got rid of."""
        return int(web.get(f"{self.slack}/_control/pending", timeout=20).json()["events"])

    def in_slack(self, channel: str = "website-chat") -> list[dict[str, Any]]:
        answer = web.get(f"{self.slack}/_control/messages", params={"channel": channel}, timeout=20)
        return list(answer.json()["messages"])


@contextlib.contextmanager
def running(folder: Path, *, sells: bool = False, **overrides: str) -> Iterator[Stack]:
    """A stack that is always stopped again; when something failed inside, its logs are printed."""
    stack = Stack(folder, sells=sells, **overrides)
    try:
        yield stack.up()
    except BaseException:
        print(stack.logs())
        raise
    finally:
        stack.down()
