"""An upload on its way in: laid on the disk as it comes, taken apart when it is whole. Never wholly in memory."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, cast

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from accounts.errors import Refused
from livechat.files.threads import DISK, PROCESSING

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

# boundaries and part headers around the file itself
ENVELOPE = 64 * 1024
WRITE_AT_ONCE = 256 * 1024
# a phone on a bad line sends ten megabytes in minutes, but something every few seconds
SECONDS, SECONDS_BETWEEN = 600, 30
# who is refused still has to be heard out, or the browser says "connection lost" instead of our sentence
HEARD_OUT, HEARD_OUT_SECONDS = 64 * 1024 * 1024, 30
AT_ONCE = 32
_arriving = 0

BROKEN = Refused("bad_upload", "The file did not arrive whole. Please send it again.")
LONG_NAME = Refused(
    "bad_upload", "The name of this file is too long. Please give it a shorter one and send it again."
)
BUSY = Refused(
    "unavailable", "Many files are arriving at the moment. Please send it again in a minute.", 20_000
)


class HungUp(Exception):
    """The client is gone: nobody waits for an answer."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a form, on the disk. The caller closes it."""

    name: str
    content: "UploadedFile[bytes]"

    @property
    def source(self) -> BinaryIO:
        return cast("BinaryIO", self.content.file)


def too_large(most: int) -> Refused:
    return Refused("too_large", f"This file is too large. The most is {most // (1024 * 1024)} MB.")


async def receive_file(headers: dict[bytes, bytes], receive: Receive, most: int) -> Upload:
    """The file of a multipart form of which no more than `most` bytes are taken. Refused, or HungUp."""
    global _arriving
    if _arriving >= AT_ONCE:
        raise BUSY
    _arriving += 1
    try:
        body = await _lay_down(headers, receive, most + ENVELOPE, most)
    finally:
        _arriving -= 1
    try:
        return await PROCESSING.run(
            _take_apart, body, headers.get(b"content-type", b"").decode("latin-1"), most
        )
    finally:
        body.close()


async def _lay_down(headers: dict[bytes, bytes], receive: Receive, most: int, told: int) -> IO[bytes]:
    announced = headers.get(b"content-length", b"0")
    if announced.isdigit() and int(announced) > most:
        await hear_out(receive)
        raise too_large(told)
    body = await DISK.run(tempfile.TemporaryFile)
    try:
        async with asyncio.timeout(SECONDS):
            await _copy(receive, body, most, told)
    except TimeoutError:
        body.close()
        raise BROKEN from None
    except (Refused, HungUp):
        body.close()
        raise
    return body


async def _copy(receive: Receive, body: IO[bytes], most: int, told: int) -> None:
    waiting, size, more = bytearray(), 0, True
    while more:
        chunk, more = await _next(receive)
        waiting += chunk
        size += len(chunk)
        if size > most:
            await hear_out(receive)
            raise too_large(told)
        if len(waiting) >= WRITE_AT_ONCE or not more:
            await DISK.run(body.write, bytes(waiting))
            waiting.clear()


async def _next(receive: Receive) -> tuple[bytes, bool]:
    async with asyncio.timeout(SECONDS_BETWEEN):
        message = await receive()
    if message["type"] == "http.disconnect":
        raise HungUp
    return message.get("body", b""), bool(message.get("more_body"))


async def hear_out(receive: Receive) -> None:
    """Takes what still comes, within limits, and keeps nothing of it."""
    heard, more = 0, True
    try:
        async with asyncio.timeout(HEARD_OUT_SECONDS):
            while more and heard < HEARD_OUT:
                chunk, more = await _next(receive)
                heard += len(chunk)
    except TimeoutError:
        return


def _take_apart(body: IO[bytes], content_type: str, most: int) -> Upload:
    size = body.tell()
    body.seek(0)
    meta = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(size)}
    try:
        parser = MultiPartParser(meta, cast("Any", body), [TemporaryFileUploadHandler()], "utf-8")
        _, files = parser.parse()
    except (MultiPartParserError, SuspiciousOperation, ValueError) as error:
        # Django's words for a part whose headers are above 1,024 bytes; nothing else in them has such a length
        raise LONG_NAME if "header size" in str(error) else BROKEN from None
    every = [file for name in files for file in files.getlist(name)]
    if len(every) != 1 or "file" not in files:
        for file in every:
            file.close()
        raise Refused("bad_upload", "Send one file at a time, in a form field called file.")
    if (every[0].size or 0) > most:
        every[0].close()
        raise too_large(most)
    return Upload(every[0].name or "", every[0])
