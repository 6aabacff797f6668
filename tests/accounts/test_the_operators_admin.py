"""C12: whoever runs the server finds every row at `/admin/`, sees no secret, and comes in with a second factor."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, Member, User
from accounts.operator_site import is_secret
from tests.accounts.factors import code_of, with_app
from tests.accounts.operators import an_operator, operators_browser, shows_factor
from tests.conftest import PASSWORD, ClientOf, person
from tests.security.filling import Rows, everything, our_models

pytestmark = pytest.mark.django_db
SECRET = "canary-that-opens-doors"


@pytest.fixture
def operator(client_of: ClientOf) -> Client:
    return operators_browser(client_of)


@pytest.fixture
def rows(alice: Member) -> Rows:
    """One of every kind; what is secret holds the canary."""
    made = everything("plain", [alice.workspace, alice.user, alice, alice.agent])
    for model, row in made.rows.items():
        secret = {field.name: SECRET for field in model._meta.concrete_fields if is_secret(field)}
        for name, value in secret.items():
            setattr(row, name, value)
        if secret:
            row.save(update_fields=list(secret))
    return made


def list_of(model: type[Model]) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def test_what_is_secret_is_known_by_its_name_or_its_kind() -> None:
    found = {
        f"{model.__name__}.{one.name}"
        for model in our_models()
        for one in model._meta.fields
        if is_secret(one)
    }
    assert {"Installation.bot_token", "User.password", "Visitor.token_hash", "Invitation.link_hash"} <= found


def test_no_page_shows_what_is_secret(operator: Client, rows: Rows, alice: Member) -> None:
    Authenticator.objects.create(user=alice.user, type="totp", data={"secret": SECRET})
    UserSession.objects.create(user=alice.user, session_key=SECRET, ip="192.0.2.77", user_agent="Firefox")
    shown = 0
    for model in admin.site._registry:
        row = model._default_manager.order_by("pk").last()
        assert row is not None, model
        for address in (list_of(model), f"{list_of(model)}{row.pk}/change/", f"{list_of(model)}?q=plain"):
            page = operator.get(address)
            assert page.status_code == 200, address
            assert SECRET not in page.content.decode(), address
            shown += 1
    assert shown >= 3 * len(our_models())


def test_nothing_is_added_or_deleted_there_and_of_accounts_alone_something_is_changed(
    operator: Client, rows: Rows
) -> None:
    for model in admin.site._registry:
        base, row = list_of(model), model._default_manager.order_by("pk").last()
        if row is None:
            continue
        assert operator.get(f"{base}add/").status_code == 403, model
        assert operator.post(f"{base}{row.pk}/delete/", {"post": "yes"}).status_code == 403, model
        if model is not User:
            assert operator.post(f"{base}{row.pk}/change/", {"name": "x"}).status_code == 403, model


def test_a_list_reads_its_rows_at_once_and_counts_none_to_the_end(operator: Client, rows: Rows) -> None:
    """Two rows are read one by one: the session and the operator."""
    for model in our_models():
        with CaptureQueriesContext(connection) as asked:
            assert operator.get(list_of(model)).status_code == 200
        one_by_one = [one["sql"] for one in asked if "LIMIT 21" in one["sql"]]
        assert len(one_by_one) == 2, (model, one_by_one)
        assert not [one["sql"] for one in asked if "COUNT(*)" in one["sql"]], model


def test_only_superusers_come_in(alice: Member, client_of: ClientOf) -> None:
    staff = person("Sten", "sten@threadbell.example")
    User.objects.filter(pk=staff.pk).update(is_staff=True)
    for who in (alice.user, User.objects.get(pk=staff.pk)):
        with_app(who)
        browser = client_of(who)
        shows_factor(browser)
        answer = browser.get("/admin/accounts/user/", follow=True)
        assert answer.status_code == 403
        assert "whoever runs the server" in answer.content.decode()


def test_who_is_switched_off_is_out_at_once(operator: Client) -> None:
    User.objects.filter(is_superuser=True).update(is_active=False)
    assert operator.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/accounts/login/")


def test_without_a_second_factor_the_operator_is_led_to_set_one_up(client_of: ClientOf) -> None:
    browser = client_of(an_operator())
    answer = browser.get("/admin/accounts/user/", follow=True)
    assert answer.redirect_chain[-1][0] == "/console/account/security"
    assert "want a second factor" in answer.content.decode()


def test_a_session_that_never_showed_the_factor_is_asked_for_it(client_of: ClientOf) -> None:
    olga = an_operator()
    secret = with_app(olga)
    browser = client_of(olga)
    asked = browser.get("/admin/accounts/user/", follow=True)
    assert asked.redirect_chain[-1][0].startswith("/accounts/2fa/reauthenticate/")
    done = browser.post(asked.redirect_chain[-1][0], {"code": code_of(secret)}, follow=True)
    assert done.redirect_chain[-1][0] == "/admin/accounts/user/"
    assert done.status_code == 200


def test_logging_in_with_the_factor_leads_there(client: Client) -> None:
    secret = with_app(an_operator())
    start = client.get("/admin/", follow=True).redirect_chain[-1][0]
    assert start.startswith("/accounts/login/")
    code = client.post(start, {"login": "olga@threadbell.example", "password": PASSWORD}, follow=True)
    done = client.post(code.redirect_chain[-1][0], {"code": code_of(secret)}, follow=True)
    assert done.redirect_chain[-1][0] == "/admin/"
    assert done.status_code == 200


def test_an_account_that_is_switched_off_logs_nobody_in_and_its_workspaces_read_of_it(
    operator: Client, alice: Member, mallory: Member, client_of: ClientOf
) -> None:
    hers = client_of(alice)
    page = f"/admin/accounts/user/{alice.user_id}/change/"
    assert operator.post(page, {}).status_code == 302
    assert not User.objects.get(pk=alice.user_id).is_active
    assert hers.get("/console/chats").status_code == 302
    operator.post(page, {})
    operator.post(page, {"is_active": "on"})
    told = AuditEntry.objects.in_workspace(alice.workspace).filter(verb__in=["user.shut_out", "user.let_in"])
    assert [(one.verb, one.actor_name) for one in told.order_by("pk")] == [
        ("user.shut_out", "Olga"), ("user.let_in", "Olga"),
    ]  # fmt: skip
    assert not AuditEntry.objects.in_workspace(mallory.workspace).filter(actor_name="Olga").exists()


def test_no_operator_shuts_themselves_out(operator: Client) -> None:
    olga = User.objects.get(is_superuser=True)
    assert operator.post(f"/admin/accounts/user/{olga.pk}/change/", {}).status_code == 403
    assert User.objects.get(pk=olga.pk).is_active


def test_a_page_of_the_admin_leads_nowhere_else(client_of: ClientOf, operator: Client) -> None:
    answer = operator.get("/admin/login/?next=https://evil.example/")
    assert answer["Location"] == "/admin/"
