"""A6: an authenticator app as a second factor, its recovery codes, and what its secret looks like at rest (B6-B9)."""

import json
import time

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts import keyring
from accounts.factor_adapter import PLACE, FactorAdapter
from accounts.fields import SealBroken
from accounts.models import AuditEntry, Member
from tests.accounts.factors import ACTIVATE, code_of, set_up_app, with_app
from tests.conftest import PASSWORD, ClientOf, prove

pytestmark = pytest.mark.django_db(transaction=True)
STEP = "/accounts/2fa/authenticate/"


def log_in(browser: Client) -> str:
    fields = {"login": "alice@acme.example", "password": PASSWORD}
    return str(browser.post("/accounts/login/", fields)["Location"])


def is_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        return json.dumps(cursor.fetchall(), default=str)


def test_setting_it_up_shows_the_recovery_codes_once(alice: Member, client_of: ClientOf) -> None:
    browser = client_of(alice)
    assert "data:image/svg+xml;base64," in browser.get(ACTIVATE).content.decode()
    _, codes = set_up_app(browser)
    assert len(set(codes)) == 10
    again = browser.get("/accounts/2fa/recovery-codes/").content.decode()
    assert "shown no more" in again
    assert not any(code in again for code in codes)
    assert browser.get("/accounts/2fa/recovery-codes/download/").status_code == 403
    assert ["alice@acme.example"] in [message.to for message in mail.outbox]
    verbs = set(AuditEntry.objects.in_workspace(alice.workspace).values_list("verb", flat=True))
    assert {"sign_in.app_added", "sign_in.codes_made"} <= verbs


def test_the_password_alone_no_longer_logs_in(alice: Member) -> None:
    secret, browser = with_app(alice.user), Client()
    assert log_in(browser) == STEP
    assert not is_in(browser)
    assert browser.get("/console/").status_code == 302
    assert "This code is not right" in browser.post(STEP, {"code": "000000"}).content.decode()
    assert browser.post(STEP, {"code": code_of(secret)})["Location"] == "/console/"
    assert is_in(browser)


def test_a_code_counts_once(alice: Member) -> None:
    secret = with_app(alice.user)
    code = code_of(secret)
    first, second = Client(), Client()
    for browser in (first, second):
        log_in(browser)
        browser.post(STEP, {"code": code})
    assert (is_in(first), is_in(second)) == (True, False)


def test_the_code_of_a_minute_ago_does_not_count(alice: Member) -> None:
    secret, browser = with_app(alice.user), Client()
    log_in(browser)
    browser.post(STEP, {"code": code_of(secret, time.time() - 60)})
    assert not is_in(browser)


def test_the_sixth_guess_of_a_code_is_refused_even_if_it_is_right(alice: Member) -> None:
    secret, browser = with_app(alice.user), Client()
    log_in(browser)
    for _ in range(5):
        browser.post(STEP, {"code": "000000"})
    browser.post(STEP, {"code": code_of(secret)})
    assert not is_in(browser)


def test_a_recovery_code_logs_in_once(alice: Member, client_of: ClientOf) -> None:
    _, codes = set_up_app(client_of(alice))
    first, second = Client(), Client()
    for browser in (first, second):
        log_in(browser)
        browser.post(STEP, {"code": codes[0]})
    assert (is_in(first), is_in(second)) == (True, False)


def test_no_row_holds_a_secret_that_can_be_read(alice: Member, client_of: ClientOf) -> None:
    secret, codes = set_up_app(client_of(alice))
    rows = stored()
    assert rows.count("gAAAA") == 2
    assert secret not in rows
    assert not any(code in rows for code in codes)
    assert all(FactorAdapter().decrypt(one.data.get("secret") or one.data["seed"]) for one in rows_of(alice))


def rows_of(member: Member) -> list[Authenticator]:
    return list(Authenticator.objects.filter(user=member.user))


@pytest.mark.parametrize("sealed", ["JBSWY3DPEHPK3PXP", keyring.seal("slackapp.installation.token:1\nxoxb")])
def test_a_secret_that_was_not_sealed_for_this_opens_nothing(sealed: str) -> None:
    with pytest.raises(SealBroken):
        FactorAdapter().decrypt(sealed)
    assert FactorAdapter().decrypt(keyring.seal(f"{PLACE}\nABC")) == "ABC"


def test_setting_it_up_and_removing_it_end_the_other_sessions(alice: Member) -> None:
    here, there = Client(), Client()
    for browser in (here, there):
        log_in(browser)
    secret, _ = set_up_app(here)
    assert (is_in(here), there.get("/console/").status_code) == (True, 302)
    log_in(there)
    there.post(STEP, {"code": code_of(secret)})
    here.post("/accounts/2fa/totp/deactivate/")
    assert there.get("/console/").status_code == 302
    assert rows_of(alice) == []


def test_a_borrowed_session_changes_nothing_of_it(alice: Member, client_of: ClientOf) -> None:
    browser = client_of(alice)
    prove(browser, alice.user, ago=3600)
    paths = [ACTIVATE, "/accounts/2fa/webauthn/add/"]
    assert all(is_asked(browser, path) for path in paths)
    assert rows_of(alice) == []
    prove(browser, alice.user)
    set_up_app(browser)
    prove(browser, alice.user, ago=3600)
    before = stored()
    paths = ["/accounts/2fa/totp/deactivate/", "/accounts/2fa/recovery-codes/generate/"]
    assert all(is_asked(browser, path) for path in paths)
    assert "/reauthenticate/" in browser.get("/accounts/2fa/recovery-codes/")["Location"]
    assert stored() == before


def is_asked(browser: Client, path: str) -> bool:
    answers = browser.get(path), browser.post(path, {"code": "123456"})
    return all("/reauthenticate/" in answer["Location"] for answer in answers)


def test_the_app_proves_who_it_is_as_well(alice: Member, client_of: ClientOf) -> None:
    secret, browser = with_app(alice.user), client_of(alice)
    prove(browser, alice.user, ago=3600)
    asked = browser.get("/accounts/2fa/totp/deactivate/")["Location"]
    assert "/accounts/2fa/reauthenticate/" in browser.get(asked).content.decode()
    browser.post("/accounts/2fa/reauthenticate/", {"code": code_of(secret), "next": "/console/"})
    assert browser.get("/accounts/2fa/totp/deactivate/").status_code == 200


def test_a_code_that_always_works_cannot_be_configured(alice: Member, settings: Settings) -> None:
    with_app(alice.user)
    settings.MFA_TOTP_INSECURE_BYPASS_CODE = "111111"
    browser = Client()
    log_in(browser)
    with pytest.raises(ImproperlyConfigured):
        browser.post(STEP, {"code": "111111"})


def test_a_person_of_no_workspace_has_an_account_page_too(client_of: ClientOf, alice: Member) -> None:
    browser = client_of(alice)
    Member.unscoped.filter(pk=alice.pk).delete()
    for page in ("", "/security", "/sessions"):
        assert "Your account" in browser.get(f"/console/account{page}").content.decode()
