"""The one module that speaks HTTP to Slack: a pooled connection per worker thread, typed errors, no secret in any text.

A call is never repeated here: whoever called knows whether repeating may double something.
"""

import json
import logging
import math
import threading
import time
from typing import Any

import requests
import urllib3
from django.conf import settings
from django.db import connection

from slackapp.errors import DO_BY_CODE, Answered, Do, Limited, NotSent, Unknown

log = logging.getLogger(__name__)

CONNECT_SECONDS = 3.05
MAX_ANSWER = 4 * 1024 * 1024
# Slack's method pages: these take a form, all others we use take JSON
FORM = frozenset(
    """oauth.v2.access users.info users.conversations conversations.list conversations.info conversations.replies
    conversations.members team.info bots.info chat.getPermalink""".split()
)
_local = threading.local()


def _session() -> requests.Session:
    """`trust_env=False`: no proxies, netrc or CA bundles looked up per call."""
    if not hasattr(_local, "session"):
        session = requests.Session()
        session.trust_env = False
        session.mount("https://", requests.adapters.HTTPAdapter(pool_maxsize=2, max_retries=0))
        session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=2, max_retries=0))
        _local.session = session
    return _local.session  # type: ignore[no-any-return]


def call(method: str, token: str, /, **arguments: Any) -> dict[str, Any]:
    """Slack's answer with `ok: true`. Raises NotSent, Limited, Unknown or Answered (errors.py).

    Must not be called inside a transaction: a slow Slack would hold the database.
    """
    if connection.in_atomic_block:
        raise RuntimeError(f"{method} was called inside a transaction.")
    started = time.monotonic()
    try:
        response = _session().post(
            settings.SLACK_API_URL + method,
            timeout=(CONNECT_SECONDS, settings.SLACK_CALL_TIMEOUT),
            allow_redirects=False,
            stream=True,
            **_request(method, token, arguments),
        )
        body = _body(method, response, started + CONNECT_SECONDS + settings.SLACK_CALL_TIMEOUT)
    except (requests.exceptions.ConnectTimeout, requests.exceptions.SSLError) as error:
        raise NotSent(f"{method}: {type(error).__name__}") from None
    except requests.exceptions.ConnectionError as error:
        raise _connection_error(method, error) from None
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
        raise Unknown(f"{method}: {type(error).__name__}") from None
    log.debug(
        "slack %s answered %s in %.0f ms", method, response.status_code, (time.monotonic() - started) * 1000
    )
    return _answer(method, response, body)


def _body(method: str, response: requests.Response, until: float) -> bytes:
    """The time-out of a socket is for each read alone: an answer that drips would outlive the worker's lease."""
    chunks, size = [], 0
    while chunk := response.raw.read1(65_536, decode_content=True):
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_ANSWER or time.monotonic() > until:
            response.close()
            raise Unknown(f"{method}: the answer does not come to an end")
    return b"".join(chunks)


def _request(method: str, token: str, arguments: dict[str, Any]) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    given = {name: value for name, value in arguments.items() if value is not None}
    if method not in FORM:
        headers["Content-Type"] = "application/json; charset=utf-8"
        return {"headers": headers, "data": json.dumps(given, ensure_ascii=False).encode()}
    return {"headers": headers, "data": {name: _form_value(value) for name, value in given.items()}}


def _form_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)


def _connection_error(method: str, error: requests.exceptions.ConnectionError) -> NotSent | Unknown:
    """Refused or unresolvable is a sure no; anything after the request left may have arrived."""
    text = repr(error)
    if "NewConnectionError" in text or "NameResolutionError" in text or "ConnectTimeout" in text:
        return NotSent(f"{method}: no connection")
    return Unknown(f"{method}: the connection broke")


def _answer(method: str, response: requests.Response, body: bytes) -> dict[str, Any]:
    if response.status_code == 429:
        raise Limited(method, _retry_after(response))
    if response.status_code != 200:
        raise Unknown(f"{method}: HTTP {response.status_code}")
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise Unknown(f"{method}: the answer is not JSON") from None
    if not isinstance(answer, dict) or not isinstance(answer.get("ok"), bool):
        raise Unknown(f"{method}: the answer is not Slack's")
    if answer["ok"]:
        return answer
    raise _no(method, answer, response)


def _no(method: str, answer: dict[str, Any], response: requests.Response) -> Limited | Unknown | Answered:
    code = str(answer.get("error") or "unknown_error")[:80]
    todo = DO_BY_CODE.get(code)
    if todo is Do.WAIT:
        return Limited(method, _retry_after(response))
    if todo is Do.LOOK:
        return Unknown(f"{method}: {code}")
    metadata = answer.get("response_metadata")
    messages = (
        (metadata.get("messages") if isinstance(metadata, dict) else None) or answer.get("needed") or ""
    )
    return Answered(method, code, str(messages)[:300])


def _retry_after(response: requests.Response) -> float:
    """Slack names whole seconds; without a header it is asked again after half a minute."""
    try:
        seconds = float(response.headers.get("Retry-After", "30"))
    except ValueError:
        return 30
    return min(max(seconds, 0.1), 3600) if math.isfinite(seconds) else 30
