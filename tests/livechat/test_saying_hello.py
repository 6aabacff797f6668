"""The first frame of a visitor's socket: who may come in, and how the others are turned away (contract §4)."""

import asyncio
import uuid
from typing import Any

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

from accounts.models import Member
from livechat import protocol, sockets, transcripts
from livechat.models import ChatSession, Site, Visitor
from livechat.tokens import VisitorClaim
from tests.cast import say, shop_of
from tests.serving import Served, eventually


def test_hello_is_answered_with_welcome(server: Served, site: Site) -> None:
    with server.socket() as tab:
        welcome = tab.hello(site.public_token)
    assert (welcome["type"], welcome["protocol"], welcome["chat"], welcome["rev"]) == ("welcome", 1, None, 0)
    assert welcome["visitor_token"].startswith("vt_")
    assert (welcome["messages"], welcome["more"], welcome["online"]) == ([], False, False)


def test_hello_alone_writes_nothing(server: Served, site: Site) -> None:
    with server.socket() as tab:
        tab.hello(site.public_token)
    assert not Visitor.unscoped.exists()
    assert not ChatSession.unscoped.exists()


def test_the_whole_hello_of_the_contract_is_understood(server: Served, site: Site) -> None:
    with server.socket() as tab:
        welcome = tab.hello(
            site.public_token,
            visitor_token=None,
            chat=None,
            last_rev=0,
            page={"url": "https://shop.example/", "title": "Shop", "referrer": "", "department": "Billing"},
            locale="en",
            timezone="Europe/Vilnius",
            identity=None,
        )
        assert tab.say("Hello")["type"] == "ack"
    assert welcome["type"] == "welcome"
    chat = ChatSession.unscoped.get()
    assert (chat.page_title, chat.department) == ("Shop", "Billing")


def test_somebody_who_returns_finds_their_chat(server: Served, site: Site, claim: VisitorClaim) -> None:
    message = say(claim, "Hello again")
    with server.socket() as tab:
        welcome = tab.hello(site.public_token, visitor_token=claim.visitor_token)
        assert welcome["visitor_token"] == claim.visitor_token
        assert (welcome["chat"]["id"], welcome["rev"]) == (str(message.chat_id), 1)
        assert [line["body"] for line in welcome["messages"]] == ["Hello again"]
    with server.socket() as tab:
        resumed = tab.hello(
            site.public_token, visitor_token=claim.visitor_token, chat=str(message.chat_id), last_rev=1
        )
        assert (resumed["messages"], resumed["rev"]) == ([], 1)


@pytest.mark.parametrize("site_key", ["pk_unknown", "", "\x00", "📦"])
def test_an_unknown_site_is_told_and_closed(server: Served, site_key: str) -> None:
    with server.socket() as tab:
        error = tab.hello(site_key)
        assert (error["type"], error["code"]) == ("error", "unknown_site")
        assert tab.closed_with() == 4401


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", None, "https://shop.example.evil.example"]
)
def test_a_strange_website_is_told_and_closed(server: Served, alice: Member, origin: str | None) -> None:
    guarded = shop_of(alice, origins=["https://shop.example"])
    with server.socket(origin=origin) as tab:
        assert tab.hello(guarded.public_token)["code"] == "origin_refused"
        assert tab.closed_with() == 4403


@pytest.mark.parametrize("origin", ["https://shop.example", django_settings.PUBLIC_URL])
def test_the_sites_website_and_our_own_panel_come_in(server: Served, alice: Member, origin: str) -> None:
    guarded = shop_of(alice, origins=["https://shop.example"])
    with server.socket(origin=origin) as tab:
        assert tab.hello(guarded.public_token)["type"] == "welcome"


@pytest.mark.parametrize(
    "first",
    [
        '{"type":"message","client_message_id":"6f2c7c0e-6a59-4d0f-9d0c-0a7b5e2f6a11","body":"hi"}',
        '{"type":"hello","protocol":2,"site":"pk_1"}',
        '{"type":"hello","protocol":1,"site":"pk_1","role":"agent"}',
        "not JSON",
        "[]",
        b"\x00\x01",
    ],
)
def test_a_wrong_first_frame_is_told_and_closed(server: Served, first: str | bytes) -> None:
    with server.socket() as tab:
        tab.raw(first)
        assert tab.hear_type("error")["code"] == "bad_frame"
        assert tab.closed_with() == 4400


def test_a_second_hello_is_refused_and_the_socket_stays(server: Served, site: Site) -> None:
    with server.socket() as tab:
        tab.hello(site.public_token)
        assert tab.hello(site.public_token)["code"] == "refused"
        assert tab.say("still here")["type"] == "ack"


