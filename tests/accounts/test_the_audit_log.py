"""A7: every privileged act leaves an entry that says who and from where, and that nobody can change unseen."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts import actions
from accounts.actions import auditing
from accounts.models import AuditEntry, Member, Workspace
from accounts.trail import breaks_of
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
TABLE = "accounts_auditentry"
TRIGGERS = ("audit_is_not_changed", "audit_is_not_deleted")


@pytest.fixture
def log(alice: Member) -> Workspace:
    """Some entries, sealed as they are after each commit."""
    for number in range(3):
        actions.audit(alice.workspace, alice.user, "site.renamed", f"site:{number}", {"name": ["a", "b"]})
    actions.seal_entries(alice.workspace.pk)
    return alice.workspace


def sql(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def places(workspace: Workspace) -> list[int | None]:
    entries = AuditEntry.objects.in_workspace(workspace).order_by("pk")
    return list(entries.values_list("place", flat=True))


def test_every_entry_has_the_next_place(log: Workspace) -> None:
    assert places(log) == [1, 2, 3, 4, 5, 6]
    actions.audit(log, None, "site.renamed", "site:4")
    actions.seal_entries(log.pk)
    actions.seal_entries(log.pk)
    assert places(log)[-2:] == [6, 7]
    assert list(breaks_of(log)) == []


def test_an_entry_is_sealed_once_its_deed_is_committed(
    alice: Member, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        actions.audit(alice.workspace, alice.user, "site.renamed", "site:1")
    assert None not in places(alice.workspace)


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE {TABLE} SET verb = 'nothing'",
        f"UPDATE {TABLE} SET actor_name = 'Bob'",
        f"UPDATE {TABLE} SET changes = '{{}}' WHERE verb = 'site.renamed'",
        f"UPDATE {TABLE} SET place = place + 100",
        f"UPDATE {TABLE} SET seal = ''",
        f"UPDATE {TABLE} SET actor_id = (SELECT user_id FROM accounts_member WHERE role = 'agent')",
        f"DELETE FROM {TABLE}",
    ],
)
def test_the_database_refuses_to_change_it(log: Workspace, statement: str) -> None:
    with pytest.raises(DatabaseError, match="never changed"):
        sql(statement)
    assert list(breaks_of(log)) == []


def tear_down_triggers() -> None:
    for name in TRIGGERS:
        sql(f"DROP TRIGGER {name}" + ("" if connection.vendor == "sqlite" else f" ON {TABLE}"))


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            f"UPDATE {TABLE} SET verb = 'nothing' WHERE place = 2",
            ["entry 2, nothing, is not what was sealed"],
        ),
        (f"UPDATE {TABLE} SET actor_name = 'Bob' WHERE place = 4", ["entry 4, site.renamed, is not"]),
        (f"UPDATE {TABLE} SET place = 9 WHERE place = 6", ["entries 6 to 8 are missing"]),
        (f"DELETE FROM {TABLE} WHERE place = 3", ["entries 3 to 3 are missing", "entry 4"]),
        (f"DELETE FROM {TABLE} WHERE place = 1", ["entries 1 to 1 are missing"]),
        (f"DELETE FROM {TABLE} WHERE place = 6", ["the log ends at 5 and was sealed up to 6"]),
    ],
)
def test_whoever_gets_round_the_database_is_found_out(
    log: Workspace, statement: str, told: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    tear_down_triggers()
    sql(statement)
    found = list(breaks_of(log))
    assert all(any(line.startswith(words) for line in found) for words in told), found
    with pytest.raises(CommandError, match="do not hold"):
        call_command("check_audit")
    assert str(log.pk) in capsys.readouterr().out


def test_a_whole_log_is_said_to_be_whole(
    log: Workspace, globex: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("check_audit")
    assert "Every audit log is whole." in capsys.readouterr().out
    assert places(globex) == [1, 2]


def test_the_log_goes_with_its_workspace_alone(log: Workspace, globex: Workspace) -> None:
    log.delete()
    assert not AuditEntry.unscoped.filter(subject__startswith="site:").exists()
    assert AuditEntry.objects.in_workspace(globex).exists()


def test_what_is_over_its_term_goes_and_the_rest_stays_whole(log: Workspace) -> None:
    middle = AuditEntry.objects.in_workspace(log).get(place=4).created_at
    assert actions.forget_entries(log, middle) == 3
    assert places(log) == [4, 5, 6]
    assert list(breaks_of(log)) == []
    with pytest.raises(DatabaseError, match="never changed"):
        sql(f"DELETE FROM {TABLE} WHERE place = 5")
    assert actions.forget_entries(log, timezone.now() + timedelta(days=1)) == 3
    actions.audit(log, None, "site.renamed", "site:1")
    actions.seal_entries(log.pk)
    assert (places(log), list(breaks_of(log))) == ([7], [])


def test_after_four_hundred_days_an_entry_goes_by_itself(
    log: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = timezone.now() + timedelta(days=399)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert auditing.forget_old_entries() == 0
    later += timedelta(days=2)
    assert auditing.forget_old_entries() == 6
    assert places(log) == []


def test_who_acted_is_known_after_they_went(log: Workspace, alice: Member) -> None:
    alice.user.delete()
    entry = AuditEntry.objects.in_workspace(log).get(place=4)
    assert (entry.actor, entry.actor_name) == (None, "Alice")
    assert list(breaks_of(log)) == []


@pytest.mark.parametrize(
    ("address", "cut"),
    [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("junk", "")],
)
def test_an_entry_says_from_which_network_and_which_browser(
    client_of: ClientOf, alice: Member, address: str, cut: str
) -> None:
    browser = client_of(alice)
    answer = browser.post("/console/sites/new", {"name": "Boots"}, REMOTE_ADDR=address)
    assert answer.status_code == 302
    entry = AuditEntry.objects.in_workspace(alice.workspace).get(verb="site.created")
    assert (entry.address, entry.actor_name) == (cut, "Alice")
    assert len(entry.session) == 8
    assert entry.session not in str(browser.session.session_key)
