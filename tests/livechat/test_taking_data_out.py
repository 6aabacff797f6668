"""C10, L2: a workspace's data, or one visitor's, in a file that is there for a day."""

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
import requests
from django.apps import apps
from django.core import mail
from django.core.files.storage import default_storage
from django.db.models import Q
from django.test import Client
from django.utils import timezone

from accounts import personal
from accounts.errors import Refused
from accounts.models import AuditEntry, Member
from livechat import removal
from livechat.actions import exports
from livechat.actions.erasure import erase_visitor
from livechat.exports import jobs, links, writing
from livechat.exports.tables import path_of
from livechat.files import store
from livechat.models import Export, Site, StorageOrphan, Visitor
from slackapp.models import Connection, Installation
from tests import cast
from tests.conftest import ClientOf, prove
from tests.serving import Served

DATA = "/console/settings/data"
TOKEN = "xoxb-never-in-a-file"


@pytest.fixture
def shop(alice: Member) -> Site:
    site = cast.shop_of(alice)
    installation = Installation.objects.create(
        slack_team_id="T0ACME", app_id="A0", bot_token=TOKEN, bot_user_id="U0BOT", bot_id="B0",
        installed_by_slack_user_id="U0", installed_at=timezone.now(),
    )  # fmt: skip
    Connection.unscoped.create(
        workspace=site.workspace, site=site, installation=installation, channel_name="acme-chats"
    )
    return site


@pytest.fixture
def visitor(shop: Site) -> Visitor:
    """Ana wrote, with a file."""
    claim = cast.newcomer(shop)
    cast.say_with(claim, cast.uploaded(claim, "boots.txt", b"red boots"), text="Zebrafish")
    Visitor.unscoped.filter(pk=claim.visitor_id).update(name="Ana", email="ana@mail.example")
    return Visitor.unscoped.get(pk=claim.visitor_id)


def made(export: Export) -> zipfile.ZipFile:
    jobs.work()
    export.refresh_from_db()
    assert export.state == "ready"
    with store.open_stored(export.storage_key) as content:
        return zipfile.ZipFile(io.BytesIO(content.read()))


def rows(archive: zipfile.ZipFile, table: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in archive.read(f"{table}.ndjson").decode().splitlines()]


def everything_in(archive: zipfile.ZipFile) -> str:
    return "\n".join(archive.read(name).decode() for name in archive.namelist())


def test_whatever_is_personal_is_exported_or_says_why_not() -> None:
    tells = {label for label, words in personal.TABLE.items() if words.personal}
    reached = {label for label in tells if path_of(apps.get_model(label))}
    assert tells - reached == set(personal.NOT_A_WORKSPACES)


def test_everything_of_the_workspace_and_nothing_of_another(
    alice: Member, mallory: Member, visitor: Visitor
) -> None:
    stranger = cast.newcomer(cast.shop_of(mallory, "Globex Shop"))
    cast.say_with(stranger, cast.uploaded(stranger, content=b"Globex file"), text="Globex words")
    archive = made(exports.ask(alice))
    [row] = rows(archive, "livechat_visitor")
    assert (row["name"], row["email"]) == ("Ana", "ana@mail.example")
    assert "token_hash" not in row
    assert [line["body"] for line in rows(archive, "livechat_message")] == ["Zebrafish"]
    [file] = rows(archive, "livechat_attachment")
    assert archive.read(f"files/{file['id']}/boots.txt") == b"red boots"
    assert {user["email"] for user in rows(archive, "accounts_user")} == {
        "alice@acme.example",
        "bob@acme.example",
    }
    [connection] = rows(archive, "slackapp_connection")
    assert connection["channel_name"] == "acme-chats"
    words = everything_in(archive)
    assert not [secret for secret in (TOKEN, visitor.token_hash, alice.user.password) if secret in words]
    assert not [word for word in ("Globex", "Mallory", "mallory") if word in words]


def test_every_personal_column_is_in_the_file(alice: Member, visitor: Visitor) -> None:
    archive = made(exports.ask(alice))
    for table, label in (("accounts_agent", "accounts.Agent"), ("livechat_visitor", "livechat.Visitor"),
                         ("livechat_chatsession", "livechat.ChatSession"), ("livechat_message", "livechat.Message"),
                         ("accounts_auditentry", "accounts.AuditEntry")):  # fmt: skip
        assert personal.TABLE[label].personal <= set(rows(archive, table)[0]), table


def test_one_visitors_data_holds_nothing_of_another_visitor(
    alice: Member, shop: Site, visitor: Visitor
) -> None:
    cast.say(cast.newcomer(shop), "Somebody else’s words")
    archive = made(exports.ask(alice, visitor))
    words = everything_in(archive)
    assert "Zebrafish" in words
    assert "red boots" in words
    assert "Somebody else" not in words
    assert "bob@acme.example" not in words


