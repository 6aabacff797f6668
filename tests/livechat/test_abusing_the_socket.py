"""Junk on the visitor's socket: told, counted, closed, and the process lives on (C9, C10)."""

import asyncio
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed

from livechat.actions import chats
from livechat.models import Message, Site
from livechat.sockets import LeanConsumer
from livechat.tokens import VisitorClaim
from tests.cast import newcomer, say
from tests.serving import Served, Socket

JUNK: list[str | bytes] = [
    "", "hello", "[]", "null", "{}", '{"type":"shout"}', '{"type":"seen","seq":-1}', '{"type":"end","x":1}',
    b"\x00\x01", "[" * 60_000, '{"type":"rate","stars":' + "9" * 5000 + "}", '{"type":"\\ud83d"}',
    '{"type":"end","\\ud83d":1}', '{"type":"message","client_message_id":"\\ud800","body":"x"}',
    '{"type":"edit","id":"\\ud800","body":"x","x":1}',
]  # fmt: skip


@pytest.fixture
def tab(server: Served, site: Site, claim: VisitorClaim):
    with server.socket() as socket:
        socket.hello(site.public_token, visitor_token=claim.visitor_token)
        yield socket


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: ascii(junk[:24]))
def test_junk_is_told_and_the_socket_stays(tab: Socket, junk: str | bytes) -> None:
    tab.raw(junk)
    error = tab.hear_type("error")
    assert (error["code"], error["retry_ms"]) == ("bad_frame", None)
    assert tab.say("still here")["type"] == "ack"


def test_ten_bad_frames_in_a_minute_close_the_socket(tab: Socket) -> None:
    for _ in range(9):
        tab.raw("junk")
        tab.hear_type("error")
    assert tab.say("still here")["type"] == "ack"
    tab.raw("junk")
    assert tab.closed_with() == 4400


def test_what_comes_behind_our_close_is_not_worked() -> None:
    """There is nobody to answer any more; without an ack it is sent again."""
    worked: list[str] = []

    class Consumer(LeanConsumer):
        async def websocket_receive(self, message: dict[str, str]) -> None:
            worked.append(message["text"])

        async def base_send(self, message: dict[str, str]) -> None:
            worked.append(message["type"])

    async def play() -> None:
        consumer = Consumer()
        await consumer.dispatch({"type": "websocket.receive", "text": "before"})
        await consumer.close(code=4400)
        await consumer.close(code=1012)
        await consumer.dispatch({"type": "websocket.receive", "text": "behind"})

    asyncio.run(play())
    assert worked == ["before", "websocket.close"]


def test_refusals_that_are_no_bad_frames_are_not_counted(tab: Socket) -> None:
    for _ in range(12):
        tab.send(type="withdraw", id="1")
        assert tab.hear_type("error")["code"] in ("refused", "rate_limited")
    assert tab.say("still here")["type"] == "ack"


def test_marks_without_end_do_not_reach_the_database(
    tab: Socket, claim: VisitorClaim, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab.say("hello")
    worked = []
    monkeypatch.setattr(chats, "note_visitor_seen", lambda *mark: worked.append(mark))
    for seq in range(200):
        tab.send(type="seen", seq=seq)
    assert tab.say("still here")["type"] == "ack"
    assert 30 <= len(worked) <= 60


def test_ending_without_end_is_told(tab: Socket) -> None:
    for _ in range(10):
        tab.send(type="end")
        assert tab.hear_type("done")["of"] == "end"
    tab.send(type="end")
    assert tab.hear_type("error")["code"] == "rate_limited"


def test_a_frame_of_a_megabyte_is_too_big(tab: Socket, server: Served, site: Site) -> None:
    broken = False
    try:
        tab.raw("x" * 1_000_000)
    except (OSError, ConnectionClosed):
        broken = (
            True  # the server may hang up before the last byte has left; then the code is lost on the way
        )
    assert tab.closed_with() == 1009 or broken
    with server.socket() as another:
        assert another.hello(site.public_token)["type"] == "welcome"


def test_the_largest_honest_frame_is_taken(tab: Socket) -> None:
    body = "😀" * 8000
    frame = {"type": "message", "client_message_id": "6f2c7c0e-6a59-4d0f-9d0c-0a7b5e2f6a11", "body": body}
    assert len(json.dumps(frame)) < 131_072
    tab.raw(json.dumps(frame))
    assert tab.hear_type("ack")["seq"] == 1
    assert Message.unscoped.get().body == body


def test_deflate_is_not_offered(server: Served) -> None:
    from websockets.sync.client import connect

    with connect(f"ws://127.0.0.1:{server.port}/ws/visitor", compression="deflate", proxy=None) as connection:
        assert connection.protocol.extensions == []


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(
    st.text(max_size=80)
    | st.binary(max_size=80)
    | st.dictionaries(
        st.sampled_from(["type", "seq", "body", "client_message_id", "chat", "last_rev", "id", "url"]),
        st.sampled_from(
            ["message", "seen", "sync", "edit", "page", "", None, -1, 1, 2**40, [], {}, "\ud800", "\x00"]
        ),
        max_size=5,
    ).map(json.dumps)
)
def test_no_frame_ends_the_server(server: Served, site: Site, junk: str | bytes) -> None:
    with server.socket() as tab:
        tab.hello(site.public_token)
        tab.raw(junk if isinstance(junk, bytes) else junk.encode("utf-8", "replace").decode())
        tab.send(type="sync", last_rev=0)
        assert tab.hear_until("synced")[-1]["rev"] == 0


def test_another_visitor_hears_nothing(server: Served, site: Site, globex_site: Site, tab: Socket) -> None:
    with server.socket() as stranger, server.socket() as elsewhere:
        stranger.hello(site.public_token)
        elsewhere.hello(globex_site.public_token)
        tab.say("private")
        assert stranger.is_silent()
        assert elsewhere.is_silent(0.05)


def test_a_token_of_another_site_opens_nothing(server: Served, site: Site, globex_site: Site) -> None:
    victim = newcomer(site)
    message = say(victim, "private")
    with server.socket() as thief:
        welcome = thief.hello(
            globex_site.public_token, visitor_token=victim.visitor_token, chat=str(message.chat_id)
        )
    assert (welcome["chat"], welcome["messages"]) == (None, [])
    assert welcome["visitor_token"] != victim.visitor_token
