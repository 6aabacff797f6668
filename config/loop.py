"""The bridge from worker threads to the event loop that owns sockets and channel layer.

In the web process that is the server's loop (set by the lifespan); elsewhere a daemon thread runs one of our own.
`async_to_sync` would make a loop, and on Redis a connection, per call (5.4 ms against 2.5).
"""

import asyncio
import logging
import threading
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)
# a task that nobody holds may be collected before it is done
_running: set[asyncio.Task[object]] = set()
_loop: asyncio.AbstractEventLoop | None = None
_lock = threading.Lock()


def use(loop: asyncio.AbstractEventLoop | None) -> None:
    global _loop
    _loop = loop


def _own_loop() -> asyncio.AbstractEventLoop:
    global _loop
    with _lock:
        if _loop is None or _loop.is_closed():
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="loop", daemon=True).start()
        return _loop


def submit(coroutine: Coroutine[Any, Any, object]) -> None:
    """Schedules from any thread, does not wait. An error is logged and hurts nobody: callers send hints only."""
    loop = _loop or _own_loop()
    try:
        loop.call_soon_threadsafe(_start, loop, coroutine)
    except RuntimeError:
        coroutine.close()
        log.info("the loop has ended; a hint is not given")


def _start(loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, object]) -> None:
    task = loop.create_task(coroutine)
    _running.add(task)
    task.add_done_callback(_ended)


def _ended(task: asyncio.Task[object]) -> None:
    _running.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        log.warning("a hint was not given: %s", type(error).__name__, exc_info=error)
