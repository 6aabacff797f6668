"""Pages of signing up and in say *e-mail* as all the others do, also in what they answer."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Member
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
# of a page: its text, and what stands in empty fields
TEXT, PLACEHOLDER = (
    re.compile(r"<(?:script|style).*?</(?:script|style)>|<[^>]*>", re.DOTALL),
    r'placeholder="(.*?)"',
)
OTHERWISE = re.compile(r"(?<![-\w@./])e ?mails?\b(?![@.])", re.IGNORECASE)


def said_by(response: Any) -> str:
    page = response.content.decode()
    return " ".join([TEXT.sub(" ", page), *re.findall(PLACEHOLDER, page)])


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("/accounts/login/", {"login": "alice@acme.example", "password": "not hers at all"}),
        ("/accounts/login/", {"login": "no address", "password": "x"}),
        ("/accounts/signup/", {"email": "no address", "password1": "x"}),
        ("/accounts/password/reset/", {"email": "no address"}),
    ],
)
def test_who_comes_in(client: Client, alice: Member, address: str, sent: dict[str, str]) -> None:
    for page in (client.get(address), client.post(address, sent)):
        assert page.status_code == 200
        assert not OTHERWISE.findall(said_by(page))
        assert "e-mail" in said_by(page).lower()


@pytest.mark.parametrize(
    "wanted", ["alice@new.example", "alice@acme.example", "mallory@globex.example", "none"]
)
def test_who_changes_their_address(client_of: ClientOf, alice: Member, mallory: Member, wanted: str) -> None:
    """Mallory's is refused, or looks as if it were not, in the same words."""
    browser = client_of(alice)
    page = browser.post("/accounts/email/", {"email": wanted, "action_add": ""}, follow=True)
    assert page.status_code == 200
    assert not OTHERWISE.findall(said_by(page))
