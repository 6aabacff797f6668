"""GET /files/exports/<id>: a finished export for whoever holds a link that we signed minutes ago."""

import logging
import time
from typing import IO
from urllib.parse import parse_qs

from accounts.errors import NotFound, Refused
from accounts.limits import client_ip, hit
from config.database import db
from livechat import access
from livechat.doors import Headers, Receive, Scope, Send, answer
from livechat.downloads import ALWAYS, EXPIRED, GONE, STATUS, send_content
from livechat.exports import links
from livechat.files import store
from livechat.files.threads import DISK
from livechat.models import Export

log = logging.getLogger(__name__)


async def stored_export(scope: Scope, receive: Receive, send: Send) -> None:
    try:
        if scope["method"] not in ("GET", "HEAD"):
            raise NotFound
        if wait := hit("downloads_per_address", client_ip(scope)):
            raise Refused("rate_limited", "Many files at once. Please wait a moment.", wait)
        export = await db(_checked, scope["path"], scope["query_string"])
        content = await DISK.run(_open, export)
    except Refused as refusal:
        said = refusal.sentence.encode()
        await answer(send, STATUS.get(refusal.code, 404), said, "text/plain; charset=utf-8", ALWAYS)
        return
    try:
        await send_content(send, content, _about(export), scope["method"])
    finally:
        await DISK.run(content.close)


def _checked(path: str, query: bytes) -> Export:
    """The row, if the link is ours and still good and the file is still there."""
    try:
        given = {
            name: values[0] for name, values in parse_qs(query.decode("ascii"), max_num_fields=5).items()
        }
        until, key = int(given["until"][:12]), given["key"]
    except (ValueError, KeyError):
        raise NotFound from None
    export = access.export_by_id(path.removeprefix(links.PATH))
    if not links.is_ours(export.pk, until, key):
        raise NotFound
    if until < time.time():
        raise EXPIRED
    if not export.is_ready:
        raise GONE
    return export


def _open(export: Export) -> IO[bytes]:
    try:
        return store.open_stored(export.storage_key)
    except OSError:
        log.exception("export %s is not in the storage", export.pk)
        raise GONE from None


def _about(export: Export) -> Headers:
    what = "visitor" if export.visitor_id else "workspace"
    name = f"threadbell-{what}-{export.created_at:%Y-%m-%d}.zip"
    return [
        (b"content-type", b"application/zip"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-disposition", f'attachment; filename="{name}"'.encode()),
        (b"cache-control", b"private, no-store"),
    ]
