"""Slack's cursors: opaque, base64, refused when they are not ours."""

import base64
import binascii

from slack_sandbox.api.registry import Call, Refusal
from slack_sandbox.model import Json

PREFIX = "next:"


def cursor_after(position: int) -> str:
    return base64.b64encode(f"{PREFIX}{position}".encode()).decode()


def start_of(call: Call) -> int:
    cursor = call.text("cursor")
    if not cursor:
        return 0
    try:
        plain = base64.b64decode(cursor, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as problem:
        raise Refusal("invalid_cursor") from problem
    if not plain.startswith(PREFIX) or not plain[len(PREFIX) :].isdigit():
        raise Refusal("invalid_cursor")
    return int(plain[len(PREFIX) :])


def page(call: Call, key: str, items: list[Json] | list[str], default: int = 100, most: int = 1000) -> Json:
    start, limit = start_of(call), call.number("limit", default, most)
    following = start + limit
    cursor = cursor_after(following) if following < len(items) else ""
    return {key: items[start:following], "response_metadata": {"next_cursor": cursor}}
