"""GET /files/<id>/<name>: a stored file for whoever holds a link that we signed. No cookie is read or set.

The bytes go out on the loop, a piece at a time: however slowly somebody reads, no thread waits for them.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import IO
from urllib.parse import parse_qs, quote

from accounts.errors import NotFound, Refused
from accounts.limits import client_ip, hit
from config.database import db
from livechat import access
from livechat.doors import Headers, Receive, Scope, Send, answer
from livechat.files import links, store
from livechat.files.kinds import is_picture
from livechat.files.links import For, Part
from livechat.files.threads import DISK
from livechat.models import Attachment

log = logging.getLogger(__name__)

PIECE = 64 * 1024
# a reader that takes nothing for so long is gone
SECONDS_A_PIECE = 30

GONE = Refused("gone", "This file was removed.")
EXPIRED = Refused("expired", "This link is no longer good. Open the file from the chat again.")
STATUS = {"not_found": 404, "gone": 410, "expired": 410, "rate_limited": 429}
ALWAYS: Headers = [
    (b"content-security-policy", b"sandbox; default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-robots-tag", b"noindex"),
]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A link taken apart; nothing of it is true before its signature is checked."""

    file_id: str
    reader: For
    part: Part
    until: int
    key: str


async def stored_file(scope: Scope, receive: Receive, send: Send) -> None:
    try:
        if scope["method"] not in ("GET", "HEAD"):
            raise NotFound
        if wait := hit("downloads_per_address", client_ip(scope)):
            raise Refused("rate_limited", "Many files at once. Please wait a moment.", wait)
        wanted = _wanted(scope)
        file = await db(_checked, wanted)
        content = await DISK.run(_open, file, wanted.part)
    except Refused as refusal:
        await answer(
            send,
            STATUS.get(refusal.code, 404),
            refusal.sentence.encode(),
            "text/plain; charset=utf-8",
            ALWAYS,
        )
        return
    try:
        await send_content(send, content, _about(file, wanted.part), scope["method"])
    finally:
        await DISK.run(content.close)


def _wanted(scope: Scope) -> Wanted:
    try:
        query = parse_qs(scope["query_string"].decode("ascii"), max_num_fields=10)
        given = {name: values[0] for name, values in query.items()}
        _, root, file_id, *_ = scope["path"].split("/")
        if root != "files":
            raise NotFound
        reader, part = For(given["for"]), Part(given.get("part", "whole"))
        return Wanted(file_id, reader, part, int(given["until"][:12]), given["key"])
    except (ValueError, KeyError, IndexError):
        raise NotFound from None


def _checked(wanted: Wanted) -> Attachment:
    """The row, if the link is ours and still good and what it leads to may still be seen by whom it was made for."""
    file = access.stored_file(wanted.file_id)
    if not links.is_ours(file.site_id, file.pk, wanted.reader, wanted.part, wanted.until, wanted.key):
        raise NotFound
    if links.has_expired(wanted.until):
        raise EXPIRED
    is_deleted = file.message is not None and file.message.deleted_at is not None
    if not file.is_ready or is_deleted or (wanted.reader is For.VISITOR and not access.is_shown(file)):
        raise GONE
    if wanted.part is Part.THUMBNAIL and not file.thumbnail_key:
        raise NotFound
    return file


def _open(file: Attachment, part: Part) -> IO[bytes]:
    try:
        return store.open_stored(file.thumbnail_key if part is Part.THUMBNAIL else file.storage_key)
    except OSError:
        log.exception("file %s is not in the storage", file.pk)
        raise GONE from None


async def send_content(send: Send, content: IO[bytes], about: Headers, method: str) -> None:
    size = await DISK.run(_size, content)
    headers = [*ALWAYS, *about, (b"content-length", str(size).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    more = method == "GET"
    while more:
        piece = await DISK.run(content.read, PIECE)
        more = bool(piece)
        async with asyncio.timeout(SECONDS_A_PIECE):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _about(file: Attachment, part: Part) -> Headers:
    """Only pictures that we wrote ourselves are shown in place; everything else is saved."""
    small = part is Part.THUMBNAIL
    content_type = "image/webp" if small else file.content_type
    how = "inline" if small or is_picture(file.content_type) else "attachment"
    name = quote("thumbnail.webp" if small else file.name, safe="")
    return [
        (b"content-type", content_type.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"content-disposition", f"{how}; filename*=UTF-8''{name}".encode()),
        (b"cache-control", b"private, max-age=600"),
    ]


def _size(content: IO[bytes]) -> int:
    size = content.seek(0, 2)
    content.seek(0)
    return size
