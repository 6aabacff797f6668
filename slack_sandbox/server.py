"""Puts the parts together: routes, start and stop."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from slack_sandbox.api import (  # noqa: F401  (importing a family registers its methods)
    chat,
    connections,
    conversations,
    emoji,
    files,
    history,
    oauth,
    openid,
    people,
    unfurl,
    views,
)
from slack_sandbox.api.endpoint import WebApi
from slack_sandbox.api.registry import METHODS as METHODS  # with all families registered
from slack_sandbox.avatars import picture
from slack_sandbox.control import Control
from slack_sandbox.file_hosts import FileHosts
from slack_sandbox.oauth_pages import Authorize
from slack_sandbox.openid_pages import SignIn
from slack_sandbox.options import Options
from slack_sandbox.page import Page
from slack_sandbox.responses import Responses
from slack_sandbox.sandbox import Sandbox

STATIC = Path(__file__).parent / "static"


class Protocol(HttpToolsProtocol):
    """Lets an endpoint reach the connection, for the faults that break it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {"sandbox.transport": self.transport}  # type: ignore[dict-item]


async def healthz(request: Request) -> Response:
    return JSONResponse({"ok": True})


def application(box: Sandbox) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        box.sharing.forget()
        box.postman.forget()
        box.postman.pool.close()
        box.keeper.save()

    routes = [
        Route("/healthz", healthz),
        WebSocketRoute("/link/", box.postman.sockets.__call__),
        Route("/api/{method}", WebApi(box).__call__, methods=["GET", "POST"]),
        Route("/oauth/v2/authorize", Authorize(box).__call__, methods=["GET", "POST"]),
        *SignIn(box).routes(),
        *Responses(box).routes(),
        Route("/avatars/{name}.png", picture),
        *FileHosts(box).routes(),
        *Control(box).routes(),
        *Page(box).routes(),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def run(options: Options) -> None:
    box = Sandbox(options)
    if not options.quiet:
        sys.stdout.write(f"Slack sandbox on {options.origin} for the app at {options.app_url}\n")
        sys.stdout.flush()
    level = "error" if options.quiet else "warning"
    uvicorn.run(
        application(box),
        host=options.host,
        port=options.port,
        http=Protocol,
        ws="websockets-sansio",
        log_level=level,
        access_log=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=75,
    )
