"""Slack's four doors as plain ASGI callables: verify over the raw body, record, answer. Nothing is parsed before.

A webhook through Django's handler and middleware costs five times as much, and needs none of it.
"""

import asyncio
import json
import logging
import math
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.db import DatabaseError

from slackapp import prompt, signature, spool
from slackapp.actions import recording
from slackapp.interactivity import envelope

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MAX_BODY = 1_048_576
# Slack gives up after three seconds
DATABASE_SECONDS = 2.0


class Turned(Exception):
    """A request that ends here with a status and, for a person with curl, a sentence."""

    def __init__(self, status: int, sentence: str = "") -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


async def _answer(
    send: Send, status: int, body: bytes = b"", content_type: bytes = b"text/plain; charset=utf-8"
) -> None:
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    headers.append((b"x-content-type-options", b"nosniff"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _raw(receive: Receive) -> bytes:
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Turned(400)
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > MAX_BODY:
            raise Turned(413, "The body is larger than 1 MiB.")
        if not message.get("more_body"):
            return b"".join(chunks)


async def _authentic(scope: Scope, receive: Receive) -> bytes:
    if scope["method"] != "POST":
        raise Turned(405, "Only POST is answered here.")
    raw = await _raw(receive)
    if not signature.is_authentic(settings.SLACK_SIGNING_SECRETS, dict(scope["headers"]), raw):
        raise Turned(401)
    return raw


def _clean(value: Any) -> Any:
    """PostgreSQL stores neither NUL nor lone surrogates; Slack sends neither, and nobody may stop a lane with one."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return value


def _as_sent(raw: bytes) -> str | None:
    """A JSON object's text as it came, where every database keeps it like that; None where it is to be cleaned."""
    if not raw.startswith(b"{") or b"\x00" in raw or b"\\u0000" in raw or b"\\ud" in raw or b"\\uD" in raw:
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


def _number(written: str) -> float:
    """Neither NaN nor what is too large for a float: Python takes both for numbers, and no database keeps them."""
    if not math.isfinite(number := float(written)):
        raise ValueError(written)
    return number


# json.loads would make one for every event
_json = json.JSONDecoder(parse_constant=_number, parse_float=_number)


def parsed(raw: bytes | str, *, is_clean: bool = False) -> dict[str, Any]:
    """A JSON object whose texts every database keeps; Turned for anything else. `is_clean`: they are like that."""
    try:
        # in any encoding that JSON ever had; half a character as bytes is one of those that are cleaned
        text = raw if isinstance(raw, str) else raw.decode(json.detect_encoding(raw), "surrogatepass")
        value = _json.decode(text)
        value = value if is_clean else _clean(value)
    except (ValueError, RecursionError):
        raise Turned(400, "The body is not JSON.") from None
    if not isinstance(value, dict):
        raise Turned(400, "The body is not a JSON object.")
    return value


def _form(raw: bytes) -> dict[str, str]:
    try:
        fields = parse_qs(raw.decode(), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        raise Turned(400, "The body is not a form.") from None
    return {name: values[0] for name, values in fields.items()}


def _door(
    handle: Callable[[bytes], Awaitable[tuple[bytes, bytes]]],
) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """`handle(raw)` gives the body and content type of a 200; everything else about the request is alike."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body, content_type = await handle(await _authentic(scope, receive))
        except Turned as turned:
            await _answer(send, turned.status, turned.sentence.encode())
        except (DatabaseError, OSError):
            # Slack repeats what was not answered with 200
            log.exception("a request of Slack could not be recorded")
            await _answer(send, 503, b"Please try again.")
        else:
            await _answer(send, 200, body, content_type)

    return application


TEXT, JSON = b"text/plain; charset=utf-8", b"application/json"


async def _events(raw: bytes) -> tuple[bytes, bytes]:
    said = _as_sent(raw)
    payload = parsed(said or raw, is_clean=said is not None)
    if payload.get("type") == "url_verification":
        return str(payload.get("challenge", "")).encode()[:1000], TEXT
    await take_event(payload, said)
    return b"", TEXT


async def take_event(payload: dict[str, Any], said: str | None = None) -> None:
    """Recorded when it returns, whichever way it came. `said` is the same as text, where it came alone."""
    if not _is_of_another_app(payload):
        await _record(payload, said)


def _is_of_another_app(payload: dict[str, Any]) -> bool:
    another = bool(settings.SLACK_APP_ID) and payload.get("api_app_id") not in (None, settings.SLACK_APP_ID)
    if another:
        log.warning("what Slack told another app was ignored")
    return another


async def _record(payload: dict[str, Any], said: str | None = None) -> None:
    """In the database, or in the spool when it is away, silent, or still has what came before to take."""
    if not spool.kept_here.is_holding:
        try:
            async with asyncio.timeout(DATABASE_SECONDS):
                await recording.take_event(payload, said)
        except (*spool.AWAY, TimeoutError):
            log.exception("an event is kept in the spool: the database did not take it")
        else:
            return
    await asyncio.to_thread(spool.kept_here.keep, payload)


async def _interactivity(raw: bytes) -> tuple[bytes, bytes]:
    answer = await take_interaction(parsed(_form(raw).get("payload", "")))
    return (b"", TEXT) if answer is None else (json.dumps(answer).encode(), JSON)


async def take_interaction(payload: dict[str, Any]) -> dict[str, Any] | None:
    """Gives what Slack wants to hear at once, if anything. A press that opens no form is recorded like an event and

    worked afterwards.
    """
    if _is_of_another_app(payload):
        return None
    if prompt.is_answered_here(payload):
        return await prompt.interaction(payload)
    if (pressed := envelope(payload)) is not None:
        await _record(pressed)
    else:
        log.info("slack interaction of type %s", str(payload.get("type"))[:40])
    return None


async def _commands(raw: bytes) -> tuple[bytes, bytes]:
    answer = await take_command(_form(raw))
    return (b"", TEXT) if answer is None else (json.dumps(answer).encode(), JSON)


async def take_command(fields: dict[str, Any]) -> dict[str, Any] | None:
    """What its author is to read; None for Slack's look at the certificate."""
    if fields.get("ssl_check") == "1":
        return None
    return await prompt.command(fields)


async def _options(raw: bytes) -> tuple[bytes, bytes]:
    answer = await take_interaction(parsed(_form(raw).get("payload", "")))
    return json.dumps(answer or {"options": []}).encode(), JSON


events = _door(_events)
interactivity = _door(_interactivity)
commands = _door(_commands)
options = _door(_options)
