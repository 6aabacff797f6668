"""Requests with a body reach a thread of the pages only when they are whole.

The threads are few: four clients that send a byte now and then would keep everybody else out. And whoever hangs up in
the middle would have half a form worked as if it were all.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

SECONDS = 20


class TooLarge(Exception):
    pass


class Gone(Exception):
    """The client hung up before it had said everything."""


def whole(application: App) -> App:
    async def receive_first(scope: Scope, receive: Receive, send: Send) -> None:
        if not any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"]):
            await application(scope, receive, send)
            return
        try:
            async with asyncio.timeout(SECONDS):
                body = await _read(receive)
        except TooLarge:
            await _refuse(send, 413, b"This is larger than a form may be.")
        except TimeoutError:
            await _refuse(send, 408, b"The request took too long to arrive.")
        except Gone:
            return
        else:
            await application(scope, _again(body, receive), send)

    return receive_first


async def _read(receive: Receive) -> bytes:
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge
        if not message.get("more_body"):
            return b"".join(chunks)


def _again(body: bytes, receive: Receive) -> Receive:
    told = False

    async def replay() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


async def _refuse(send: Send, status: int, sentence: bytes) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(sentence)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": sentence})
