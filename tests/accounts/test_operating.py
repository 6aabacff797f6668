"""The operator's pages show who is where, and no secret; the audit trail is only read."""

from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.test import Client

from accounts import actions
from accounts.models import AuditEntry, Member, User
from slackapp.models import Installation
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
OURS = ("accounts", "slackapp", "livechat")


@pytest.fixture
def operator(client_of: ClientOf) -> Client:
    return client_of(User.objects.create_superuser("op@threadbell.example", "operators long password"))


def test_the_pages_of_people_open(operator: Client, alice: Member) -> None:
    for model in ("user", "workspace", "member", "agent", "auditentry"):
        assert operator.get(f"/admin/accounts/{model}/?q=a").status_code == 200
    for kind, row in (("user", alice.user), ("workspace", alice.workspace), ("member", alice)):
        page = operator.get(f"/admin/accounts/{kind}/{row.pk}/change/")
        assert page.status_code == 200
        assert alice.user.password not in page.content.decode()


def test_no_page_holds_a_sealed_secret_or_a_password(operator: Client, alice: Member) -> None:
    Installation.objects.create(bot_token="xoxb-planted", app_id="A1", installed_at=datetime.now(UTC))
    for model, pages in admin.site._registry.items():
        if model._meta.app_label not in OURS:
            continue
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        rows = [f"{base}{row.pk}/change/" for row in model._base_manager.all()[:3]]
        for address in [base, *rows]:
            shown = operator.get(address).content.decode()
            assert "xoxb-planted" not in shown, address
            assert "gAAAA" not in shown, address
            assert "md5$" not in shown, address
        assert pages is not None


def test_members_who_are_no_operators_stay_out(alice: Member, client_of: ClientOf) -> None:
    for browser in (Client(), client_of(alice)):
        assert browser.get("/admin/accounts/user/").status_code in (302, 403)


def test_the_operator_logs_in_where_limits_hold(client: Client) -> None:
    answer = client.get("/admin/login/?next=/admin/")
    assert answer["Location"].startswith("/accounts/login/?")


def test_the_audit_trail_cannot_be_changed_there(operator: Client, alice: Member) -> None:
    entry = AuditEntry.unscoped.first()
    assert entry is not None
    page = f"/admin/accounts/auditentry/{entry.pk}/"
    assert operator.get("/admin/accounts/auditentry/add/").status_code == 403
    assert operator.post(f"{page}delete/", {"post": "yes"}).status_code == 403
    assert operator.post(f"{page}change/", {"verb": "nothing"}).status_code == 403


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
