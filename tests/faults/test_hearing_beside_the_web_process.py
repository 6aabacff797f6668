"""S26: without Redis the listener of Socket Mode wakes the web process; an answer does not wait for a sweep."""

import statistics
import time
from pathlib import Path

import pytest

from tests.faults.test_killing_the_socket import TOKEN, connected, listen
from tests.serving import Socket
from tests.stack import Stack, running, wait_until

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]


def card_of(stack: Stack) -> str:
    shown = [m for m in stack.in_slack() if m.get("thread_ts") not in (None, m["ts"])]
    return str(shown[0]["thread_ts"]) if shown else ""


def seconds_until_read(stack: Stack, visitor: Socket, thread: str, line: str) -> float:
    begun = time.monotonic()
    stack.control("say", user="bob", channel="website-chat", thread_ts=thread, text=line)
    while True:
        frame = visitor.hear(timeout=10)
        if frame["type"] == "message" and frame["message"]["body"] == line:
            return time.monotonic() - begun


def test_an_answer_is_with_the_visitor_before_a_sweep_could_find_it(tmp_path: Path) -> None:
    with running(tmp_path, SLACK_APP_TOKEN=TOKEN) as stack:
        stack.control("socket_mode", on=True)
        listen(stack)
        wait_until(lambda: connected(stack), "the connection")
        site = "from livechat.models import Site; print(Site.unscoped.get().public_token)"
        key = stack.manage("shell", "-v", "0", "-c", site).split()[-1]
        with Socket(f"ws://localhost:{stack.port}/ws/visitor", stack.product, {}) as visitor:
            visitor.hello(key)
            visitor.say("Hello?")
            thread = wait_until(lambda: card_of(stack), "the first line")
            took = [seconds_until_read(stack, visitor, thread, f"answer {number}") for number in range(9)]
        print(f"answers took {statistics.median(took) * 1000:.0f} ms, at most {max(took) * 1000:.0f} ms")
        assert statistics.median(took) < 0.5


def test_what_a_command_changes_is_with_open_widgets_at_once(tmp_path: Path) -> None:
    """The listener itself answers commands, and has neither visitors nor workers."""
    with running(tmp_path, SLACK_APP_TOKEN=TOKEN) as stack:
        stack.control("socket_mode", on=True)
        listen(stack)
        wait_until(lambda: connected(stack), "the connection")
        site = "from livechat.models import Site; print(Site.unscoped.get().public_token)"
        key = stack.manage("shell", "-v", "0", "-c", site).split()[-1]
        with Socket(f"ws://localhost:{stack.port}/ws/visitor", stack.product, {}) as visitor:
            visitor.hello(key)
            visitor.say("Hello?")
            wait_until(lambda: card_of(stack), "the first line")
            stack.control("command", user="bob", channel="website-chat", text="/threadbell close")
            frames = visitor.hear_until("chat")
            while frames[-1]["chat"]["status"] != "closed":
                frames = visitor.hear_until("chat")
