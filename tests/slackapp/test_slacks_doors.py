"""The four doors for Slack: 401 for strangers, 200 for everything authentic, one row for an event (S29)."""

import json
import socket
from typing import Any

import pytest
from django.db import DataError
from pytest_django import Settings

from slackapp.models import InboundEvent
from tests import web
from tests.payloads.slack import post, sample, samples, signed
from tests.serving import Served
from tests.slackapp.peer import records_by

DOORS = ["/slack/events", "/slack/interactivity", "/slack/commands", "/slack/options"]
EVENT = {"type": "event_callback", "event_id": "Ev1", "team_id": "T1", "api_app_id": "A0SANDBOX1"}


def event(**more: Any) -> dict[str, Any]:
    inner = {"type": "message", "channel": "C1", "ts": "1.1", "text": "hi", "user": "U1"}
    return {**EVENT, "event": inner, **more}


def test_the_challenge_is_answered(server: Served) -> None:
    answer = post(server.url, "/slack/events", {"type": "url_verification", "challenge": "3eZbrw1a"})
    assert (answer.status_code, answer.text) == (200, "3eZbrw1a")


def test_a_challenge_that_is_html_stays_text(server: Served) -> None:
    answer = post(server.url, "/slack/events", {"type": "url_verification", "challenge": "<script>"})
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("door", DOORS)
def test_a_stranger_gets_401_and_leaves_nothing(server: Served, door: str) -> None:
    raw = json.dumps(event()).encode()
    for headers in (
        {},
        signed(raw, "another secret"),
        signed(raw, at=1),
        signed(raw + b" "),
        {**signed(raw), "X-Slack-Signature": "v0=" + "é" * 3},
    ):
        encoded = {name.encode(): value.encode() for name, value in headers.items()}
        assert web.post(server.url + door, content=raw, headers=encoded).status_code == 401
    assert not InboundEvent.objects.exists()


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_only_post_is_answered(server: Served, door: str, method: str) -> None:
    assert web.request(method, server.url + door).status_code == 405


@pytest.mark.parametrize("door", DOORS)
def test_more_than_a_mebibyte_is_413(server: Served, door: str) -> None:
    assert post(server.url, door, b"x" * 1_100_000).status_code == 413


@pytest.mark.parametrize(
    "junk", [b"", b"junk", b"[]", b"1", b"null", b'"x"', b"{", b"\xff\xfe", b"[" * 200_000, b'{"a":' * 50_000]
)
def test_authentic_junk_is_400(server: Served, junk: bytes) -> None:
    assert post(server.url, "/slack/events", junk).status_code == 400
    assert not InboundEvent.objects.exists()


@pytest.mark.parametrize("depth", [100, 300, 450, 900, 950])
@pytest.mark.parametrize("word", ["x", "\\u0000"])
def test_nesting_is_recorded_or_refused_and_never_an_error_of_ours(
    server: Served, depth: int, word: str
) -> None:
    raw = f'{"[" * depth}"{word}"{"]" * depth}'
    body = f'{{"type": "event_callback", "event_id": "Ev1", "event": {{"type": "x", "deep": {raw}}}}}'
    status = post(server.url, "/slack/events", body.encode()).status_code
    assert status in (200, 400)
    assert InboundEvent.objects.count() == (1 if status == 200 else 0)


@pytest.mark.parametrize("door", ["/slack/interactivity", "/slack/options"])
@pytest.mark.parametrize(
    "junk", [b"", b"junk", b"payload=", b"payload=junk", b"payload=[]", b"\xff", b"a=1&" * 300]
)
def test_a_junk_form_is_400(server: Served, door: str, junk: bytes) -> None:
    assert post(server.url, door, junk).status_code == 400


def test_a_click_and_a_command_are_heard(server: Served) -> None:
    assert post(server.url, "/slack/interactivity", {"type": "block_actions"}).status_code == 200
    command = post(server.url, "/slack/commands", b"command=%2Fchat&text=help")
    assert (command.status_code, command.json()["response_type"]) == (200, "ephemeral")
    assert post(server.url, "/slack/commands", b"ssl_check=1").text == ""
    assert post(server.url, "/slack/options", {"type": "block_suggestion"}).json() == {"options": []}


def test_an_event_is_recorded_before_it_is_answered(server: Served) -> None:
    assert post(server.url, "/slack/events", event()).status_code == 200
    row = InboundEvent.objects.get()
    assert (row.event_id, row.kind, row.state, row.payload["event"]["text"]) == (
        "Ev1",
        "message",
        "pending",
        "hi",
    )


