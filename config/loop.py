"""The bridge from worker threads to the event loop that owns sockets and channel layer.

In the web process that is the server's loop (set by the lifespan); elsewhere a daemon thread runs one of our own.
`async_to_sync` would make a loop, and on Redis a connection, per call (5.4 ms against 2.5).
"""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any

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


def submit(coroutine: Coroutine[Any, Any, object]) -> Future[object]:
    """Schedules from any thread, does not wait. Errors stay in the future: callers send hints only."""
    return asyncio.run_coroutine_threadsafe(coroutine, _loop or _own_loop())
