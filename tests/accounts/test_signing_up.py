"""Signing up makes a person, their workspace and their face together; nobody learns who has an account (B11)."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import IntegrityError
from django.test import Client
from pytest_django import Settings

from accounts import actions
from accounts.models import Agent, AuditEntry, Member, Role, User, Workspace
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "carol.jones@acme.example"


def sign_up(browser: Client, email: str = NEW, **fields: str) -> Any:
    return browser.post("/accounts/signup/", {"email": email, "password1": PASSWORD, **fields})


def link_in_mail() -> str:
    found = re.search(r"https?://\S+?(/accounts/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def test_a_new_person_owns_a_workspace_of_their_own(client: Client) -> None:
    answer = sign_up(client, name="Carol")
    assert answer["Location"] == "/accounts/confirm-email/"
    member = Member.unscoped.get()
    assert (member.role, member.workspace.name) == (Role.OWNER, "Carol’s workspace")
    assert Agent.unscoped.get().name == member.user.name == "Carol"
    assert AuditEntry.unscoped.filter(verb="workspace.created", actor=member.user).exists()


def test_without_a_name_the_address_gives_one(client: Client) -> None:
    sign_up(client)
    assert Agent.unscoped.get().name == "Carol Jones"


def test_the_address_is_kept_once_it_is_proved(client: Client) -> None:
    sign_up(client)
    assert User.objects.get().email is None
    client.post(link_in_mail())
    assert User.objects.get().email == NEW
    assert "_auth_user_id" in client.session


def test_nobody_comes_in_before_the_address_is_proved(client: Client) -> None:
    sign_up(client)
    for browser in (client, Client()):
        browser.post("/accounts/login/", {"login": NEW, "password": PASSWORD})
        assert "_auth_user_id" not in browser.session


def test_in_the_demo_one_is_in_at_once(client: Client, settings: Settings) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "none"
    assert sign_up(client)["Location"] == "/console/"
    assert User.objects.get().email == NEW
    assert "_auth_user_id" in client.session


def test_a_known_address_looks_like_a_new_one(client: Client, alice: Member) -> None:
    known, new = sign_up(Client(), "alice@acme.example"), sign_up(Client())
    assert (known.status_code, known["Location"]) == (new.status_code, new["Location"])
    assert set(known.cookies) == set(new.cookies)
    shown = [Client().get(known["Location"]).content for _ in range(2)]
    assert b"alice" not in shown[0]
    assert User.objects.filter(email="alice@acme.example").count() == 1
    assert "already" in str(mail.outbox[0].body)


def test_a_half_made_account_can_be_made_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IntegrityError

    with monkeypatch.context() as broken:
        broken.setattr(actions.workspaces, "add_member", fail)
        with pytest.raises(IntegrityError):
            sign_up(client)
    assert not User.objects.exists()
    assert not Workspace.objects.exists()
    sign_up(client)
    assert EmailAddress.objects.get().user == User.objects.get()


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "password is too short"),
        ("password1234", "password is too common"),
        ("  PassWord1234", "password is too common"),
        ("qwertyqwerty", "password is too common"),
        ("carol.jones@acme.example", "password is too"),
        ("long and good " * 10, "at most 128 characters"),
    ],
)
def test_a_weak_password_is_refused_with_a_sentence(client: Client, password: str, why: str) -> None:
    answer = client.post("/accounts/signup/", {"email": NEW, "password1": password})
    assert answer.status_code == 200
    assert why in answer.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize("email", ["junk", "a@b", "a\x00@acme.example", "x" * 300 + "@acme.example", ""])
def test_a_strange_address_is_refused(client: Client, email: str) -> None:
    assert sign_up(client, email).status_code == 200
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["\x00", "x" * 200, "\ud800"])
def test_a_strange_name_is_no_accident(client: Client, name: str) -> None:
    assert sign_up(
        client, name=name.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    ).status_code in (200, 302)


def test_two_people_cannot_prove_the_same_address(client: Client, alice: Member, bob: Member) -> None:
    with pytest.raises(IntegrityError):
        actions.note_email_verified(bob.user, "ALICE@acme.example")


def test_from_one_address_twenty_sign_up_in_a_minute(client: Client, settings: Settings) -> None:
    answers = [sign_up(Client(), f"new{number}@acme.example").status_code for number in range(21)]
    assert answers == [302] * 20 + [429]
