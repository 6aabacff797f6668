"""Logging in, guessing passwords, and getting a lost one back (B1, B3, B11)."""

import re

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from accounts.models import Member
from tests.conftest import PASSWORD, ClientOf

pytestmark = pytest.mark.django_db
ALICE = "alice@acme.example"
WRONG = "wrong password of mine"


def log_in(browser: Client, email: str = ALICE, password: str = PASSWORD, **headers: str) -> int:
    return browser.post(
        "/accounts/login/", {"login": email, "password": password}, headers=headers
    ).status_code


def is_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def test_the_right_password_opens_the_console(client: Client, alice: Member) -> None:
    answer = client.post("/accounts/login/", {"login": "Alice@ACME.example", "password": PASSWORD})
    assert answer["Location"] == "/console/"
    assert is_in(client)


def test_a_log_in_starts_a_new_session(client: Client, alice: Member) -> None:
    client.session.save()
    before = client.session.session_key
    log_in(client)
    assert client.session.session_key != before


def test_a_wrong_password_and_an_unknown_address_look_the_same(alice: Member) -> None:
    def answer(email: str) -> str:
        page = Client().post("/accounts/login/", {"login": email, "password": WRONG}).content.decode()
        return re.sub(r'value="[^"]*"|nonce="[^"]*"', "", page).replace(email, "")

    assert answer(ALICE) == answer("nobody@acme.example")


def test_the_sixth_guess_is_refused_even_if_it_is_right(client: Client, alice: Member) -> None:
    for _ in range(5):
        log_in(client, password=WRONG)
    log_in(client)
    assert not is_in(client)


def test_another_address_does_not_help_against_one_account(alice: Member, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.0/8"]
    for number in range(5):
        log_in(Client(), password=WRONG, **{"X-Forwarded-For": f"203.0.113.{number}"})
    last = Client()
    log_in(last, **{"X-Forwarded-For": "203.0.113.99"})
    assert not is_in(last)


def test_a_made_up_forwarded_address_is_ignored(alice: Member) -> None:
    answers = [
        log_in(Client(), f"{n}@x.example", WRONG, **{"X-Forwarded-For": f"203.0.113.{n}"}) for n in range(31)
    ]
    assert answers[-1] == 429


def test_an_account_switched_off_stays_out(client: Client, alice: Member) -> None:
    alice.user.is_active = False
    alice.user.save()
    log_in(client)
    assert not is_in(client)


def test_a_session_ends_when_the_account_is_switched_off(alice: Member, client_of: ClientOf) -> None:
    browser = client_of(alice)
    alice.user.is_active = False
    alice.user.save()
    assert browser.get("/console/").status_code == 302


def test_logging_out_takes_a_post(alice: Member, client_of: ClientOf) -> None:
    browser = client_of(alice)
    browser.get("/accounts/logout/")
    assert is_in(browser)
    browser.post("/accounts/logout/")
    assert not is_in(browser)


def test_forms_without_their_token_are_refused(alice: Member) -> None:
    strict = Client(enforce_csrf_checks=True)
    for path in ("login", "signup", "logout", "password/reset"):
        assert strict.post(f"/accounts/{path}/", {"login": ALICE, "password": PASSWORD}).status_code == 403


def test_a_lost_password_is_replaced_and_other_sessions_end(alice: Member, client_of: ClientOf) -> None:
    elsewhere, browser = client_of(alice), Client()
    browser.post("/accounts/password/reset/", {"email": ALICE})
    found = re.search(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", str(mail.outbox[0].body))
    assert found
    form = browser.get(found[1])["Location"]
    browser.post(form, {"password1": "another long passphrase", "password2": "another long passphrase"})
    assert elsewhere.get("/console/").status_code == 302
    log_in(browser, password="another long passphrase")
    assert is_in(browser)


def test_asking_for_a_reset_tells_nothing(client: Client, alice: Member) -> None:
    known, unknown = (
        client.post("/accounts/password/reset/", {"email": mail}) for mail in (ALICE, "no@acme.example")
    )
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert {message.to[0] for message in mail.outbox} <= {ALICE, "no@acme.example"}


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_log_in_leads_nowhere_foreign(client: Client, alice: Member, next_page: str) -> None:
    answer = client.post("/accounts/login/", {"login": ALICE, "password": PASSWORD, "next": next_page})
    assert answer["Location"] == "/console/"


@pytest.mark.parametrize("junk", ["\x00", "x" * 10_000, "\ud83d", "' OR 1=1 --"])
def test_junk_in_the_form_is_no_accident(client: Client, db: None, junk: str) -> None:
    text = junk.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    assert log_in(client, text, text) == 200
