"""Stripe's signature of a webhook (docs.stripe.com/webhooks/signature), checked over the raw body before any parsing.

The library's own check lets a moment in the future pass, and fails with errors of its own for junk.
"""

import json
import re
import time
from collections.abc import Sequence
from typing import Any

from billing import gateway

WINDOW_SECONDS = 300
LONGEST_HEADER = 2048
STAMP = re.compile(r"(?:^|,)t=(\d{1,12})(?:,|$)")
# what becomes a row: no databases' forbidden characters, and short enough for its column
EVENT_ID, EVENT_TYPE = re.compile(r"evt_\w{1,200}", re.ASCII), re.compile(r"[\w.]{1,120}", re.ASCII)


class NotAuthentic(Exception):
    """What is wrong, in one word for the log: header, encoding, signature, timestamp, json, shape."""


def authentic(
    raw: bytes, header: str | None, secrets: Sequence[str], now: float | None = None
) -> dict[str, Any]:
    """The event; NotAuthentic for everything else. `header` is Stripe-Signature, `raw` the body as received."""
    if not header or len(header) > LONGEST_HEADER or not header.isascii():
        raise NotAuthentic("header")
    text = _text(raw)
    matches = [gateway.is_signed(text, header, secret, WINDOW_SECONDS) for secret in secrets if secret]
    if not any(matches):
        raise NotAuthentic("signature")
    stamp = STAMP.search(header)
    if stamp is None or int(stamp[1]) > (time.time() if now is None else now) + WINDOW_SECONDS:
        raise NotAuthentic("timestamp")
    return _event(text)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise NotAuthentic("encoding") from None


def _event(text: str) -> dict[str, Any]:
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        raise NotAuthentic("json") from None
    if not isinstance(event, dict) or event.get("object") != "event":
        raise NotAuthentic("shape")
    if not _is(EVENT_ID, event.get("id")) or not _is(EVENT_TYPE, event.get("type")):
        raise NotAuthentic("shape")
    return event


def _is(shape: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and shape.fullmatch(value) is not None
