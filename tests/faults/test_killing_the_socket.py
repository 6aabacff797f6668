"""S26: the process that hears Slack over Socket Mode is killed again and again; nothing is lost, nothing doubled."""

import signal
import time
from pathlib import Path

import pytest

from tests.serving import Socket
from tests.stack import Stack, running, wait_until

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]
TOKEN = "xapp-1-A0SANDBOX1-4000000004-sandboxapptoken0123456789abcdef"
LINES = [f"answer {number}" for number in range(40)]


def listen(stack: Stack) -> None:
    stack._start("listener", "manage.py", "slack_socket")


def connected(stack: Stack) -> bool:
    return bool(stack.state()["socket_mode"]["connections"])


def read(visitor: Socket, wanted: int) -> list[str]:
    """Agents' words in the visitor's panel, in the order of their places."""
    said: dict[int, str] = {}
    end = time.monotonic() + 60
    while len(said) < wanted and time.monotonic() < end:
        frame = visitor.hear(timeout=30)
        if frame["type"] == "message" and frame["message"]["author"]["kind"] == "agent":
            said[frame["message"]["seq"]] = frame["message"]["body"]
    return [said[seq] for seq in sorted(said)]


def test_what_is_said_while_the_listener_dies_arrives_once(tmp_path: Path) -> None:
    with running(tmp_path, SLACK_APP_TOKEN=TOKEN) as stack:
        stack.control("socket_mode", on=True)
        stack.control("limits", factor=1000)
        stack.control("clock", factor=200)
        listen(stack)
        wait_until(lambda: connected(stack), "the connection")
        key = stack.manage(
            "shell",
            "-v",
            "0",
            "-c",
            "from livechat.models import Site; print(Site.unscoped.get().public_token)",
        ).split()[-1]
        with Socket(f"ws://localhost:{stack.port}/ws/visitor", stack.product, {}) as visitor:
            visitor.hello(key)
            visitor.say("Hello?")
            card = wait_until(
                lambda: next(
                    (m for m in stack.in_slack() if m.get("thread_ts") != m["ts"] and m.get("thread_ts")), 0
                ),
                "the first line",
            )
            for number, line in enumerate(LINES):
                stack.control(
                    "say", user="bob", channel="website-chat", thread_ts=card["thread_ts"], text=line
                )
                if number % 8 == 4:
                    stack._end("listener", signal.SIGKILL)
                    listen(stack)
            assert sorted(read(visitor, len(LINES))) == sorted(LINES)
            doubled = "from livechat.models import Message as M; print(M.unscoped.filter(author_kind='agent').count())"
            wait_until(lambda: not stack.pending(), "Slack's rest")
            assert int(stack.manage("shell", "-v", "0", "-c", doubled).split()[-1]) == len(LINES)
