"""A5: somebody in several workspaces goes from one to the other, and a link to the other one leads there."""

import uuid

import pytest
from django.test import Client

from accounts import actions
from accounts.models import Member, Role, Workspace
from livechat.models import ChatSession, Site
from tests.conftest import ClientOf, person
from tests.console.conftest import Write

pytestmark = pytest.mark.django_db
LIST = "/console/workspaces"


@pytest.fixture
def guest(alice: Member, globex: Workspace) -> Member:
    """Alice at Globex."""
    return actions.add_member(globex, alice.user, Role.VIEWER)


def test_the_list_shows_ones_own_workspaces_and_opens_one(
    client_of: ClientOf, alice: Member, guest: Member
) -> None:
    browser = client_of(alice)
    page = browser.get(LIST).content.decode()
    assert "You are here" in page
    assert "Viewer" in page
    assert browser.post(f"{LIST}/{guest.workspace_id}/enter")["Location"] == "/console/chats"
    assert "Globex" in browser.get("/console/team").content.decode()
    assert "Mallory" in browser.get("/console/team").content.decode()
    assert browser.post("/console/sites/new", {"name": "x"}).status_code == 403


def test_the_rail_has_a_menu_of_them_that_no_page_pays_for(
    client_of: ClientOf, alice: Member, guest: Member, bob: Member
) -> None:
    browser = client_of(alice)
    page = browser.get("/console/team").content.decode()
    assert 'popovertarget="workspaces-menu"' in page
    assert f'href="{LIST}"' in page, "without scripts the page of them is there"
    assert "Globex" not in page
    menu = browser.get(f"{LIST}/menu").content.decode()
    assert f"{LIST}/{guest.workspace_id}/enter" in menu
    assert f"{LIST}/{alice.workspace_id}/enter" not in menu
    assert menu.index("aria-current") < menu.index("Acme") < menu.index("You are here")
    assert "New workspace" in menu
    assert "Globex" not in client_of(bob).get(f"{LIST}/menu").content.decode()
    assert Client().get(f"{LIST}/menu").status_code == 302


def test_another_workspace_is_created_and_entered(client_of: ClientOf, alice: Member) -> None:
    browser = client_of(alice)
    answer = browser.post(f"{LIST}/new", {"name": " Third\u202e "}, follow=True)
    assert "Third is ready." in answer.content.decode()
    third = Workspace.objects.get(name="Third")
    assert Member.unscoped.get(workspace=third).role == Role.OWNER
    assert browser.post(f"{LIST}/new", {"name": "\u202e"}).status_code == 422
    for _ in range(9):
        browser.post(f"{LIST}/new", {"name": "More"})
    assert browser.post(f"{LIST}/new", {"name": "More"}).status_code == 429


def test_somebody_without_a_workspace_begins_one(client_of: ClientOf, db: None) -> None:
    browser = client_of(person("Nell", "nell@nowhere.example"))
    assert f"{LIST}/new" in browser.get("/console/chats").content.decode()
    assert browser.post(f"{LIST}/new", {"name": "Nellies"})["Location"] == "/console/chats"
    assert "Nellies" in browser.get("/console/team").content.decode()


def test_a_link_to_another_workspace_of_mine_leads_there(
    client_of: ClientOf, alice: Member, guest: Member, foreign_shop: Site, write: Write
) -> None:
    chat = write(foreign_shop, "A line at Globex").chat
    browser = client_of(alice)
    answer = browser.get(f"/console/chats/{chat.pk}?from=mail")
    assert answer["Location"] == f"/console/chats/{chat.pk}?from=mail"
    page = browser.get(answer["Location"]).content.decode()
    assert "A line at Globex" in page
    assert "This is in Globex, so you are there now." in page


def test_a_link_to_a_foreign_workspace_leads_nowhere(
    client_of: ClientOf, alice: Member, mallory: Member, shop: Site, chat: ChatSession, foreign_shop: Site
) -> None:
    browser = client_of(mallory)
    for address in (
        f"/console/chats/{chat.pk}",
        f"/console/sites/{shop.pk}",
        f"/console/chats/{uuid.uuid4()}",
    ):
        assert browser.get(address).status_code == 404
    assert client_of(mallory).post(f"{LIST}/{shop.workspace_id}/enter").status_code == 404
    assert "Globex" in browser.get("/console/team").content.decode()


def test_only_pages_that_are_looked_at_lead_elsewhere(
    client_of: ClientOf, alice: Member, guest: Member, foreign_shop: Site, write: Write
) -> None:
    """A deed and a fragment never move somebody, and neither does a page that is above the role there."""
    chat = write(foreign_shop, "A line at Globex").chat
    browser = client_of(alice)
    assert browser.post(f"/console/chats/{chat.pk}/close").status_code == 404
    assert browser.get(f"/console/chats/{chat.pk}", headers={"HX-Request": "true"}).status_code == 404
    assert "Acme" in browser.get("/console/settings").content.decode()


def test_strangers_and_looks_open_nothing(client_of: ClientOf, guest: Member) -> None:
    assert Client().post(f"{LIST}/{guest.workspace_id}/enter").status_code == 302
    assert Client().get(LIST)["Location"].startswith("/accounts/login/")
    assert client_of(guest).get(f"{LIST}/{guest.workspace_id}/enter").status_code == 405
    assert client_of(guest).get(f"{LIST}/new").status_code == 405