def test_it_survives_whoever_makes_it(
    alice: Member, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = exports.ask(alice)

    class Killed(BaseException):
        pass

    def die(*about: object) -> Iterator[int]:
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(writing, "_write_file", die)
        with pytest.raises(Killed):
            jobs.work()
    assert not jobs.is_any_due()
    Export.unscoped.update(try_at=timezone.now())
    assert "livechat_message.ndjson" in made(export).namelist()
    assert len(mail.outbox) == 1


def test_an_export_that_always_breaks_says_so_in_the_end(
    alice: Member, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*about: object) -> None:
        raise OSError("disk full")

    export = exports.ask(alice)
    monkeypatch.setattr(store, "put", fail)
    for _ in range(exports.MOST_TRIES):
        Export.unscoped.update(try_at=timezone.now())
        jobs.work()
    export.refresh_from_db()
    assert (export.state, export.problem) == ("failed", exports.FAILED)
    StorageOrphan.objects.update(remove_after=timezone.now())
    removal.remove_leftovers()
    assert not StorageOrphan.objects.exists()


def test_two_at_a_time(alice: Member) -> None:
    exports.ask(alice)
    exports.ask(alice)
    with pytest.raises(Refused) as refusal:
        exports.ask(alice)
    assert refusal.value.sentence == exports.TOO_MANY


def test_after_a_day_the_file_is_gone(alice: Member, visitor: Visitor) -> None:
    export = exports.ask(alice)
    made(export)
    Export.unscoped.update(expires_at=timezone.now() - timedelta(seconds=1))
    jobs.work()
    removal.remove_leftovers()
    with pytest.raises(FileNotFoundError):
        store.open_stored(export.storage_key)


def test_who_is_erased_is_in_no_file_any_more(alice: Member, visitor: Visitor) -> None:
    whole, own = exports.ask(alice), exports.ask(alice, visitor)
    made(whole)
    own.refresh_from_db()
    keys = [Export.unscoped.get(pk=export.pk).storage_key for export in (whole, own)]
    erase_visitor(alice, visitor.pk)
    removal.remove_leftovers()
    whole.refresh_from_db()
    assert whole.state == "gone"
    assert not Export.unscoped.filter(pk=own.pk).exists()
    assert not [key for key in keys if not key or default_storage.exists(key)]


def test_what_was_being_made_while_somebody_was_erased_is_made_anew(alice: Member, visitor: Visitor) -> None:
    export = exports.ask(alice)
    assert exports.take(export)
    erase_visitor(alice, visitor.pk)
    with pytest.raises(exports.Lost):
        exports.finish(export, "aa/bb", 1)
    assert "Zebrafish" not in everything_in(made(export))


def test_one_that_is_finished_while_somebody_is_erased_is_not_left(
    alice: Member, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    export, let_go = exports.ask(alice), exports._let_go
    assert exports.take(export)

    def finish_at_that_moment(which: Q) -> None:
        let_go(which)
        with suppress(exports.Lost):
            exports.finish(export, "aa/bb", 1)

    monkeypatch.setattr(exports, "_let_go", finish_at_that_moment)
    erase_visitor(alice, visitor.pk)
    export.refresh_from_db()
    assert (export.state, export.storage_key) == ("waiting", "")


def test_an_owner_asks_and_fetches(alice: Member, visitor: Visitor, client_of: ClientOf) -> None:
    browser = client_of(alice)
    assert "being made" in browser.post(f"{DATA}/exports", follow=True).content.decode()
    export = Export.unscoped.get()
    page = links.page(export)
    assert "Being made" in browser.get(f"{DATA}/exports/list").content.decode()
    made(export)
    assert mail.outbox[0].to == ["alice@acme.example"]
    assert links.page(export) in mail.outbox[0].body
    shown = browser.get(page[page.index("/console") :]).content.decode()
    assert links.file(export).partition("?")[0] in shown
    assert browser.get(f"{DATA}/exports/{export.pk}?key=guessed").status_code == 404
    verbs = set(AuditEntry.objects.in_workspace(alice.workspace).values_list("verb", flat=True))
    assert {"data.export_asked", "data.export_fetched"} <= verbs


def test_whoever_has_not_shown_lately_who_they_are_is_asked(
    alice: Member, visitor: Visitor, client_of: ClientOf
) -> None:
    browser = client_of(alice)
    prove(browser, alice.user, ago=16 * 60)
    asked = browser.post(f"{DATA}/exports")
    assert "/accounts/reauthenticate/" in asked["Location"]
    assert not Export.unscoped.exists()


def test_others_may_not(
    alice: Member, bob: Member, mallory: Member, visitor: Visitor, client_of: ClientOf
) -> None:
    export = exports.ask(alice)
    made(export)
    page = links.page(export)
    page = page[page.index("/console") :]
    assert client_of(bob).get(page).status_code == 403
    assert client_of(bob).post(f"{DATA}/exports").status_code == 403
    assert client_of(mallory).get(page).status_code == 404
    assert Client().get(page)["Location"].startswith("/accounts/login/")
    chat = visitor.chats.get()
    assert client_of(mallory).post(f"/console/chats/{chat.pk}/export-visitor").status_code == 404
    assert client_of(bob).post(f"/console/chats/{chat.pk}/export-visitor").status_code == 403
    asked = client_of(alice).post(f"/console/chats/{chat.pk}/export-visitor")
    assert str(Export.unscoped.get(visitor=visitor).pk) in asked["Location"]


def test_the_door_gives_it_to_a_link_that_we_signed(server: Served, alice: Member, visitor: Visitor) -> None:
    export = exports.ask(alice)
    made(export)
    path = links.file(export)
    path = path[path.index("/files") :]
    answer = requests.get(server.url + path, timeout=10)
    assert answer.status_code == 200
    assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None
    assert answer.headers["content-disposition"].endswith('.zip"')
    assert requests.get(server.url + path[:-1] + "x", timeout=10).status_code == 404
    assert requests.get(server.url + path.replace("until=", "until=1"), timeout=10).status_code == 404
    Export.unscoped.update(state="gone")
    assert requests.get(server.url + path, timeout=10).status_code == 410
