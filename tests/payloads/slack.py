"""Signed requests and events as Slack sends them, and the samples of its documentation where they lie beside us."""

import itertools
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from django.conf import settings

from slackapp.models import Installation
from slackapp.signature import sign
from tests import web

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "slack"
Json = dict[str, Any]
_numbers = itertools.count(1)


def sample(path: str) -> Any:
    """A published example; the test is skipped in a clone that has no samples."""
    found = SAMPLES / path
    if not found.exists():
        pytest.skip("Slack's published samples are not here")
    return json.loads(found.read_text())


def samples(folder: str) -> list[Path]:
    return sorted((SAMPLES / folder).glob("*.json"))


def signed(raw: bytes, secret: str | None = None, at: int | None = None) -> dict[str, str]:
    stamp = str(int(time.time()) if at is None else at)
    signature = sign(secret or settings.SLACK_SIGNING_SECRETS[0], stamp.encode(), raw)
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature.decode()}


def post(url: str, path: str, payload: Any, **headers: str) -> httpx.Response:
    """Signed. A dict is sent as JSON, or as the form field `payload` where Slack sends forms; bytes as they are."""
    form = path != "/slack/events"
    if isinstance(payload, bytes):
        raw = payload
    elif form:
        raw = urlencode({"payload": json.dumps(payload)}).encode()
    else:
        raw = json.dumps(payload).encode()
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    return web.post(
        f"{url}{path}", content=raw, headers={"Content-Type": kind, **signed(raw), **headers}, timeout=10
    )


def next_ts() -> str:
    return f"{int(time.time())}.{next(_numbers):06d}"


def envelope(installation: Installation, event: Json, **more: Any) -> Json:
    return {
        "token": "deprecated",
        "team_id": installation.slack_team_id,
        "api_app_id": installation.app_id,
        "type": "event_callback",
        "event_id": f"Ev{next(_numbers):08d}",
        "event_time": int(time.time()),
        "authorizations": [{"team_id": installation.slack_team_id, "enterprise_id": None, "is_bot": True}],
        "event": event,
        **more,
    }


def typed(text: str, *, user: str, channel: str, thread_ts: str | None, **more: Any) -> Json:
    """A person's message without blocks, as old clients send it."""
    ts = next_ts()
    event = {"type": "message", "user": user, "text": text, "ts": ts, "event_ts": ts, "channel": channel}
    return {**event, **({"thread_ts": thread_ts} if thread_ts else {}), "channel_type": "channel", **more}
