"""A small pooled HTTP/1.1 client: Slack's side of the deliveries, quick enough for benchmarks."""

import asyncio
import ssl
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

import httptools


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.answer: asyncio.Future[Answer] | None = None
        self.reusable = True
        self.heard = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name

    def connection_lost(self, exc: Exception | None) -> None:
        self.reusable = False
        if self.answer and not self.answer.done():
            self.answer.set_exception(ConnectionError("closed without an answer"))

    def send(self, request: bytes) -> asyncio.Future[Answer]:
        assert self.transport is not None
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._body = b""
        self.heard = False
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self.answer

    def data_received(self, data: bytes) -> None:
        self.heard = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self.reusable = self.reusable and self._parser.should_keep_alive()
        if self.answer and not self.answer.done():
            self.answer.set_result(Answer(self._parser.get_status_code(), self._headers, self._body))

    def close(self) -> None:
        self.reusable = False
        if self.transport:
            self.transport.close()


class Pool:
    """Connections to the app, kept alive between deliveries."""

    def __init__(self) -> None:
        self._idle: dict[tuple[str, int, bool], list[Connection]] = {}

    async def post(self, url: str, headers: dict[str, str], body: bytes, patience: float) -> Answer:
        """Raises TimeoutError, or OSError when the app cannot be reached or hangs up."""
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        key = (parts.hostname or "localhost", parts.port or (443 if secure else 80), secure)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [f"POST {path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        request = "\r\n".join([*lines, "", ""]).encode() + body
        async with asyncio.timeout(patience):
            return await self._exchange(key, request)

    async def _exchange(self, key: tuple[str, int, bool], request: bytes) -> Answer:
        connection, used_before = await self._connection(key)
        try:
            answer = await connection.send(request)
        except ConnectionError:
            if used_before and not connection.heard:  # the app closed an idle connection: not its refusal
                return await self._exchange(key, request)
            raise
        except asyncio.CancelledError:
            connection.close()
            raise
        if connection.reusable:
            self._idle.setdefault(key, []).append(connection)
        else:
            connection.close()
        return answer

    async def _connection(self, key: tuple[str, int, bool]) -> tuple[Connection, bool]:
        idle = self._idle.get(key, [])
        while idle:
            connection = idle.pop()
            if connection.reusable:
                return connection, True
        host, port, secure = key
        context = ssl.create_default_context() if secure else None
        _, made = await asyncio.get_running_loop().create_connection(Connection, host, port, ssl=context)
        return made, False

    def close(self) -> None:
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()