def test_a_repeated_event_has_one_row(server: Served) -> None:
    for number in range(3):
        retry = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": "http_timeout"}
        assert post(server.url, "/slack/events", event(), **retry).status_code == 200
    assert InboundEvent.objects.count() == 1


def test_an_event_of_another_app_is_ignored(server: Served) -> None:
    assert post(server.url, "/slack/events", event(api_app_id="A0OTHER")).status_code == 200
    assert not InboundEvent.objects.exists()


def test_what_the_database_refuses_slack_is_asked_to_repeat(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(payload: dict[str, Any], said: str | None = None) -> str:
        raise DataError("this is not to be stored")

    with monkeypatch.context() as broken:
        records_by(broken, away)
        assert post(server.url, "/slack/events", event()).status_code == 503
    assert post(server.url, "/slack/events", event()).status_code == 200


@pytest.mark.parametrize("junk", ["a\x00b", "\ud83d", "a\udfffb", {"a\x00": "\ud800"}, ["\x00"]])
def test_characters_that_no_database_keeps_stop_nothing(server: Served, junk: object) -> None:
    strange = event()
    strange["event"]["text"] = junk
    assert post(server.url, "/slack/events", strange).status_code == 200
    assert "\ufffd" in json.dumps(InboundEvent.objects.get().payload, ensure_ascii=False) or "?" in str(
        InboundEvent.objects.get().payload
    )


@pytest.mark.parametrize("half", [b"\xed\xa0\xbd", b"\xed\xb8\x80"])
def test_half_a_character_as_bytes_stops_nothing_either(server: Served, half: bytes) -> None:
    raw = json.dumps(event()).encode().replace(b"hi", b"h" + half + b"i")
    assert post(server.url, "/slack/events", raw).status_code == 200
    assert InboundEvent.objects.get().payload["event"]["text"] == "h?i"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1E200000"])
def test_a_number_that_is_none_is_400(server: Served, number: str) -> None:
    raw = json.dumps(event()).replace('"hi"', number).encode()
    assert post(server.url, "/slack/events", raw).status_code == 400
    assert not InboundEvent.objects.exists()


def test_a_fraction_is_kept(server: Served) -> None:
    raw = json.dumps(event()).replace('"hi"', "1700000000.000100").encode()
    assert post(server.url, "/slack/events", raw).status_code == 200
    assert InboundEvent.objects.get().payload["event"]["text"] == 1700000000.0001


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("space", ["", " \n"])
def test_an_event_is_kept_as_it_was_told_however_it_is_written(
    server: Served, encoding: str, space: str
) -> None:
    told = event()
    told["event"]["text"] = "Grüße \U0001f44b 'quoted' 100 % \\ \"so\""
    raw = f"{space}{json.dumps(told, ensure_ascii=False)}{space}".encode(encoding)
    assert post(server.url, "/slack/events", raw).status_code == 200
    assert InboundEvent.objects.get().payload == told


STRANGE: list[dict[str, Any]] = [
    {},
    {"type": "app_rate_limited", "team_id": "T1", "minute_rate_limited": 1, "api_app_id": "A0SANDBOX1"},
    event(event=None),
    event(event=[]),
    event(event="x"),
    event(event={}),
    event(event={"type": ["x"]}),
    event(event={"type": "x" * 5000, "channel": "C" * 5000, "ts": "1" * 5000}),
    event(event={"type": "message", "channel": {"id": 1}, "ts": 5}),
    event(event={"type": "message", "channel": "C1", "message": "x", "ts": None}),
    event(event_id=None),
    event(event_id=7),
    event(event_id="x" * 5000),
    event(event_id=""),
    event(team_id=None),
    event(team_id={"x": 1}),
    event(authorizations="x"),
    event(authorizations=[None]),
]


@pytest.mark.parametrize("payload", STRANGE, ids=lambda payload: json.dumps(payload)[:60])
def test_everything_authentic_is_200(server: Served, payload: dict[str, Any]) -> None:
    assert post(server.url, "/slack/events", payload).status_code == 200


@pytest.mark.parametrize("path", samples("docs-slack-dev/events"), ids=lambda path: path.stem)
def test_every_published_event_is_200(server: Served, settings: Settings, path: Any) -> None:
    settings.SLACK_APP_ID = ""
    payload = sample(f"docs-slack-dev/events/{path.name}")
    assert post(server.url, "/slack/events", payload).status_code == (
        200 if isinstance(payload, dict) else 400
    )


def test_a_sender_that_hangs_up_in_mid_sentence_stops_nothing(server: Served) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as half:
        half.sendall(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nhalf")
    assert post(server.url, "/slack/events", event()).status_code == 200
