"""The composition root of the web process: thin ASGI callables for the hot doors, Django's pages behind a2wsgi.

Django's ASGI handler under a dozen middlewares answers 283 webhooks/s, a plain callable 1,458; the WSGI handler in a
fixed pool is 3.3 times faster than ASGIHandler for pages. Apps are named by string only.
"""

import gc
import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import got_request_exception
from django.db import connection
from django.urls import get_resolver
from django.utils.module_loading import import_string

from config import bodies, lifespan

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

THIN: dict[str, App] = {
    path: import_string(target)
    for path, target in {
        "/slack/events": "slackapp.intake.events",
        "/slack/interactivity": "slackapp.intake.interactivity",
        "/slack/commands": "slackapp.intake.commands",
        "/slack/options": "slackapp.intake.options",
        "/stripe/webhook": "billing.intake.webhook",
        "/widget/config": "livechat.doors.widget_config",
        "/mail/unsubscribe": "livechat.mail_door.unsubscribe",
        "/widget/files": "livechat.uploads.widget_files",
        "/healthz": "livechat.doors.healthz",
        "/readyz": "livechat.doors.readyz",
    }.items()
}
# a file of an agent or a logo, laid on the disk; pages of its own, as a picture may take seconds
UPLOAD = re.compile(r"/console/(chats/[0-9a-f-]{36}/files|sites/[0-9a-f-]{36}/logo)")
MOST_UPLOADED = 26 * 1024 * 1024
BELOW: dict[str, App] = {
    "/files/exports/": import_string("livechat.exports.door.stored_export"),
    "/files/": import_string("livechat.downloads.stored_file"),
}
SOCKETS: dict[str, App] = {
    path: import_string(target)
    for path, target in {
        "/ws/visitor": "livechat.consumers.visitor",
        "/ws/console": "livechat.consumers.console",
    }.items()
}
PAGE_THREADS = 4
pages = WSGIHandler()
_pages_over_asgi = bodies.whole(WSGIMiddleware(pages, workers=PAGE_THREADS))  # type: ignore[arg-type]
_uploads_over_asgi = bodies.on_disk(WSGIMiddleware(pages, workers=2), MOST_UPLOADED)  # type: ignore[arg-type]


def _begin_anew(**about: object) -> None:
    """After an error the next page of this thread begins with a connection that no stale plan clings to."""
    if not connection.in_atomic_block:
        connection.close()


got_request_exception.connect(_begin_anew)


def _is_for_files_alone(scope: Scope) -> bool:
    """Where files have a host of their own, nothing else is served there: no page, no cookie."""
    if settings.FILES_URL in (settings.PUBLIC_URL, settings.CONSOLE_URL, settings.WIDGET_URL):
        return False
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    return bool(host.decode("latin-1").lower() == urlsplit(settings.FILES_URL).netloc.lower())


def _door(path: str) -> App:
    if UPLOAD.fullmatch(path):
        return _uploads_over_asgi
    return THIN.get(path) or _below(path) or _pages_over_asgi


def _below(path: str) -> App | None:
    return next((app for prefix, app in BELOW.items() if path.startswith(prefix)), None)


async def _refuse_socket(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 4404})


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        alone = _is_for_files_alone(scope)
        door = _below(scope["path"]) or BELOW["/files/"] if alone else _door(scope["path"])
        await door(scope, receive, send)
    elif scope["type"] == "websocket":
        await SOCKETS.get(scope["path"], _refuse_socket)(scope, receive, send)
    else:
        await lifespan.run(scope, receive, send)


def _keep_what_is_loaded() -> None:
    """What is there by now lives as long as the process. Looking through it for garbage, again and again, held
    everybody up for 200 ms at a time."""
    assert get_resolver().url_patterns
    gc.collect()
    gc.freeze()


_keep_what_is_loaded()
