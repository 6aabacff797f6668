"""B2: whatever changes something wants the page's own token; only who signs each request is excused.

Slack signs what it sends and is answered before Django is asked (config/asgi.py); no address here is among those.
"""

import pytest
from django.test import Client

from accounts.models import Member
from tests.conftest import BACKEND
from tests.security.addresses import addresses

pytestmark = pytest.mark.django_db
VALUES = {"uuid": "00000000-0000-4000-8000-000000000001", "int": "1"}


@pytest.fixture
def browser(alice: Member) -> Client:
    found = Client(enforce_csrf_checks=True)
    found.force_login(alice.user, backend=BACKEND)
    return found


def paths() -> list[str]:
    return [
        one.filled(*(VALUES.get(kind, "a") for _, kind in one.wants))
        for one in addresses()
        if "(" not in one.route
    ]


def test_every_address_refuses_a_request_without_the_pages_token(browser: Client) -> None:
    assert len(paths()) > 100
    assert {path: answer for path in paths() if (answer := browser.post(path).status_code) != 403} == {}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_no_other_verb_is_a_way_round(browser: Client, method: str) -> None:
    assert browser.generic(method, "/console/sites/new").status_code == 403
