"""Thin ASGI doors that need no session, cookie or template: the widget's config, health and readiness."""

import hashlib
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.errors import Refused
from accounts.limits import client_ip, hit
from config.database import db
from livechat import access, away, look, questions
from livechat.files.incoming import MOST_FROM_VISITOR
from livechat.files.kinds import EXTENSIONS
from livechat.models import Site
from livechat.protocol import PROTOCOL
from livechat.transcripts import picture_url

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


async def answer(
    send: Send, status: int, body: bytes, content_type: str, headers: Headers | None = None
) -> None:
    common = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    common.append((b"x-content-type-options", b"nosniff"))
    await send({"type": "http.response.start", "status": status, "headers": common + (headers or [])})
    await send({"type": "http.response.body", "body": body})


async def answer_json(send: Send, status: int, value: object, headers: Headers | None = None) -> None:
    await answer(send, status, json.dumps(value).encode(), "application/json", headers)


def config_of(site: Site) -> dict[str, Any]:
    """What loader and panel start from."""
    return {
        "protocol": PROTOCOL,
        "site": site.public_token,
        "title": site.title,
        "greeting": site.greeting,
        "company": site.name,
        "colour": site.colour,
        **_look_of(site),
        "ws_url": f"{settings.WS_URL}/ws/visitor",
        "frame_url": f"{settings.WIDGET_URL}/widget/frame?site={site.public_token}",
        "form": questions.of(site).row() or None,
        "away": {"email": away.of(site).ask_email},
        "rates": site.asks_rating,
        # where the panel's last line leads; a plan with white label has none
        "powered": "" if site.workspace.white_label else f"{settings.PUBLIC_URL}/",
        "files": {"largest": MOST_FROM_VISITOR, "extensions": EXTENSIONS},
    }


def _look_of(site: Site) -> dict[str, Any]:
    chosen = look.of(site)
    launcher = {name: getattr(chosen, name) for name in ("shape", "icon", "label", "side", "bottom", "layer")}
    return {
        "position": chosen.corner,
        "launcher": launcher | {"phones": chosen.on_phones},
        "theme": chosen.theme,
        "faces": chosen.faces,
        "logo": picture_url(chosen.picture),
        "texts": look.texts_of(site),
    }


def _read_config(public_token: str, origin: str | None) -> tuple[dict[str, Any], str | None]:
    """The config and the origin that may read it (`*` while the site names none)."""
    site = access.site_by_public_token(public_token)
    if origin is not None:
        access.check_origin(site, origin)
    return config_of(site), "*" if not site.allowed_origins else origin


def _site_key(query_string: bytes) -> str:
    """Empty, which no site is called, for whatever is no query."""
    try:
        query = parse_qs(query_string.decode("latin-1"), max_num_fields=10)
    except ValueError:
        return ""
    return query.get("site", [""])[0][:64]


async def widget_config(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["method"] not in ("GET", "HEAD"):
        await answer_json(send, 405, {"error": "Only GET is answered here."}, [(b"allow", b"GET")])
        return
    if retry_ms := hit("configs_per_address", client_ip(scope)):
        wait = [(b"retry-after", str(retry_ms // 1000 + 1).encode())]
        refusal = {"error": "rate_limited", "detail": "Too many requests. Please wait a moment."}
        await answer_json(send, 429, refusal, wait)
        return
    key = _site_key(scope["query_string"])
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1") or None
    try:
        config, readable_by = await db(_read_config, key, origin)
    except Refused as refusal:
        status = 403 if refusal.code == "origin_refused" else 404
        await answer_json(send, status, {"error": refusal.code, "detail": refusal.sentence})
        return
    body = json.dumps(config).encode()
    etag = b'"' + hashlib.sha256(body).hexdigest()[:20].encode() + b'"'
    extra = [(b"etag", etag), (b"cache-control", b"public, max-age=60"), (b"vary", b"Origin")]
    if readable_by:
        extra.append((b"access-control-allow-origin", readable_by.encode("latin-1")))
    if etag in headers.get(b"if-none-match", b""):
        await send({"type": "http.response.start", "status": 304, "headers": extra})
        await send({"type": "http.response.body", "body": b""})
        return
    await answer(send, 200, body, "application/json", extra)


async def healthz(scope: Scope, receive: Receive, send: Send) -> None:
    await answer_json(send, 200, {"ok": True})


_migrated = False
# apps above this one add theirs in `ready()`; each returns what is missing, or None
ready_checks: list[Callable[[], str | None]] = []


def _unready() -> str | None:
    """What is missing, or None. Migrations are looked at until they are complete once."""
    global _migrated
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if not _migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return "migrations are missing: run manage.py migrate"
        _migrated = True
    if settings.REDIS_URL:
        cache.get("readyz")
    return next((problem for check in ready_checks if (problem := check())), None)


async def readyz(scope: Scope, receive: Receive, send: Send) -> None:
    try:
        problem = await db(_unready)
    except Exception as error:  # noqa: BLE001 - whatever redis raises: not ready is the answer, the process lives
        problem = f"{type(error).__name__}"
    await answer_json(send, 503 if problem else 200, {"ok": problem is None, "problem": problem})
