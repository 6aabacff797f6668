"""Stripe's door: verify over the raw body, record, answer 200. No call, no mail and no thought before that."""

import logging
from typing import Any

from django.conf import settings
from django.db import DatabaseError

from billing import tasks
from billing.actions.recording import record
from billing.gateway import API_VERSION
from billing.signature import NotAuthentic, authentic
from config import bodies
from config.database import db
from livechat.doors import Headers, Receive, Scope, Send, answer

log = logging.getLogger(__name__)


async def _take(scope: Scope, receive: Receive, send: Send) -> None:
    """400 stores nothing. What could not be recorded is a 503, and Stripe sends it again for three days."""
    if scope["method"] != "POST":
        await _say(send, 405, "Only POST is answered here.", [(b"allow", b"POST")])
        return
    raw = (await receive()).get("body", b"")
    try:
        event = authentic(raw, _signature(scope), settings.STRIPE_WEBHOOK_SECRETS)
    except NotAuthentic as error:
        log.warning("a webhook was refused: %s", error)
        await _say(send, 400)
        return
    await _say(send, *await _recorded(event))


webhook = bodies.whole(_take)


async def _recorded(event: dict[str, Any]) -> tuple[int, str]:
    if event.get("account"):
        # of an account that is connected to ours: none is
        return 200, ""
    if (odd := _of_another_kind(event)) is not None:
        log.error("a webhook of Stripe was refused: %s", odd)
        return 400, odd
    try:
        await db(_record, event)
    except (DatabaseError, OSError):
        log.exception("a webhook of Stripe could not be recorded")
        return 503, "Please try again."
    return 200, ""


def _record(event: dict[str, Any]) -> None:
    if record(event):
        tasks.ring()


def _of_another_kind(event: dict[str, Any]) -> str | None:
    """A sentence for whoever reads the list of failed deliveries in Stripe's dashboard."""
    if event.get("api_version") != API_VERSION:
        return (
            f"This endpoint reads events of version {API_VERSION}. Make the endpoint anew with that version."
        )
    if event.get("livemode") is not settings.STRIPE_LIVEMODE:
        kind = "live" if settings.STRIPE_LIVEMODE else "test"
        return f"This server's key is a {kind} key. Give this endpoint to events of the same mode."
    return None


def _signature(scope: Scope) -> str | None:
    found = [value for name, value in scope["headers"] if name == b"stripe-signature"]
    return found[0].decode("latin-1") if len(found) == 1 else None


async def _say(send: Send, status: int, sentence: str = "", headers: Headers | None = None) -> None:
    await answer(send, status, sentence.encode(), "text/plain; charset=utf-8", headers)
