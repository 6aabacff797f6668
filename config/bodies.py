"""Requests with a body reach a thread of the pages only when they are whole.

The threads are few: four clients that send a byte now and then would keep everybody else out. And whoever hangs up in
the middle would have half a form worked as if it were all.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, MutableMapping
from typing import IO, Any

from django.conf import settings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

SECONDS, SECONDS_OF_FILES = 20, 300
PIECE = 256 * 1024
# who sends is known only when the request is worked: this bounds what strangers can lay on the disk
AT_ONCE = 32


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


def on_disk(application: App, most: int) -> App:
    """As `whole` for a body of up to `most` bytes, which waits in a file of no name."""
    lying = 0

    async def take_turn(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal lying
        if lying >= AT_ONCE:
            await _refuse(
                send, 503, b"Many files are arriving at the moment. Please send it again in a minute."
            )
            return
        lying += 1
        try:
            await receive_first(scope, receive, send)
        finally:
            lying -= 1

    async def receive_first(scope: Scope, receive: Receive, send: Send) -> None:
        with await asyncio.to_thread(tempfile.TemporaryFile) as laid_down:
            try:
                async with asyncio.timeout(SECONDS_OF_FILES):
                    await _lay_down(receive, laid_down, most)
            except TooLarge:
                await _refuse(send, 413, b"This file is too large.")
            except TimeoutError:
                await _refuse(send, 408, b"The file took too long to arrive.")
            except Gone:
                return
            else:
                await application(scope, _from_disk(laid_down, receive), send)

    return take_turn


async def _lay_down(receive: Receive, laid_down: IO[bytes], most: int) -> None:
    """Who sends too much is heard out all the same, or the browser shows no answer."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        size += len(message.get("body", b""))
        more = bool(message.get("more_body"))
        if size <= most:
            await asyncio.to_thread(laid_down.write, message.get("body", b""))
        elif size > 2 * most:
            break
    if size > most:
        raise TooLarge
    laid_down.seek(0)


def _from_disk(laid_down: IO[bytes], receive: Receive) -> Receive:
    ended = False

    async def replay() -> Message:
        nonlocal ended
        if ended:
            return await receive()
        piece = await asyncio.to_thread(laid_down.read, PIECE)
        ended = not piece
        return {"type": "http.request", "body": piece, "more_body": not ended}

    return replay


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
