"""What every page of the console tells until it is no longer so."""

import pytest

from accounts import banners
from accounts.banners import Banner
from accounts.models import Member
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
TOLD = Banner("<b>Two weeks</b> are over.", "Choose a plan", "/console/settings", "bad")


@pytest.fixture
def told_to_acme(alice: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    def teller(member: Member) -> list[Banner]:
        return [TOLD] if member.workspace_id == alice.workspace_id else []

    monkeypatch.setattr(banners, "tellers", [teller])


@pytest.mark.parametrize("path", ["/console/chats", "/console/sites", "/console/settings"])
@pytest.mark.usefixtures("told_to_acme")
def test_it_stands_on_every_page_with_what_to_do(client_of: ClientOf, alice: Member, path: str) -> None:
    page = client_of(alice).get(path).content.decode()
    assert page.count("&lt;b&gt;Two weeks&lt;/b&gt; are over.") == 1
    assert '<a href="/console/settings">Choose a plan</a>' in page


@pytest.mark.usefixtures("told_to_acme")
def test_mallory_reads_none_of_it(client_of: ClientOf, mallory: Member) -> None:
    assert "Two weeks" not in client_of(mallory).get("/console/sites").content.decode()
