"""The one module that speaks HTTP to Slack: a pooled connection per worker thread, typed errors, no secret in any text.

A call is never repeated here: whoever called knows whether repeating may double something.
"""

import json
import logging
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any
from urllib.parse import urlsplit

import requests
import urllib3
from django.conf import settings
from django.db import connection

from slackapp.errors import DO_BY_CODE, Answered, Do, Limited, NotSent, Unknown

log = logging.getLogger(__name__)

CONNECT_SECONDS = 3.05
# together with the call before it and a picture to decode less than a lease
FILE_SECONDS = 12
MAX_ANSWER = 4 * 1024 * 1024
MAX_PUBLISHED = 64 * 1024
# Slack's method pages: these take a form, all others we use take JSON
FORM = frozenset(
    """oauth.v2.access oauth.v2.exchange openid.connect.token auth.revoke auth.teams.list apps.uninstall users.info
    users.getPresence emoji.list users.conversations conversations.list conversations.info conversations.replies
    conversations.members team.info bots.info chat.getPermalink files.getUploadURLExternal files.info""".split()
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


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Calls of this thread are given up sooner, for what is of no use later."""
    _local.seconds = seconds
    try:
        yield
    finally:
        del _local.seconds


def _patience() -> float:
    return min(settings.SLACK_CALL_TIMEOUT, getattr(_local, "seconds", settings.SLACK_CALL_TIMEOUT))


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
            timeout=(CONNECT_SECONDS, _patience()),
            allow_redirects=False,
            stream=True,
            **_request(method, token, arguments),
        )
        body = _body(method, response, started + CONNECT_SECONDS + _patience())
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


def respond(response_url: str, body: dict[str, Any]) -> None:
    """One of the few posts that a response_url takes. It is a secret, and goes to Slack's own addresses only.

    Raises SlackError; never repeated, as it cannot be known what was shown.
    """
    if connection.in_atomic_block:
        raise RuntimeError("A response_url was called inside a transaction.")
    if not is_slacks(response_url):
        raise NotSent("the response_url is not Slack's")
    try:
        response = _session().post(
            response_url,
            json=body,
            timeout=(CONNECT_SECONDS, settings.SLACK_CALL_TIMEOUT),
            allow_redirects=False,
        )
    except requests.exceptions.RequestException as error:
        raise Unknown(f"response_url: {type(error).__name__}") from None
    if response.status_code != 200:
        raise Unknown(f"response_url: HTTP {response.status_code}")


def published(path: str) -> dict[str, Any]:
    """A JSON object that Slack publishes for everybody, such as its signing keys. Raises SlackError."""
    if connection.in_atomic_block:
        raise RuntimeError(f"{path} was fetched inside a transaction.")
    until = time.monotonic() + CONNECT_SECONDS + settings.SLACK_CALL_TIMEOUT
    try:
        response = _session().get(
            settings.SLACK_WEB_URL + path,
            timeout=(CONNECT_SECONDS, settings.SLACK_CALL_TIMEOUT),
            allow_redirects=False,
            stream=True,
        )
        found = (
            json.loads(_body(path, response, until, MAX_PUBLISHED)) if response.status_code == 200 else None
        )
    except (
        requests.exceptions.RequestException,
        urllib3.exceptions.HTTPError,
        ValueError,
        RecursionError,
    ) as error:
        raise Unknown(f"{path}: {type(error).__name__}") from None
    if not isinstance(found, dict):
        raise Unknown(f"{path}: HTTP {response.status_code}")
    return found


def send_file(upload_url: str, content: IO[bytes]) -> None:
    """A file's bytes, streamed to the address that Slack named for them; no token goes there. Raises SlackError.

    Bounded in time like a call: who waits for it holds a lease.
    """
    response = _exchange("upload", "POST", upload_url, data=_Paced(content))
    if response.status_code != 200:
        raise Unknown(f"upload: HTTP {response.status_code}")


def fetch_file(url: str, token: str, into: IO[bytes], most: int) -> None:
    """A file's bytes, streamed. Raises SlackError; Answered with a code of ours for what will not change.

    Without rights Slack does not refuse: it shows a page to sign in on, or sends there, and nothing of ours may follow.
    """
    response = _exchange("download", "GET", url, headers={"Authorization": f"Bearer {token}"})
    with response:
        if response.status_code in (403, 404, 410):
            raise Answered("download", "file_not_found")
        is_page = response.headers.get("Content-Type", "").lower().startswith("text/html")
        if response.is_redirect or (is_page and response.status_code == 200):
            raise Answered("download", "not_visible")
        if response.status_code != 200:
            raise Unknown(f"download: HTTP {response.status_code}")
        _pour(response, into, most)


def _pour(response: requests.Response, into: IO[bytes], most: int) -> None:
    until, size = time.monotonic() + FILE_SECONDS, 0
    try:
        while chunk := response.raw.read1(65_536, decode_content=True):
            into.write(chunk)
            size += len(chunk)
            if size > most:
                raise Answered("download", "file_too_large")
            if time.monotonic() > until:
                raise Unknown("download: it takes too long")
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
        raise Unknown(f"download: {type(error).__name__}") from None


def _exchange(what: str, verb: str, url: str, **more: Any) -> requests.Response:
    if connection.in_atomic_block:
        raise RuntimeError(f"A file's {what} was tried inside a transaction.")
    if not is_slacks(url):
        raise Answered(what, "not_slacks_address")
    wait = (CONNECT_SECONDS, settings.SLACK_CALL_TIMEOUT)
    try:
        return _session().request(verb, url, timeout=wait, allow_redirects=False, stream=True, **more)
    except TooSlow:
        raise Unknown(f"{what}: it takes too long") from None
    except requests.exceptions.RequestException as error:
        raise Unknown(f"{what}: {type(error).__name__}") from None


class TooSlow(Exception):
    pass


class _Paced:
    """A file whose reading comes to an end in time, however slowly the other side takes it."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self._size = content.seek(0, 2)
        self._until = time.monotonic() + FILE_SECONDS
        content.seek(0)

    def __len__(self) -> int:
        return self._size - self._content.tell()

    def read(self, size: int = -1) -> bytes:
        if time.monotonic() > self._until:
            raise TooSlow
        return self._content.read(size)


def is_slacks(url: str) -> bool:
    """https on slack.com, or one of the two addresses that this server is told to take for Slack."""
    try:
        parts = urlsplit(url)
        origin = (parts.scheme, parts.hostname or "", parts.port)
    except ValueError:
        return False
    if "@" in parts.netloc:
        return False
    ours = [urlsplit(address) for address in (settings.SLACK_API_URL, settings.SLACK_WEB_URL)]
    if origin in [(known.scheme, known.hostname, known.port) for known in ours]:
        return True
    return origin[0] == "https" and origin[1].endswith(".slack.com") and origin[2] in (None, 443)


def picture(url: str) -> bytes:
    """What is at a public address of Slack's, which the caller has checked. No token goes there; no redirect counts."""
    if connection.in_atomic_block:
        raise RuntimeError("A picture was fetched inside a transaction.")
    until = time.monotonic() + CONNECT_SECONDS + settings.SLACK_CALL_TIMEOUT
    try:
        response = _session().get(
            url, timeout=(CONNECT_SECONDS, settings.SLACK_CALL_TIMEOUT), allow_redirects=False, stream=True
        )
        body = _body("picture", response, until)
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
        raise Unknown(f"picture: {type(error).__name__}") from None
    if response.status_code != 200:
        raise Unknown(f"picture: HTTP {response.status_code}")
    return body


def _body(method: str, response: requests.Response, until: float, most: int = 0) -> bytes:
    """The time-out of a socket is for each read alone: an answer that drips would outlive the worker's lease."""
    chunks, size = [], 0
    while chunk := response.raw.read1(65_536, decode_content=True):
        chunks.append(chunk)
        size += len(chunk)
        if size > (most or MAX_ANSWER) or time.monotonic() > until:
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
