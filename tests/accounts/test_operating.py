"""C12: the operator's pages open for operators alone; the audit trail is never written over."""

import pytest
from django.test import Client

from accounts import actions
from accounts.models import AuditEntry, Member
from tests.accounts.operators import operators_browser
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client_of: ClientOf) -> Client:
    return operators_browser(client_of)


def test_the_pages_of_people_open(operator: Client, alice: Member) -> None:
    for model in ("user", "workspace", "member", "agent", "auditentry"):
        assert operator.get(f"/admin/accounts/{model}/?q=a").status_code == 200
    for kind, row in (("user", alice.user), ("workspace", alice.workspace), ("member", alice)):
        page = operator.get(f"/admin/accounts/{kind}/{row.pk}/change/")
        assert page.status_code == 200
        assert alice.user.password not in page.content.decode()


def test_members_who_are_no_operators_stay_out(alice: Member, client_of: ClientOf) -> None:
    for browser in (Client(), client_of(alice)):
        assert browser.get("/admin/accounts/user/").status_code in (302, 403)


def test_the_operator_logs_in_where_limits_hold(client: Client) -> None:
    answer = client.get("/admin/login/?next=/admin/")
    assert answer["Location"].startswith("/accounts/login/?")


def test_an_audit_entry_is_never_written_over(alice: Member) -> None:
    entry = AuditEntry.unscoped.filter(verb="workspace.created").get()
    entry.verb = "nothing"
    with pytest.raises(TypeError, match="never changed"):
        entry.save()
    with pytest.raises(TypeError, match="never changed"):
        entry.delete()


def test_an_audit_entry_outlives_the_person(alice: Member) -> None:
    workspace = alice.workspace
    actions.audit(workspace, alice.user, "site.renamed", "site:1")
    alice.user.delete()
    assert AuditEntry.objects.in_workspace(workspace).get(verb="site.renamed").actor is None
