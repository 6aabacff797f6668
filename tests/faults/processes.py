"""The product as many processes that can be killed at any moment and come back; Slack's sandbox stays."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from house.children import free_port
from tests import web
from tests.stack import ROOT, Stack, wait_until

# a third of the posts end in one of these; each has its own throw of the dice
POST_FAULTS: list[dict[str, Any]] = [
    {"kind": "status", "status": 500},
    {"kind": "drop_before_commit"},
    {"kind": "drop_after_commit"},
    {"kind": "ratelimit", "retry_after": 1},
    {"kind": "error", "error": "internal_error"},
    {"kind": "hang_after_commit", "seconds": 3.0},
]
EVENT_FAULTS: list[dict[str, Any]] = [
    {"kind": "duplicate", "probability": 0.1, "copies": 3, "fresh_ids": True, "parallel": True},
    {"kind": "delay", "probability": 0.1, "seconds": 1.0},
    {"kind": "no_echo", "probability": 0.1},
    {"kind": "reorder", "probability": 0.05, "seconds": 0.5},
]


class Fleet(Stack):
    """Embedded: one server. With Redis: two servers and two workers."""

    def __init__(self, folder: Path, seed: int) -> None:
        # collected once by `up`; the processes' own time-outs are short, so that a storm takes minutes, not hours
        super().__init__(folder, SLACK_ECHO_WAIT="1", SLACK_CALL_TIMEOUT="2", LIMITS_SCALE="1000")
        self.chance = random.Random(seed)
        self.ports = [self.port, free_port()] if self.scaled else [self.port]
        self.kills = 0

    @property
    def scaled(self) -> bool:
        return bool(self.env.get("REDIS_URL"))

    @property
    def sockets(self) -> list[str]:
        return [f"ws://127.0.0.1:{port}/ws/visitor" for port in self.ports]

    def start_slack(self, **options: str) -> None:
        super().start_slack(**{"--clock": "30", "--limits": "1000", **options})

    # --- processes ------------------------------------------------------------------------------------------------

    def start_product(self) -> None:
        for name in self._members():
            if name not in self.processes:
                self._launch(name)
        wait_until(self._all_answer, "the product")

    def _members(self) -> list[str]:
        web = [f"web{number}" for number in range(len(self.ports))]
        return [*web, "worker0", "worker1"] if self.scaled else web

    def _launch(self, name: str) -> None:
        if name.startswith("web"):
            self._start(name, "-m", "config.serve", "--port", str(self.ports[int(name[3:])]))
        else:
            self._start(name, "manage.py", "run_huey", "--workers", "8", "--worker-type", "thread")

    def _all_answer(self) -> bool:
        return all(web.get(f"http://127.0.0.1:{port}/healthz").status_code == 200 for port in self.ports)

    def kill(self) -> None:
        """kill -9 of the only server, or of some of the processes, and their return."""
        members = self._members()
        for name in self.chance.sample(members, self.chance.randint(1, len(members))):
            self._end(name, signal.SIGKILL)
        self.kills += 1
        self.start_product()

    def keep_killing(self, times: int) -> None:
        for _ in range(times):
            time.sleep(self.chance.uniform(0.3, 2.0))
            self.kill()

    # --- weather --------------------------------------------------------------------------------------------------

    def storm(self, share: float) -> None:
        each = 1 - (1 - share) ** (1 / len(POST_FAULTS))
        for fault in POST_FAULTS:
            self.control("faults", method="chat.postMessage", probability=each, **fault)
        for fault in EVENT_FAULTS:
            self.control("faults", method="events", **fault)

    def calm(self) -> None:
        web.delete(f"{self.slack}/_control/faults").raise_for_status()
        self.control("clock", factor=3000)

    # --- places and rows ------------------------------------------------------------------------------------------

    def open_shops(self, count: int) -> dict[str, str]:
        """Public key → channel id, each shop with a channel of its own that the app and Bob are in."""
        channels = [self._new_channel(f"shop-{number}") for number in range(count)]
        keys = self._rows("sites", *channels)
        return dict(zip(keys, channels, strict=True))

    def make_noisy(self) -> None:
        self._rows("noisy")

    def _new_channel(self, name: str) -> str:
        asked = {"team": "Acme", "name": name}
        made = web.post(f"{self.slack}/_control/channels", json=asked).raise_for_status()
        self.control("join", team="Acme", channel=made.json()["channel"], user="threadbell")
        return str(made.json()["channel"])

    def posts_in(self, channel: str) -> list[dict[str, Any]]:
        answer = web.get(f"{self.slack}/_control/messages", params={"channel": channel}, timeout=20)
        return list(answer.raise_for_status().json()["messages"])

    def ledger(self) -> dict[str, Any]:
        return dict(self._rows("ledger"))

    def _rows(self, *arguments: str) -> Any:
        command = [sys.executable, "-m", "tests.faults.rows", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def drain(self, seconds: float) -> dict[str, Any]:
        """The ledger once nothing is under way any more."""
        end = time.monotonic() + seconds
        while True:
            pending = web.get(f"{self.slack}/_control/pending").json()["events"]
            rows = self.ledger()
            if not pending and not rows["undone"] and not rows["unworked"]:
                return rows
            if time.monotonic() > end:
                raise AssertionError(
                    f"not drained: {pending} events at Slack, {rows['undone'][:5]}, {rows['unworked'][:5]}"
                )
            self._rows("hurry")
            time.sleep(1)
