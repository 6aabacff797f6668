"""C11: each page asks the database as often among many chats as among few, and no more often than it is known to."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Member
from livechat.models import ChatSession
from tests.conftest import ClientOf

# whole pages, with rail, filters and the list beside; a list for every day is also remembered, which takes three
MOST = {
    "/console/chats?tab=open": 20,
    "/console/chats?tab=mine": 18,
    "/console/chats?tab=closed": 17,
    "/console/chats?tab=closed&since=2020-01-01": 17,
    "/console/search?q=the": 12,
    "/console/search?q=order+is:closed": 12,
    "/console/reports?period=30": 13,
    "/console/reports?period=90": 13,
}
TRANSCRIPT = 20


def seed(chats: int, lines: int, *more: str) -> None:
    call_command("seed_load", *more, chats=chats, messages=lines, stdout=StringIO(), stderr=StringIO())


def asked(browser: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address).status_code == 200
    marks = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT")
    return [query["sql"] for query in captured if not query["sql"].startswith(marks)]


def told(found: dict[str, list[str]]) -> str:
    return "\n".join(f"{len(sql)} {address}\n  " + "\n  ".join(sql) for address, sql in found.items())


@pytest.mark.django_db
def test_pages_ask_as_often_among_many_chats_as_among_few(client_of: ClientOf) -> None:
    seed(30, 300)
    owner = Member.unscoped.select_related("user", "workspace").get(workspace__name="Load", role="owner")
    chats = ChatSession.objects.in_workspace(owner.workspace)
    begun = list(
        chats.filter(status="closed", previous=None, tagged__isnull=False).values_list("pk", flat=True)
    )
    chats.filter(pk__in=begun[:3]).update(status="open", closed_at=None)
    browser = client_of(owner)
    few = {address: asked(browser, address) for address in MOST}
    seed(300, 3000, "--force", f"--workspace={owner.workspace.pk}")
    many = {address: asked(browser, address) for address in MOST}
    longest = chats.order_by("-last_seq")[0]
    many["transcript"] = asked(browser, f"/console/chats/{longest.pk}")
    over = {
        address: sql for address, sql in {**few, **many}.items() if len(sql) > MOST.get(address, TRANSCRIPT)
    }
    assert not over, told(over)
    lists = [address for address in MOST if "chats" in address]
    grown = {address: many[address] for address in lists if len(many[address]) != len(few[address])}
    assert not grown, told(grown)
