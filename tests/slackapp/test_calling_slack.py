"""One call to Slack: what each kind of end means, and that no secret is in any of them."""

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings

from slackapp import client
from slackapp.errors import _TABLE, DO_BY_CODE, Answered, Do, Limited, NotSent, SlackError, Unknown, sentence
from tests.payloads.slack import SAMPLES

TOKEN = "xoxb-secret-token"


@pytest.fixture
def answering(settings: Settings) -> Iterator[Callable[[bytes], None]]:
    """A port that answers every request with the given bytes and hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))
    settings.SLACK_API_URL = f"http://127.0.0.1:{listener.getsockname()[1]}/api/"
    settings.SLACK_CALL_TIMEOUT = 0.5
    answers: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer:
                peer.recv(65536)
                peer.sendall(answers[0])

    threading.Thread(target=serve, daemon=True).start()
    yield answers.append
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def http(status: str, body: object, *headers: str) -> bytes:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(raw)}", "Connection: close", *headers]
    return "\r\n".join([*head, "", ""]).encode() + raw


ENDS: list[tuple[bytes, type[SlackError]]] = [
    (http("200 OK", {"ok": False, "error": "is_archived"}), Answered),
    (http("200 OK", {"ok": False}), Answered),
    (http("200 OK", {"ok": False, "error": "invalid_blocks", "response_metadata": ["odd"]}), Answered),
    (http("200 OK", {"ok": False, "error": "internal_error"}), Unknown),
    (http("200 OK", {"ok": False, "error": "ratelimited"}), Limited),
    (http("429 Too Many Requests", {"ok": False}, "Retry-After: 7"), Limited),
    (http("500 Internal Server Error", b"<html>"), Unknown),
    (http("503 Service Unavailable", {"ok": True}), Unknown),
    (http("302 Found", b"", "Location: http://127.0.0.1:1/"), Unknown),
    (http("200 OK", b"<html>log in"), Unknown),
    (http("200 OK", []), Unknown),
    (http("200 OK", {"ok": "yes"}), Unknown),
    (http("200 OK", {}), Unknown),
    (http("200 OK", b"\xff\xfe"), Unknown),
    (b"", Unknown),
    (b"nonsense\r\n\r\n", Unknown),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{", Unknown),
]


@pytest.mark.parametrize(("answer", "kind"), ENDS, ids=lambda value: ascii(value)[:60])
def test_every_end_has_its_meaning(
    answering: Callable[[bytes], None], answer: bytes, kind: type[SlackError]
) -> None:
    answering(answer)
    with pytest.raises(SlackError) as ended:
        client.call("chat.postMessage", TOKEN, channel="C1")
    assert type(ended.value) is kind
    assert TOKEN not in repr(ended.value) + str(ended.value.__context__)


def test_ok_is_ok(answering: Callable[[bytes], None]) -> None:
    answering(http("200 OK", {"ok": True, "ts": "1.1"}))
    assert client.call("chat.postMessage", TOKEN)["ts"] == "1.1"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("0", 0.1), ("-5", 0.1), ("99999", 3600), ("soon", 30), ("nan", 30), ("inf", 30), ("", 30)],
)
def test_slacks_own_wait_is_kept_within_reason(
    answering: Callable[[bytes], None], header: str, seconds: float
) -> None:
    answering(http("429 Too Many Requests", b"", f"Retry-After: {header}"))
    with pytest.raises(Limited) as limited:
        client.call("chat.postMessage", TOKEN)
    assert limited.value.seconds == seconds


def test_nobody_listening_is_a_sure_no(settings: Settings) -> None:
    settings.SLACK_API_URL = "http://127.0.0.1:1/api/"
    with pytest.raises(NotSent):
        client.call("chat.postMessage", TOKEN)


def test_no_answer_in_time_is_unknown(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.SLACK_API_URL = f"http://127.0.0.1:{silent.getsockname()[1]}/api/"
        settings.SLACK_CALL_TIMEOUT = 0.2
        with pytest.raises(Unknown):
            client.call("chat.postMessage", TOKEN)


def test_an_answer_without_end_is_unknown(
    answering: Callable[[bytes], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MAX_ANSWER", 1000)
    answering(http("200 OK", {"ok": True, "more": "x" * 2000}))
    with pytest.raises(Unknown):
        client.call("auth.test", TOKEN)


def test_an_answer_that_drips_is_given_up(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, the whole never: a worker's lease would run out over it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings.SLACK_API_URL = f"http://127.0.0.1:{listener.getsockname()[1]}/api/"
        settings.SLACK_CALL_TIMEOUT = 0.5
        monkeypatch.setattr(client, "CONNECT_SECONDS", 0.5)

        def drip() -> None:
            peer, _ = listener.accept()
            with peer, suppress(OSError):
                peer.recv(65536)
                head, _, body = http("200 OK", {"ok": True, "more": "x" * 200}).partition(b"\r\n\r\n")
                peer.sendall(head + b"\r\n\r\n")
                for byte in body:
                    peer.sendall(bytes([byte]))
                    time.sleep(0.02)

        threading.Thread(target=drip, daemon=True).start()
        started = time.monotonic()
        with pytest.raises(Unknown):
            client.call("auth.test", TOKEN)
        assert time.monotonic() - started < 2


@pytest.mark.django_db(transaction=True)
def test_within_a_transaction_no_call_is_made() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="inside a transaction"):
        client.call("chat.postMessage", TOKEN)


def test_no_log_line_holds_the_token(
    answering: Callable[[bytes], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answering(http("200 OK", {"ok": True}))
    client.call("auth.test", TOKEN)
    assert "auth.test" in caplog.text
    assert "secret" not in caplog.text


# --- the table of codes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(DO_BY_CODE))
def test_every_code_has_a_sentence_that_ends_well(code: str) -> None:
    assert sentence(code).endswith(".")
    assert Answered("chat.postMessage", code).todo is DO_BY_CODE[code]


def test_a_code_nobody_knows_is_tried_again() -> None:
    assert Answered("chat.postMessage", "brand_new").todo is Do.TRY_AGAIN


def published_codes() -> set[str]:
    """Every error that Slack's pages and its Web API specification name, of whichever method."""
    pages = (SAMPLES / "slack-api-ref").rglob("*.json")
    told = [json.loads(path.read_text()) for path in pages]
    named = {str(code) for page in told if isinstance(page, dict) for code in page.get("errors") or {}}
    specification = SAMPLES / "slack-api-specs" / "web-api" / "slack_web_openapi_v2.json"
    return named | (set(_told(json.loads(specification.read_text()))) if specification.exists() else set())


def _told(value: Any) -> Iterator[str]:
    """The codes of a specification: examples of `error`, and the values that it may have."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = value.get("error") if isinstance(value, dict) else None
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        yield from found.get("enum") or ()
    for part in inner:
        yield from _told(part)


def test_every_code_of_slack_has_its_meaning() -> None:
    codes = published_codes()
    if not codes:
        pytest.skip("Slack's published samples are not here")
    assert {"is_archived", "file_comment_not_found", "compliance_exports_prevent_deletion"} <= codes
    assert sorted(codes - set(DO_BY_CODE)) == []


def test_no_code_has_two_meanings() -> None:
    named = [code for codes in _TABLE.values() for code in codes.split()]
    assert sorted(named) == sorted(DO_BY_CODE)
