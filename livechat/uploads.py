"""POST /widget/files: a visitor's file comes in, before the message it will travel with. GET tells its new addresses.

A thin door of its own: a slow phone, a large file or a picture that takes seconds keeps no page and no socket waiting.
"""

import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from accounts.errors import Refused
from accounts.limits import client_ip, hit
from config.database import db
from livechat import access, consents, transcripts
from livechat.actions import files
from livechat.actions.files import Uploader
from livechat.doors import Headers, Receive, Scope, Send, answer, answer_json
from livechat.files.incoming import MOST_FROM_VISITOR, take_in
from livechat.files.receiving import HungUp, receive_file
from livechat.files.threads import PROCESSING
from livechat.models import Attachment

log = logging.getLogger(__name__)

STATUS = {
    "unknown_site": 404,
    "not_found": 404,
    "origin_refused": 403,
    "not_accepted": 401,
    "blocked": 403,
    "rate_limited": 429,
    "too_large": 413,
    "no_room": 413,
    "type_refused": 415,
    "picture_refused": 415,
    "unavailable": 503,
}
UNAVAILABLE = Refused("unavailable", "Files cannot be taken at the moment. Please send it again in a minute.")


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    site: str
    file: str
    origin: str | None
    visitor_token: str
    address: str
    headers: dict[bytes, bytes]


async def widget_files(scope: Scope, receive: Receive, send: Send) -> None:
    asked = _asked(scope)
    cors: Headers = [(b"vary", b"Origin"), (b"cache-control", b"no-store")]
    try:
        cors += await db(_readable_by, asked)
        if asked.method == "OPTIONS":
            await answer(send, 204, b"", "text/plain", cors + PREFLIGHT)
            return
        told = await _serve(asked, receive)
    except HungUp:
        return
    except Refused as refusal:
        await _refuse(send, refusal, cors)
    except Exception:
        # disk full, database away: the visitor keeps the file and sends it again
        log.exception("a file could not be taken")
        await _refuse(send, UNAVAILABLE, cors)
    else:
        await answer_json(send, 200, told, cors)


PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"POST, GET"),
    (b"access-control-allow-headers", b"authorization, content-type"),
    (b"access-control-max-age", b"600"),
]


def _asked(scope: Scope) -> Asked:
    headers = dict(scope["headers"])
    try:
        query = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=10)
    except ValueError:
        query = {}
    kind, _, visitor_token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return Asked(
        scope["method"],
        query.get("site", [""])[0][:64],
        query.get("id", [""])[0][:64],
        headers.get(b"origin", b"").decode("latin-1") or None,
        visitor_token.strip()[:200] if kind.lower() == "bearer" else "",
        client_ip(scope),
        headers,
    )


def _readable_by(asked: Asked) -> Headers:
    """Refused for another website than the site's; else who may read what we answer, be it a refusal."""
    site = access.site_by_public_token(asked.site)
    access.check_origin(site, asked.origin)
    origin = "*" if not site.allowed_origins else asked.origin
    return [(b"access-control-allow-origin", origin.encode("latin-1"))] if origin else []


async def _serve(asked: Asked, receive: Receive) -> dict[str, Any]:
    if asked.method not in ("POST", "GET"):
        raise Refused("bad_upload", "Files are sent here by POST.")
    if wait := hit("files_per_address", asked.address):
        raise Refused("rate_limited", "Many files at once. Please wait a moment.", wait)
    arrival = await db(access.prove, asked.site, asked.visitor_token, asked.origin)
    if asked.method == "GET":
        return transcripts.attachment_state(await db(access.upload_of_visitor, arrival.claim, asked.file))
    if arrival.is_blocked:
        raise access.BLOCKED
    consents.check(arrival.site, arrival.visitor)
    if wait := hit("files_per_visitor", arrival.claim.visitor_id.hex):
        raise Refused("rate_limited", "Many files at once. Please wait a moment.", wait)
    return transcripts.attachment_state(await _take(arrival, asked, receive))


async def _take(arrival: access.Arrival, asked: Asked, receive: Receive) -> Attachment:
    uploader = Uploader(arrival.site, arrival.claim.token_hash)
    upload = await receive_file(asked.headers, receive, MOST_FROM_VISITOR)
    with upload.content:
        keys = await db(files.begin_upload, uploader, upload.content.size or 0)
        stored = await PROCESSING.run(take_in, upload.source, upload.name, keys)
    return await db(files.add_upload, uploader, stored)


async def _refuse(send: Send, refusal: Refused, cors: Headers) -> None:
    headers = [*cors, (b"connection", b"close")]
    if refusal.retry_ms:
        headers.append((b"retry-after", str(-(-refusal.retry_ms // 1000)).encode()))
    told = {"error": refusal.code, "detail": refusal.sentence, "retry_ms": refusal.retry_ms}
    await answer_json(send, STATUS.get(refusal.code, 400), told, headers)
