"""Puts the parts together: routes, start and stop."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from stripe_sandbox import renewing
from stripe_sandbox.api import (  # noqa: F401  (importing a family registers its endpoints)
    catalogue,
    checkout,
    customers,
    events,
    invoices,
    portal,
    schedules,
    subscriptions,
)
from stripe_sandbox.api.endpoint import Api
from stripe_sandbox.api.registry import ENDPOINTS as ENDPOINTS  # with all families registered
from stripe_sandbox.control import Control
from stripe_sandbox.options import Options
from stripe_sandbox.pages import hosted
from stripe_sandbox.sandbox import Sandbox

STATIC = Path(__file__).parent / "static"
TICK = 1.0


class Protocol(HttpToolsProtocol):
    """Lets an endpoint reach the connection, for the faults that break it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {"sandbox.transport": self.transport}  # type: ignore[dict-item]


async def healthz(request: Request) -> Response:
    return JSONResponse({"ok": True})


async def _tick(box: Sandbox) -> None:
    """While the clock runs, what is due happens by itself."""
    while True:
        await asyncio.sleep(TICK)
        renewing.catch_up(box)


def application(box: Sandbox) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        ticking = asyncio.create_task(_tick(box))
        yield
        ticking.cancel()
        box.postman.forget()
        box.keeper.save()

    routes = [
        Route("/healthz", healthz),
        Route("/v1/{path:path}", Api(box).__call__, methods=["GET", "POST", "DELETE"]),
        *Control(box).routes(),
        *hosted.routes(box),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def run(options: Options) -> None:
    box = Sandbox(options)
    if not options.quiet:
        sys.stdout.write(f"Stripe sandbox on {options.origin} for the app at {options.app_url}\n")
        sys.stdout.flush()
    level = "error" if options.quiet else "warning"
    uvicorn.run(
        application(box),
        host=options.host,
        port=options.port,
        http=Protocol,
        log_level=level,
        access_log=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=75,
    )
