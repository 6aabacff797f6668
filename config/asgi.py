"""The composition root of the web process: thin ASGI callables for the hot doors, Django's pages behind a2wsgi.

Django's ASGI handler under a dozen middlewares answers 283 webhooks/s, a plain callable 1,458; the WSGI handler in a
fixed pool is 3.3 times faster than ASGIHandler for pages. Apps are named by string only.
"""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from a2wsgi import WSGIMiddleware
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import got_request_exception
from django.db import connection
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
        "/widget/config": "livechat.doors.widget_config",
        "/healthz": "livechat.doors.healthz",
        "/readyz": "livechat.doors.readyz",
    }.items()
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


def _begin_anew(**about: object) -> None:
    """After an error the next page of this thread begins with a connection that no stale plan clings to."""
    if not connection.in_atomic_block:
        connection.close()


got_request_exception.connect(_begin_anew)


async def _refuse_socket(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 4404})


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await THIN.get(scope["path"], _pages_over_asgi)(scope, receive, send)
    elif scope["type"] == "websocket":
        await SOCKETS.get(scope["path"], _refuse_socket)(scope, receive, send)
    else:
        await lifespan.run(scope, receive, send)
