"""C12, G7: an operator sees what somebody sees, read-only, for an hour, with a reason that the workspaces read."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEntry, Member, User
from accounts.seeing import SEEN_AS
from livechat.attendance import Attendance
from livechat.models import ChatRead, ConsoleVisit
from tests.accounts.operators import operators_browser
from tests.cast import chat_of, newcomer, say, shop_of
from tests.conftest import ClientOf
from tests.security.addresses import addresses
from tests.security.filling import snapshot

pytestmark = pytest.mark.django_db
REASON = "Alice asked why her chats are empty"
STOP = "/admin/accounts/user/stop/"
LEFT_OUT = {"account_logout"}
VALUES = {"uuid": "00000000-0000-4000-8000-000000000001", "int": "1"}


def page_of(member: Member) -> str:
    return f"/admin/accounts/user/{member.user_id}/"


def look(operator: Client, member: Member, reason: str = REASON) -> Any:
    return operator.post(f"{page_of(member)}see/", {"reason": reason}, follow=True)


@pytest.fixture
def operator(client_of: ClientOf) -> Client:
    return operators_browser(client_of)


@pytest.fixture
def looking(operator: Client, alice: Member) -> Client:
    look(operator, alice)
    return operator


def told(member: Member) -> list[tuple[str, str, Any]]:
    entries = (
        AuditEntry.objects.in_workspace(member.workspace).filter(verb__startswith="support.").order_by("pk")
    )
    return [(one.verb, one.actor_name, one.changes.get("reason")) for one in entries]


def test_the_operator_reads_what_alice_reads_and_stops(
    operator: Client, alice: Member, mallory: Member
) -> None:
    chat = chat_of_acme(alice)
    assert "See what Alice sees" in operator.get(f"{page_of(alice)}change/").content.decode()
    page = look(operator, alice)
    assert page.redirect_chain[-1][0].startswith("/console/chats")
    shown = operator.get(f"/console/chats/{chat.pk}").content.decode()
    assert "Is the blue one in stock?" in shown
    assert "sees, read-only" in shown
    assert STOP in shown
    assert operator.post(STOP, follow=True).redirect_chain[-1][0] == f"{page_of(alice)}change/"
    assert operator.get(f"/console/chats/{chat.pk}").status_code in (403, 404)
    assert told(alice) == [
        ("support.seeing_begun", "Olga", ["", REASON]), ("support.seeing_ended", "Olga", None),
    ]  # fmt: skip
    assert told(mallory) == []


def chat_of_acme(alice: Member) -> Any:
    claim = newcomer(shop_of(alice))
    say(claim, "Is the blue one in stock?")
    return chat_of(claim)


def test_the_workspace_reads_who_looked_and_why(looking: Client, alice: Member, client_of: ClientOf) -> None:
    page = client_of(alice).get("/console/settings/audit").content.decode()
    assert "began to see what Alice sees" in page
    assert REASON in page
    assert "Olga" in page


@pytest.mark.django_db(transaction=True)
def test_every_page_without_an_id_is_read_and_leaves_nothing_behind(looking: Client, alice: Member) -> None:
    chat = chat_of_acme(alice)
    before = snapshot()
    pages = [one.filled() for one in addresses("console/", "slack/", "api/") if not one.wants]
    tried = [*pages, f"/console/chats/{chat.pk}", "/console/chats?status=open"]
    refused = [address for address in tried if looking.get(address).status_code == 403]
    assert {name: rows for name, rows in snapshot().items() if rows != before[name]} == {}
    assert not ChatRead.unscoped.exists()
    assert not ConsoleVisit.objects.exists()
    # the person's own pages, and ways to Slack, which are noted as soon as they are begun
    kept_back = ("/console/account", "/slack/install", "/slack/login")
    assert not [one for one in refused if not one.startswith(kept_back)]


def test_nothing_is_done_at_any_address(looking: Client, alice: Member) -> None:
    chat_of_acme(alice)
    before = snapshot()
    for one in addresses("console/", "accounts/", "slack/", "admin/accounts/", "api/"):
        if "(" in one.route or one.name in LEFT_OUT or f"/{one.route}" == STOP:
            continue
        path = one.filled(*(VALUES.get(kind, "a") for _, kind in one.wants))
        assert looking.post(path, {"name": "x", "body": "x"}).status_code == 403, path
    for method in ("PUT", "PATCH", "DELETE"):
        assert looking.generic(method, "/console/sites/new").status_code == 403
    assert snapshot() == before
    assert "read-only" in looking.post("/console/sites/new", {"name": "x"}).content.decode()


def test_what_is_the_persons_alone_is_not_shown(looking: Client) -> None:
    for path in (
        "/console/account",
        "/console/account/security",
        "/console/account/data",
        "/accounts/email/",
    ):
        assert looking.get(path).status_code == 403, path


@pytest.mark.django_db(transaction=True)
def test_a_page_that_writes_while_it_is_read_is_refused_below(
    looking: Client, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(*_: Any, **__: Any) -> int:
        return User.objects.filter(pk=alice.user_id).update(name="Changed")

    monkeypatch.setattr("livechat.chat_lists.unread_count", write)
    assert looking.get("/console/chats").status_code == 403
    assert User.objects.get(pk=alice.user_id).name == "Alice"


@pytest.mark.parametrize("reason", ["", "too short", " " * 30, "x" * 201])
def test_without_a_reason_nothing_is_seen(operator: Client, alice: Member, reason: str) -> None:
    assert "Say why" in look(operator, alice, reason).content.decode()
    assert SEEN_AS not in operator.session
    assert told(alice) == []


def test_no_operator_is_seen(operator: Client, alice: Member) -> None:
    for flag in ("is_staff", "is_superuser"):
        flags = {"is_staff": False, "is_superuser": False, flag: True}
        User.objects.filter(pk=alice.user_id).update(**flags)
        assert "do not run this server" in look(operator, alice).content.decode()
        assert SEEN_AS not in operator.session


def test_nobody_else_sees_with_others_eyes(mallory: Member, alice: Member, client_of: ClientOf) -> None:
    browser = client_of(mallory)
    assert look(browser, alice).status_code == 403
    session = browser.session
    session[SEEN_AS] = {"user": str(alice.user_id), "until": time.time() + 60}
    session.save()
    page = browser.get("/console/settings").content.decode()
    assert "Globex" in page
    assert "Acme" not in page
    assert told(alice) == []


def test_who_has_not_just_proved_who_they_are_is_asked_first(operator: Client, alice: Member) -> None:
    session = operator.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    assert "/accounts/" in look(operator, alice).redirect_chain[-1][0]
    assert SEEN_AS not in operator.session


def test_after_an_hour_it_is_over(looking: Client, alice: Member) -> None:
    assert 59 * 60 < looking.session[SEEN_AS]["until"] - time.time() <= 3600
    session = looking.session
    session[SEEN_AS] = {**session[SEEN_AS], "until": time.time() - 1}
    session.save()
    answer = looking.post("/console/sites/new", {"name": "x"}, follow=True)
    assert answer.redirect_chain[-1][0] == f"{page_of(alice)}change/"
    assert SEEN_AS not in looking.session
    assert told(alice)[-1][0] == "support.seeing_ended"


def test_it_ends_with_the_log_out_and_with_the_operators_rights(
    looking: Client, alice: Member, client_of: ClientOf
) -> None:
    User.objects.filter(name="Olga").update(is_superuser=False)
    assert "Acme" not in looking.get("/console/settings").content.decode()
    User.objects.filter(name="Olga").update(is_superuser=True)
    looking.post("/accounts/logout/")
    assert told(alice)[-1] == ("support.seeing_ended", "Olga", None)
    assert looking.get("/console/settings").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_an_operator_who_looks_is_nobody_who_is_there(alice: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    for only_looks in (True, False):
        socket = SimpleNamespace(member=alice, only_looks=only_looks)
        monkeypatch.setattr("livechat.sockets.all_open", lambda socket=socket: [socket])
        asyncio.run(Attendance().look())
        assert ConsoleVisit.objects.exists() is not only_looks