def test_whoever_says_nothing_is_closed_in_time(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HELLO_SECONDS", 0.1)
    with server.socket() as tab:
        assert tab.closed_with() == 4408


def test_whoever_said_hello_is_not_closed_for_being_late(
    server: Served, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HELLO_SECONDS", 0.1)
    with server.socket() as tab:
        tab.hello(site.public_token)
        assert tab.is_silent(0.3)
        assert tab.say("still here")["type"] == "ack"


def test_a_visitor_holds_at_most_five_sockets(server: Served, site: Site, claim: VisitorClaim) -> None:
    tabs = [server.socket() for _ in range(6)]
    try:
        answers = [tab.hello(site.public_token, visitor_token=claim.visitor_token) for tab in tabs]
        assert [answer["type"] for answer in answers] == ["welcome"] * 5 + ["error"]
        assert (answers[5]["code"], answers[5]["retry_ms"]) == ("rate_limited", 30_000)
        assert tabs[5].closed_with() == 4429
    finally:
        for tab in tabs:
            tab.connection.close()


def test_a_closed_socket_gives_its_place_back(server: Served, site: Site, claim: VisitorClaim) -> None:
    for _ in range(7):
        with server.socket() as tab:
            assert tab.hello(site.public_token, visitor_token=claim.visitor_token)["type"] == "welcome"
    eventually(lambda: not any(claim.visitor_id.hex in place.replace("-", "") for place in sockets._held))


def test_a_socket_that_breaks_gives_its_place_back_too(
    server: Served, site: Site, claim: VisitorClaim, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*anything: object) -> dict[str, str]:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(transcripts, "message_frame", stumble)
    with server.socket() as tab:
        tab.hello(site.public_token, visitor_token=claim.visitor_token)
        say(claim, "from another tab")
        tab.closed_with()
    eventually(lambda: not any(claim.visitor_id.hex in place.replace("-", "") for place in sockets._held))


def test_a_goodbye_reaches_everybody_though_one_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[object] = []

    class Client:
        def __init__(self, is_here: bool) -> None:
            self.is_here = is_here

        async def say(self, word: object) -> None:
            if not self.is_here:
                raise ConnectionError("gone")
            heard.append(word)

        async def close(self, code: int) -> None:
            await self.say(code)

    monkeypatch.setattr(sockets, "_open", [Client(False), Client(True), Client(False)])
    asyncio.run(sockets.say_bye(lambda: 7))
    asyncio.run(sockets.restart_all())
    assert heard == [{"type": "bye", "retry_ms": 7}, 1012]


class _Deaf:
    """A client that takes nothing: whoever tells it something waits for ever."""

    channel_name = "deaf"

    async def say(self, frame: dict[str, Any]) -> None:
        await asyncio.Event().wait()

    async def close(self, code: int) -> None:
        await asyncio.Event().wait()


def test_clients_that_take_nothing_keep_no_goodbye_from_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "GOODBYE_SECONDS", 0.1, raising=False)
    monkeypatch.setattr(sockets, "_open", {_Deaf() for _ in range(20)})

    async def goodbye() -> None:
        async with asyncio.timeout(1):
            await sockets.say_bye(lambda: 7)
            await sockets.restart_all()

    asyncio.run(goodbye())


def test_a_flood_of_hellos_is_slowed_down(server: Served, site: Site, settings: Settings) -> None:
    settings.LIMITS_SCALE = 0.005
    answers = []
    for _ in range(4):
        with server.socket() as tab:
            answers.append(tab.hello(site.public_token))
    assert [answer["type"] for answer in answers] == ["welcome", "welcome", "error", "error"]
    assert answers[3]["code"] == "rate_limited"
    assert answers[3]["retry_ms"] > 0


def test_an_unknown_field_is_refused_by_its_name_also_in_the_page(server: Served, site: Site) -> None:
    for fields, named in (
        ({"evil": 1}, "'evil'"),
        ({"page": {"url": "https://shop.example/", "ewil": 1}}, "'ewil'"),
    ):
        with server.socket() as tab:
            answer = tab.hello(site.public_token, **fields)
            assert (answer["code"], named in answer["detail"]) == ("bad_frame", True)


def test_an_unknown_address_is_no_socket(server: Served) -> None:
    from websockets.exceptions import InvalidStatus

    with pytest.raises(InvalidStatus) as refused:
        server.socket(f"/ws/{uuid.uuid4()}")
    assert refused.value.response.status_code == 403
