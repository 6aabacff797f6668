"""C10: the pages behind *Settings*, and what the workspace is called."""

import pytest
from django.urls import reverse

from accounts.models import Member
from accounts.settings_tabs import TABS, Tab, current, tabs_of
from tests.conftest import ClientOf


def test_everybody_reads_what_the_workspace_is_called(victor: Member, client_of: ClientOf) -> None:
    page = client_of(victor).get(reverse("settings")).content.decode()
    assert "Acme" in page
    assert str(victor.workspace_id) in page
    assert '<a href="/console/settings" aria-current="page">Workspace</a>' in page


def test_mallory_reads_her_own(acme: object, mallory: Member, client_of: ClientOf) -> None:
    page = client_of(mallory).get(reverse("settings")).content.decode()
    assert "Globex" in page
    assert "Acme" not in page


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.title)
def test_every_tab_opens_and_asks_for_the_permission_it_names(
    tab: Tab, alice: Member, victor: Member, client_of: ClientOf
) -> None:
    assert client_of(alice).get(tab.path).status_code == 200
    expected = 200 if tab in tabs_of(victor) else 403
    assert client_of(victor).get(tab.path).status_code == expected


def test_a_page_below_a_tab_belongs_to_it() -> None:
    settings = Tab("Workspace", "settings", "workspace.read")
    assert current([settings], "/console/settings/whatever/is/below") == settings
    assert current([settings], "/console/sites") is None
