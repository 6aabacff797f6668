"""Forms that never end, or come a byte at a time: they are nobody else's trouble (K)."""

import socket
import time
import uuid
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.models import Member
from config import bodies
from livechat.models import Message
from tests import web
from tests.cast import chat_of, newcomer, say, shop_of
from tests.conftest import ClientOf
from tests.serving import Served

FORM = "content-type: application/x-www-form-urlencoded"
# whoever has seen a form holds a cookie like this; without one nobody reads on
COOKIE = f"csrftoken={'a' * 32}"


def begin(server: Served, path: str, body: bytes, *headers: str, length: int = 1000) -> socket.socket:
    """A form of `length` bytes of which only these are sent."""
    peer = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    head = [f"POST {path} HTTP/1.1", "host: localhost", FORM, f"content-length: {length}", *headers, "", ""]
    peer.sendall("\r\n".join(head).encode() + body)
    return peer


@pytest.fixture
def dawdlers(server: Served) -> Iterator[list[socket.socket]]:
    peers = [begin(server, "/accounts/login/", b"login=", f"cookie: {COOKIE}") for _ in range(8)]
    yield peers
    for peer in peers:
        peer.close()


def test_slow_forms_keep_nobody_out(server: Served, dawdlers: list[socket.socket]) -> None:
    assert web.get(f"{server.url}/widget.js", timeout=3).status_code == 200


def test_a_form_that_does_not_come_to_an_end_is_given_up(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "SECONDS", 0.2)
    with begin(server, "/accounts/login/", b"login=", f"cookie: {COOKIE}") as peer:
        assert peer.recv(100).startswith(b"HTTP/1.1 408")


def test_a_form_of_two_mebibytes_is_too_large_whatever_it_calls_itself(server: Served) -> None:
    answer = web.post(
        f"{server.url}/accounts/login/", files={"photo": b"x" * 2_000_000}, headers={"cookie": COOKIE}
    )
    assert answer.status_code == 413


def test_strangers_lay_only_so_many_files_on_the_disk(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The console's door for files takes 26 MB before it is known who sends them."""
    monkeypatch.setattr(bodies, "AT_ONCE", 2)
    path = f"/console/chats/{uuid.uuid4()}/files"
    peers = [begin(server, path, b"x" * 100, length=1_000_000) for _ in range(2)]
    time.sleep(0.2)  # they are being read
    assert web.post(f"{server.url}{path}", files={"file": b"x"}).status_code == 503
    for peer in peers:
        peer.close()
    time.sleep(0.2)
    assert web.post(f"{server.url}{path}", files={"file": b"x"}).status_code != 503


def test_half_a_reply_is_not_sent(
    server: Served, alice: Member, client_of: ClientOf, settings: Settings
) -> None:
    """A connection that breaks in the middle of a form leaves nothing behind."""
    claim = newcomer(shop_of(alice))
    say(claim)
    path = f"/console/chats/{chat_of(claim).pk}"
    browser = client_of(alice)
    token = browser.get(path).context["csrf_token"]
    cookies = "; ".join(f"{morsel.key}={morsel.value}" for morsel in browser.cookies.values())
    headers = f"cookie: {cookies}", f"origin: {settings.PUBLIC_URL}"
    half = f"csrfmiddlewaretoken={token}&body=Never+pay".encode()
    with begin(server, f"{path}/reply", half, *headers) as peer:
        time.sleep(0.1)  # it is being read
        peer.shutdown(socket.SHUT_WR)
        assert peer.recv(100) == b""
    time.sleep(0.2)
    assert not Message.unscoped.filter(author_kind="agent").exists()
