"""What a fault does to a request: before it is worked, or to its answer."""

import asyncio
import secrets
import socket

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from slack_sandbox.faults import Fault

OUTAGE = "<html><head><title>{0}</title></head><body><h1>{0} Service Unavailable</h1></body></html>"


async def before(request: Request, fault: Fault) -> Response | None:
    kind = fault.kind
    if kind == "hang":
        await asyncio.sleep(fault.seconds)
    elif kind in ("drop_before_commit", "reset"):
        return hang_up(request, rudely=kind == "reset")
    elif kind == "error":
        return JSONResponse({"ok": False, "error": fault.error})
    elif kind == "ratelimit":
        return too_many(fault.retry_after)
    elif kind == "status" and not fault.commit:
        return HTMLResponse(OUTAGE.format(fault.status), fault.status)
    elif kind == "garbage" and not fault.commit:
        return Response(b'{"ok":true,"channel":"C0', media_type="application/json")
    return None


async def after(request: Request, fault: Fault, response: Response) -> Response:
    if fault.kind == "hang_after_commit":
        await asyncio.sleep(fault.seconds)
    elif fault.kind == "drop_after_commit":
        return hang_up(request, rudely=False)
    elif fault.kind == "garbage":
        body = bytes(response.body)
        return Response(body[: len(body) // 2], media_type="application/json")
    elif fault.kind == "status":
        return HTMLResponse(OUTAGE.format(fault.status), fault.status)
    return response


def too_many(seconds: int, error: str = "ratelimited") -> Response:
    headers = {"Retry-After": str(seconds), "x-slack-req-id": secrets.token_hex(16)}
    return JSONResponse({"ok": False, "error": error}, 429, headers=headers)


class HungUp(Response):
    """Nothing is sent: the connection is gone."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.01)  # until the server has noticed the loss


def hang_up(request: Request, rudely: bool) -> Response:
    """Closes the connection without an answer; rudely: by a TCP reset."""
    transport = request.scope["extensions"]["sandbox.transport"]
    if rudely:
        linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()
    return HungUp()
