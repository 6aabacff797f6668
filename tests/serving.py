"""The web process inside the test process: real HTTP, real sockets, the test's own database and settings.

The engine does not run in it, so that a test decides when promises are worked.
"""

import asyncio
import json
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any

import httpx
from asgiref.sync import sync_to_async
from django.db import connections
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from config import database, directly, loop
from config.serve import Server, configuration
from house.children import free_port
from tests import web

PATIENCE = 5.0


def eventually(happened: Callable[[], object], seconds: float = PATIENCE) -> None:
    """For what the other side does after it has answered, such as tidying up."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


class Served:
    """`url` is where it answers. `stop` closes its database connections too."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._server: Server | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="served", daemon=True)

    def start(self) -> "Served":
        self._thread.start()
        for _ in range(500):
            with suppress(httpx.TransportError):
                if web.get(f"{self.url}/healthz").status_code == 200:
                    return self
            self._thread.join(0.02)
        raise AssertionError("the server did not start")

    async def _serve(self) -> None:
        from slackapp import intake, prompt

        loop.use(asyncio.get_running_loop())
        # a machine that is busy with tests is not a database that is away
        intake.DATABASE_SECONDS = prompt.DEADLINE_SECONDS = prompt.WAIT_SECONDS = 60
        configured = configuration("127.0.0.1", self.port)
        configured.lifespan = "off"
        self._server = Server(configured)
        await self._server.serve()
        await directly.close()
        # the console's socket reads its session on asgiref's thread, which keeps its connection
        await sync_to_async(connections.close_all)()

    def stop(self) -> None:
        assert self._server is not None
        self._server.should_exit = True
        self._thread.join(15)
        database.close()
        loop.use(None)

    def socket(self, path: str = "/ws/visitor", origin: str | None = None, **headers: str) -> "Socket":
        return Socket(f"ws://127.0.0.1:{self.port}{path}", origin, headers)


class Socket:
    """A client of protocol 1, as a stranger would write it."""

    def __init__(self, url: str, origin: str | None, headers: dict[str, str]) -> None:
        self.connection: ClientConnection = connect(
            url,
            origin=Origin(origin) if origin is not None else None,
            additional_headers=headers,
            compression=None,
            proxy=None,
            legacy=True,
        )

    def __enter__(self) -> "Socket":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()

    def send(self, **frame: Any) -> None:
        self.connection.send(json.dumps(frame))

    def raw(self, data: str | bytes) -> None:
        self.connection.send(data)

    def hear(self, timeout: float = PATIENCE) -> dict[str, Any]:
        frame = json.loads(self.connection.recv(timeout=timeout))
        assert isinstance(frame, dict)
        return frame

    def hear_type(self, kind: str) -> dict[str, Any]:
        """The next frame, which must be of this type."""
        frame = self.hear()
        assert frame["type"] == kind, frame
        return frame

    def hear_until(self, kind: str) -> list[dict[str, Any]]:
        """Every frame up to the first of this type, which is the last of them."""
        heard = [self.hear()]
        while heard[-1]["type"] != kind:
            heard.append(self.hear())
        return heard

    def is_silent(self, seconds: float = 0.25) -> bool:
        try:
            frame = self.connection.recv(timeout=seconds)
        except TimeoutError:
            return True
        raise AssertionError(f"silence was broken by {frame!r}")

    def closed_with(self) -> int:
        """The code the server closes with; frames before it are passed over."""
        try:
            while True:
                self.connection.recv(timeout=PATIENCE)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006

    def hello(self, site: str, **fields: Any) -> dict[str, Any]:
        # whoever is not let in may be told so, and closed, before they have said anything
        with suppress(ConnectionClosed):
            self.send(type="hello", protocol=1, site=site, **fields)
        return self.hear()

    def say(self, body: str, key: str | None = None) -> dict[str, Any]:
        """Sends a message and gives the answer to it."""
        self.send(type="message", client_message_id=key or str(uuid.uuid4()), body=body)
        return self.hear()
