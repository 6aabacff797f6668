"""G6: every page and deed of the console asks for a permission of the table, and each role gets what the table says."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts import actions
from accounts.models import Member, Role
from accounts.permissions import PERMISSIONS
from tests.conftest import ClientOf, person

# of whoever is logged in, whatever their role, each with its reason
FOR_EVERYBODY = {
    "workspace_enter": "asks whether one is a member there",
    "workspace_new": "also for those who are in none",
}
NOTHING = {"uuid": uuid.UUID(int=7), "int": 7, "str": "x", "slug": "x", "path": "x"}


def patterns(found: Any, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in found:
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, before + str(one.pattern))
        elif (before + str(one.pattern)).startswith("console/"):
            yield before + str(one.pattern), one


def places() -> list[tuple[str, str, str, str]]:
    """(name, path with made-up ids, what looking and what doing asks for, or nothing) of every address."""
    found = []
    for _, one in patterns(get_resolver().url_patterns):
        kinds = {name: type(converter).__name__ for name, converter in one.pattern.converters.items()}
        ids = {
            name: NOTHING[kind.removesuffix("Converter").replace("String", "str").lower()]
            for name, kind in kinds.items()
        }
        path = get_resolver().reverse(str(one.name), **ids)
        looking = getattr(one.callback, "permission", "")
        found.append((str(one.name), f"/{path}", looking, getattr(one.callback, "deeds_permission", looking)))
    return found


def test_every_address_asks_for_a_permission_or_is_of_everybody() -> None:
    open_ones = {
        name for name, _, permission, _ in places() if not permission and not name.startswith("own_")
    }
    assert open_ones == set(FOR_EVERYBODY), "Use console_view or member_required, or give a reason here."
    assert {permission for _, _, *both in places() for permission in both} - {""} <= set(PERMISSIONS)


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
def test_a_role_is_let_in_exactly_where_the_table_says(
    alice: Member, client_of: ClientOf, role: Role
) -> None:
    member = actions.add_member(alice.workspace, person("Walker", "walker@acme.example"), role)
    wrong = []
    for name, path, looking, doing in places():
        permission, status = asked(client_of(member), path, looking, doing)
        if permission and (status == 403) == (role in PERMISSIONS[permission]):
            wrong.append(f"{name}: {path}")
    assert not wrong


def asked(browser: Client, path: str, looking: str, doing: str) -> tuple[str, int]:
    """A page is looked at; a deed, with or without a page, is tried with nothing in its form."""
    answer = browser.get(path)
    if answer.status_code == 405 or looking != doing:
        return doing, int(browser.post(path).status_code)
    return looking, int(answer.status_code)


@pytest.mark.django_db
def test_everybody_reads_the_table(client_of: ClientOf, victor: Member) -> None:
    page = client_of(victor).get("/console/settings/roles").content.decode()
    assert "You are viewer here." in page
    assert all(words in page for words in ("Erase visitors", "Read the audit log"))
