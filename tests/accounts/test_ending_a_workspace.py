"""C10: a workspace is deleted: closed at once, undone within thirty days or gone for good."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from django.db import connection as connection_of_tests
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from accounts.actions import ending as acts
from accounts.errors import NotFound, Refused
from accounts.models import AuditChain, AuditEntry, Member, Workspace
from livechat import access, console_socket, ending, removal
from livechat.actions import exports, searching
from livechat.exports import jobs
from livechat.models import Attachment, ChatSession, Site, Visitor
from slackapp.models import Connection, Installation
from tests import cast
from tests.conftest import ClientOf, prove

PLANTED = "Zebrafish"
Travel = Callable[[float], None]


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Travel:
    """So many days on from where one is."""
    true_now, gone = timezone.now, timedelta()

    def go(days: float) -> None:
        nonlocal gone
        gone += timedelta(days=days)
        monkeypatch.setattr(timezone, "now", lambda: true_now() + gone)

    return go


@pytest.fixture
def shop(alice: Member) -> Site:
    """Acme with a word of its own in whatever a person may write, two chats and files."""
    acts.rename_workspace(alice, f"{PLANTED} Ltd")
    site = cast.shop_of(alice, f"{PLANTED} Shop")
    for text in (f"{PLANTED} one", f"{PLANTED} two"):
        claim = cast.newcomer(site)
        cast.say_with(claim, cast.uploaded(claim, f"{PLANTED}.txt", PLANTED.encode()), text=text)
        Visitor.unscoped.filter(pk=claim.visitor_id).update(name=PLANTED)
    cast.uploaded(cast.newcomer(site), f"{PLANTED} not sent.txt")
    return site


@pytest.fixture
def connection(shop: Site) -> Connection:
    installation = Installation.objects.create(
        slack_team_id="T0ACME", app_id="A0", bot_token="xoxb-1", bot_user_id="U0BOT", bot_id="B0",
        installed_by_slack_user_id="U0", installed_at=timezone.now(),
    )  # fmt: skip
    return Connection.unscoped.create(
        workspace=shop.workspace, site=shop, installation=installation, channel_id="C1",
        channel_name=PLANTED.lower(), state=Connection.State.READY,
    )  # fmt: skip


def tables_with(word: str) -> set[str]:
    """Every table of the database in which some row holds it, in whatever column; the index of words too."""
    with connection_of_tests.cursor() as cursor:
        tables = connection_of_tests.introspection.table_names(cursor)
        return {table for table in tables if word.lower() in _all_of(cursor, table).lower()}


def _all_of(cursor: CursorWrapper, table: str) -> str:
    cursor.execute(f'SELECT * FROM "{table}"')
    return repr(cursor.fetchall())


def test_it_is_closed_for_everybody_at_once(
    alice: Member, bob: Member, shop: Site, connection: Connection, client_of: ClientOf
) -> None:
    owner = client_of(alice)
    assert "Nothing was deleted" in owner.post("/console/settings/delete", {"word": "acme"}).content.decode()
    owner.post("/console/settings/delete", {"word": f"{PLANTED} ltd "})
    ending.work()
    shown = owner.get("/console/chats")
    assert (shown.status_code, "Undo, keep the workspace" in shown.content.decode()) == (403, True)
    refused = client_of(bob).get("/console/chats")
    assert (refused.status_code, "Undo" in refused.content.decode()) == (403, False)
    with pytest.raises(Refused) as refusal:
        access.site_by_public_token(shop.public_token)
    assert refusal.value.code == "unknown_site"
    with pytest.raises(NotFound):
        access.stored_file(Attachment.unscoped.first().pk)  # type: ignore[union-attr]
    with pytest.raises(NotFound):
        console_socket._enter(bob.user, None)
    connection.refresh_from_db()
    assert connection.state == Connection.State.DISCONNECTED
    assert connection.installation is not None
    assert connection.installation.farewell_at is None, "with the key the app's posts are deleted in the end"
    acts.undo_ending(alice)
    connection.installation.refresh_from_db()
    assert connection.installation.farewell_at is not None


def test_an_owner_undoes_it(alice: Member, bob: Member, shop: Site, client_of: ClientOf) -> None:
    acts.begin_ending(alice)
    assert client_of(bob).post("/console/settings/undo").status_code == 403
    kept = client_of(alice).post("/console/settings/undo", follow=True).content.decode()
    assert "The workspace stays" in kept
    ending.work()
    assert access.site_by_public_token(shop.public_token) == shop
    verbs = AuditEntry.objects.in_workspace(alice.workspace).values_list("verb", flat=True)
    assert {"workspace.end_begun", "workspace.end_undone"} <= set(verbs)


def test_a_sweep_that_read_the_end_before_it_was_undone_erases_nothing(
    alice: Member, shop: Site, travel: Travel
) -> None:
    read_before = acts.begin_ending(alice)
    acts.undo_ending(alice)
    travel(31)
    assert not ending.erase_some(read_before)
    acts.begin_ending(alice)
    assert not ending.erase_some(read_before), "another end, which has not come"
    assert Visitor.unscoped.count() == ChatSession.unscoped.count() == 2


def test_owners_hear_of_it_at_once_and_three_days_before(
    alice: Member, bob: Member, shop: Site, travel: Travel
) -> None:
    acts.begin_ending(alice)
    for days in (0, 10, 16.9):
        travel(days)
        ending.work()
    assert [(sent.to, "three days" in sent.subject) for sent in mail.outbox] == [
        (["alice@acme.example"], False)
    ]
    travel(0.2)
    for _ in range(2):
        ending.work()
    assert ["three days" in sent.subject for sent in mail.outbox] == [False, True]
    assert Workspace.objects.filter(pk=alice.workspace_id).exists()


def test_in_the_end_nothing_of_it_is_in_any_table_and_its_files_are_gone(
    alice: Member, bob: Member, mallory: Member, shop: Site, connection: Connection, travel: Travel
) -> None:
    stranger = cast.newcomer(cast.shop_of(mallory, "Globex Shop"))
    cast.say_with(stranger, cast.uploaded(stranger), text="Globex words")
    exports.ask(alice)
    jobs.work()
    keys = list(Attachment.unscoped.exclude(site__name="Globex Shop").values_list("storage_key", flat=True))
    searching.index_due()
    assert len(tables_with(PLANTED)) > 6
    acts.begin_ending(alice)
    ending.work()
    travel(30.1)
    ending.work()
    removal.remove_leftovers()
    searching.index_due()
    assert tables_with(PLANTED) == set()
    assert tables_with(str(alice.workspace_id)) == tables_with(alice.workspace_id.hex) == set()
    assert [key for key in keys if default_storage.exists(key)] == []
    assert cast.lines_of(cast.chat_of(stranger)) == ["Globex words"]
    assert AuditChain.unscoped.filter(workspace=mallory.workspace).exists()
    assert {alice.user.email, bob.user.email} <= set(type(alice.user).objects.values_list("email", flat=True))


def test_it_can_be_killed_after_every_step(
    alice: Member, shop: Site, travel: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts.begin_ending(alice)
    travel(30.1)
    workspace = Workspace.objects.get(pk=alice.workspace_id)
    monkeypatch.setattr("livechat.actions.ending.AT_ONCE", 1)
    rounds = 0
    while ending.erase_some(workspace):
        rounds += 1
    assert rounds > 2
    assert not Workspace.objects.filter(pk=workspace.pk).exists()
    assert ending.erase_some(workspace) is False


def test_nothing_goes_that_was_undone_meanwhile(alice: Member, shop: Site, travel: Travel) -> None:
    stale = acts.begin_ending(alice)
    acts.undo_ending(alice)
    travel(31)
    acts.forget_workspace(stale)
    assert Workspace.objects.filter(pk=stale.pk).exists()


def test_once_it_goes_it_cannot_be_undone(alice: Member, travel: Travel) -> None:
    acts.begin_ending(alice)
    travel(30.1)
    with pytest.raises(Refused) as refusal:
        acts.undo_ending(alice)
    assert refusal.value.code == "too_late"


def test_only_owners_who_have_just_shown_who_they_are(
    alice: Member, bob: Member, client_of: ClientOf
) -> None:
    assert client_of(bob).post("/console/settings/delete", {"word": "acme"}).status_code == 403
    browser = client_of(alice)
    prove(browser, alice.user, ago=16 * 60)
    assert "reauthenticate" in browser.post("/console/settings/delete", {"word": "acme"})["Location"]
    alice.workspace.refresh_from_db()
    assert not alice.workspace.is_ending


def test_an_owner_gives_it_another_name(alice: Member, bob: Member, client_of: ClientOf) -> None:
    assert (
        "The name is saved"
        in client_of(alice)
        .post("/console/settings/name", {"name": " Acme Boots "}, follow=True)
        .content.decode()
    )
    alice.workspace.refresh_from_db()
    assert alice.workspace.name == "Acme Boots"
    assert client_of(alice).post("/console/settings/name", {"name": "  "}).status_code == 422
    assert client_of(bob).post("/console/settings/name", {"name": "Bob’s"}).status_code == 403
