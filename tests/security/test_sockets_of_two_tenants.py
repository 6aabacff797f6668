"""G, C: through no frame of either socket is anything of Acme to be had or changed by Globex."""

import contextlib
import uuid
from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings
from websockets.exceptions import ConnectionClosed

from accounts.models import Member
from livechat.protocol import FRAMES
from tests.cast import newcomer, say, shop_of
from tests.conftest import ClientOf
from tests.security.filling import snapshot
from tests.serving import Served, Socket

CANARY = "canary-of-acme"
CONSOLE_FRAMES = ("typing", "seen")


@pytest.fixture(scope="module")
def _process() -> Iterator[Served]:
    served = Served().start()
    yield served
    served.stop()


@pytest.fixture
def server(transactional_db: None, _process: Served, settings: Settings) -> Served:
    settings.LIMITS_SCALE = 100_000
    return _process


@pytest.fixture
def acmes(alice: Member) -> dict[str, str]:
    """Ids of Acme that a frame might name, by the field that would hold them."""
    message = say(newcomer(shop_of(alice)), CANARY)
    return {"chat": str(message.chat_id), "id": str(message.pk), "seq": "1"}


def heard_by(socket: Socket) -> str:
    """Everything up to the answer to a frame that nobody understands, or to the end of the socket."""
    socket.raw("{}")
    heard = ""
    with contextlib.suppress(ConnectionClosed):
        while (frame := socket.hear()).get("code") != "bad_frame":
            heard += str(frame)
    return heard


def test_mallorys_console_hears_and_changes_nothing_of_acme(
    server: Served, acmes: dict[str, str], mallory: Member, client_of: ClientOf
) -> None:
    cookie = "; ".join(f"{name}={one.value}" for name, one in client_of(mallory).cookies.items())
    before = snapshot()["ChatSession"]
    with server.socket("/ws/console", django_settings.CONSOLE_URL, Cookie=cookie) as socket:
        heard_by(socket)
        for kind in (*CONSOLE_FRAMES, "watch", "message", "subscribe"):
            socket.send(type=kind, chat=acmes["chat"], seq=1, body="x", id=acmes["id"])
        heard = heard_by(socket)
    assert CANARY not in heard
    assert snapshot()["ChatSession"] == before


@pytest.mark.parametrize("kind", sorted(set(FRAMES) - {"hello"}))
def test_a_visitor_of_globex_hears_and_changes_nothing_of_acme(
    server: Served, acmes: dict[str, str], mallory: Member, kind: str
) -> None:
    shop, before = shop_of(mallory, "Globex Shop"), snapshot()
    shape = FRAMES[kind]
    known = {
        "body": "x",
        "client_message_id": str(uuid.uuid4()),
        "last_rev": 0,
        "seq": 1,
        "stars": 1,
        "url": "",
        "title": "",
    }
    fields = {name: acmes.get(name, known.get(name)) for name in {**shape.required, **shape.optional}}
    fields |= {"seq": 1} if "seq" in fields else {}
    with server.socket() as socket:
        answer = socket.hello(shop.public_token, chat=acmes["chat"])
        socket.send(type=kind, **{name: value for name, value in fields.items() if value is not None})
        heard = str(answer) + heard_by(socket)
    assert CANARY not in heard
    after = snapshot()
    assert all(after["Message"][key] == row for key, row in before["Message"].items())
    assert all(after["ChatSession"][key] == row for key, row in before["ChatSession"].items())
