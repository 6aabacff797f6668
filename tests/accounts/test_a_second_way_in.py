"""A1, A2: somebody who came through Slack adds an address and a password, and can log in with them."""

import re

import pytest
from django.core import mail
from django.test import Client

from accounts import actions
from accounts.models import Member, User
from tests.conftest import PASSWORD as FIRST
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
PASSWORD = "another long passphrase"


@pytest.fixture
def carol() -> Member:
    """By her identity in Slack: no address, no password."""
    return actions.sign_up_by_identity("Carol", "Acme")


def add_address(browser: Client, address: str) -> str:
    return browser.post(
        "/accounts/email/", {"action_add": "", "email": address}, follow=True
    ).content.decode()


def confirm(browser: Client) -> None:
    found = re.search(r"https?://[^/\s]+(/accounts/confirm-email/\S+)", str(mail.outbox[-1].body))
    assert found
    browser.post(found[1])


def test_the_page_asks_for_an_address_and_shows_what_is_to_do(carol: Member, client_of: ClientOf) -> None:
    browser = client_of(carol)
    assert "Send a link to confirm it" in browser.get("/accounts/email/").content.decode()
    assert "Not confirmed yet" in add_address(browser, "carol@acme.example")
    assert User.objects.get(pk=carol.user_id).email is None


def test_a_confirmed_address_and_a_password_are_a_second_way_in(carol: Member, client_of: ClientOf) -> None:
    browser = client_of(carol)
    add_address(browser, "carol@acme.example")
    confirm(browser)
    assert User.objects.get(pk=carol.user_id).email == "carol@acme.example"
    browser.post("/accounts/password/set/", {"password1": PASSWORD, "password2": PASSWORD})
    other = Client()
    other.post("/accounts/login/", {"login": "carol@acme.example", "password": PASSWORD})
    assert other.session["_auth_user_id"] == str(carol.user_id)


def test_an_address_of_somebody_else_is_not_given_and_not_told(
    carol: Member, alice: Member, client_of: ClientOf
) -> None:
    browser = client_of(carol)
    known, unknown = (add_address(browser, name) for name in ("alice@acme.example", "nobody@acme.example"))
    assert known.count("Not confirmed yet") == 1
    known, unknown = (re.sub(r'value="[^"]*"', "", page) for page in (known, unknown))
    assert known.replace("alice@acme.example", "nobody@acme.example") == unknown
    assert User.objects.get(email="alice@acme.example") == alice.user
    assert User.objects.get(pk=carol.user_id).email is None


def test_who_has_neither_gets_in_by_no_form(carol: Member) -> None:
    browser = Client()
    for login in ("", "None", "Carol"):
        browser.post("/accounts/login/", {"login": login, "password": ""})
        browser.post("/accounts/password/reset/", {"email": login})
    assert "_auth_user_id" not in browser.session
    assert mail.outbox == []


def test_a_new_address_counts_once_it_is_confirmed_and_the_old_one_is_told(alice: Member) -> None:
    here, there = Client(), Client()
    for browser in (here, there):
        browser.post("/accounts/login/", {"login": "alice@acme.example", "password": FIRST})
    add_address(here, "alice@new.example")
    assert User.objects.get(pk=alice.user_id).email == "alice@acme.example"
    confirm(here)
    assert User.objects.get(pk=alice.user_id).email == "alice@new.example"
    assert ["alice@acme.example"] in [message.to for message in mail.outbox]
    assert there.get("/console/").status_code == 302
    old = Client()
    old.post("/accounts/login/", {"login": "alice@acme.example", "password": FIRST})
    assert "_auth_user_id" not in old.session
