"""A1: whoever signs up with an address that is not theirs gets nothing of it, and is forgotten after a week (A6)."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import actions
from accounts.actions import newcomers
from accounts.models import AuditEntry, Member, User, Workspace
from config.engine import SWEEPS
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
VICTIM = "carol@acme.example"


def sign_up(browser: Client) -> str:
    """The path of the link in the mail."""
    browser.post("/accounts/signup/", {"email": VICTIM, "password1": PASSWORD})
    found = re.search(r"https?://\S+?(/accounts/confirm-email/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def log_in(browser: Client, password: str) -> bool:
    browser.post("/accounts/login/", {"login": VICTIM, "password": password})
    return is_in(browser)


def is_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def age_by(days: float) -> None:
    User.objects.update(date_joined=timezone.now() - timedelta(days=days))


def test_the_password_of_whoever_signed_up_first_is_worth_nothing_to_the_owner_of_the_address() -> None:
    attacker, owner = Client(), Client()
    link = sign_up(attacker)
    page = owner.post(link, follow=True)
    assert "Now choose your password" in page.content.decode()
    assert not log_in(Client(), PASSWORD)
    mine = "a passphrase of my own"
    owner.post(page.redirect_chain[-1][0], {"password1": mine, "password2": mine})
    assert log_in(owner, mine)
    for path in ("/accounts/confirm-email/", "/accounts/login/", "/console/chats"):
        attacker.get(path)
    assert not is_in(attacker)
    assert not log_in(attacker, PASSWORD)


def test_in_the_same_browser_the_link_is_all(client: Client) -> None:
    client.post(sign_up(client))
    assert is_in(client)
    assert log_in(Client(), PASSWORD)


def test_after_a_week_nothing_is_left_of_it() -> None:
    sign_up(Client())
    age_by(6.9)
    assert newcomers.forget_unproved() == 0
    age_by(7.1)
    assert newcomers.forget_unproved() == 1
    assert not any(model._base_manager.exists() for model in (User, Member, Workspace, AuditEntry))
    assert "accounts.tasks.look_after_accounts" in SWEEPS


def test_those_who_came_in_or_came_through_slack_stay(alice: Member) -> None:
    carol = actions.sign_up_by_identity("Carol", "Acme")
    browser = Client()
    browser.post(sign_up(browser))
    age_by(400)
    assert newcomers.forget_unproved() == 0
    assert User.objects.filter(pk=carol.user_id).exists()


def test_nobody_connects_slack_before_the_address_is_proved() -> None:
    browser = Client()
    sign_up(browser)
    answer = browser.get("/slack/install", {"connection": "00000000-0000-4000-8000-000000000001"})
    assert answer["Location"].startswith("/accounts/login/")
