"""A7: logging in, and failing to, stand in the audit log of each workspace of whoever it is."""

import pytest
from django.test import Client

from accounts import actions
from accounts.audit_log import Asked, page_of
from accounts.models import AuditEntry, Member, Role, Workspace
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def log_in(password: str, email: str = "bob@acme.example") -> None:
    Client().post("/accounts/login/", {"login": email, "password": password}, REMOTE_ADDR="192.0.2.7")


def said(workspace: Workspace) -> list[str]:
    lines, _ = page_of(workspace, Asked(area="user"))
    return [f"{line.who} {line.what} from {line.entry.address}" for line in lines]


def test_a_log_in_is_noted_where_somebody_works(bob: Member, globex: Workspace) -> None:
    actions.add_member(globex, bob.user, Role.VIEWER)
    log_in(PASSWORD)
    assert said(bob.workspace) == said(globex) == ["Bob logged in from 192.0.2.0/24"]


def test_a_wrong_password_is_nobodys_deed(bob: Member) -> None:
    log_in("wrong")
    assert said(bob.workspace) == ["Somebody tried to log in as Bob and failed from 192.0.2.0/24"]
    assert AuditEntry.objects.in_workspace(bob.workspace).get(verb="user.login_failed").actor is None


def test_an_address_that_nobody_has_leaves_nothing(bob: Member) -> None:
    log_in(PASSWORD, "nobody@nowhere.example")
    assert said(bob.workspace) == []
