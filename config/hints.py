"""Hints that wait for the answer: whoever asked is told first, workers and other sockets are woken right after.

A worker that wakes at the commit takes the interpreter from the thread that is about to acknowledge it. Hints are
cheap, idempotent and may be lost, so that nothing depends on when they are given.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings

log = logging.getLogger(__name__)

Hint = Callable[[], object]
_collecting = threading.local()
# one thread: hints keep the order of their commits, and a Redis that hangs takes no other thread of the process
_giver = ThreadPoolExecutor(1, thread_name_prefix="hints")


def give(hint: Hint) -> None:
    """At once, or after the answer when this thread works for one that is awaited (`collect`)."""
    waiting: list[Hint] | None = getattr(_collecting, "hints", None)
    if waiting is None:
        hint()
    else:
        waiting.append(hint)


class collect:  # noqa: N801 - reads as a verb: with collect(hints)
    """What this thread hints at inside goes to `hints` instead of out."""

    def __init__(self, hints: list[Hint]) -> None:
        self._hints = hints

    def __enter__(self) -> None:
        _collecting.hints = self._hints

    def __exit__(self, *error: object) -> None:
        _collecting.hints = None


def give_after_answer(hints: list[Hint]) -> None:
    """On the event loop: when the task that awaited has written its answer and let go of the loop.

    A hint to Redis may wait for the network, so it is given from a thread; one in memory costs microseconds.
    """
    loop = asyncio.get_running_loop()
    if hints and settings.EMBEDDED:
        loop.call_soon(_give_all, hints)
    elif hints:
        loop.call_soon(_giver.submit, _give_all, hints)


def _give_all(hints: list[Hint]) -> None:
    for hint in hints:
        try:
            hint()
        except Exception:
            log.exception("a hint was not given; the next sweep finds what it was about")
