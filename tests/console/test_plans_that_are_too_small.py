"""B7: where the plan has no room, whoever chooses plans is led to them, and the others to whom they may ask."""

import pytest
from django.test import Client

from accounts.actions import add_member, invitations
from accounts.actions.entitlements import set_entitlements
from accounts.entitled import Entitlements
from accounts.models import Invitation, Member, Role, Workspace
from livechat.actions import resting
from livechat.models import Site
from tests import cast
from tests.conftest import ClientOf, person, prove

pytestmark = pytest.mark.django_db
SMALL = Entitlements("Small", most_sites=1, most_seats=3, most_chats=50, most_keep_days=30, white_label=False)
LINK = '<a href="/console/settings/billing">See plans</a>'
ASK = "Only owners choose the plan and pay for it. Ask an owner of your workspace."


@pytest.fixture
def amy(acme: Workspace) -> Member:
    """An admin: cares for sites and people, and pays for nothing."""
    return add_member(acme, person("Amy", "amy@acme.example"), Role.ADMIN)


@pytest.fixture
def shop(alice: Member, amy: Member) -> Site:
    """Alice, Bob and Amy have all of its seats, and it is the one site."""
    site = cast.shop_of(alice)
    set_entitlements(alice.workspace_id, SMALL)
    return site


def proved(client_of: ClientOf, member: Member) -> Client:
    browser = client_of(member)
    prove(browser, member.user)
    return browser


def tried(browser: Client, path: str, **fields: object) -> str:
    """The page that says no, be it at once or after a redirect."""
    return browser.post(path, fields, follow=True).content.decode()


@pytest.mark.usefixtures("shop")
def test_one_site_more(client_of: ClientOf, alice: Member, amy: Member) -> None:
    owner = tried(client_of(alice), "/console/sites/new", name="Second")
    admin = tried(client_of(amy), "/console/sites/new", name="Second")
    assert (
        f"Small has room for 1 site. Choose a larger plan, or remove a site that is not used any more. {LINK}"
        in owner
    )
    assert ASK in admin
    assert LINK not in admin
    assert Site.unscoped.count() == 1


def test_a_removed_site_that_is_taken_back(client_of: ClientOf, alice: Member, shop: Site) -> None:
    resting.remove(alice, shop)
    cast.shop_of(alice, "Another")
    assert LINK in tried(client_of(alice), f"/console/sites/{shop.pk}/rest", do="restore")


@pytest.mark.usefixtures("shop")
def test_one_colleague_more(client_of: ClientOf, alice: Member, amy: Member) -> None:
    asked = {"email": "carol@acme.example", "role": "agent"}
    owner = tried(proved(client_of, alice), "/console/team/invite", **asked)
    admin = tried(proved(client_of, amy), "/console/team/invite", **asked)
    assert f"Viewers need no seat. {LINK}" in owner
    assert ASK in admin
    assert LINK not in admin
    assert not Invitation.unscoped.exists()


@pytest.mark.usefixtures("shop")
def test_an_invitation_that_is_sent_again_after_its_seat_was_taken(
    client_of: ClientOf, alice: Member
) -> None:
    set_entitlements(alice.workspace_id, Entitlements("Small", 1, 4, 50, 30, white_label=False))
    asked, _ = invitations.invite(alice, "carol@acme.example", Role.AGENT)
    set_entitlements(alice.workspace_id, SMALL)
    assert LINK in tried(proved(client_of, alice), f"/console/team/invitations/{asked.pk}/resend")


@pytest.mark.usefixtures("shop")
def test_a_viewer_who_is_to_answer(client_of: ClientOf, alice: Member, victor: Member) -> None:
    page = tried(proved(client_of, alice), f"/console/team/people/{victor.pk}/role", role="agent")
    assert LINK in page
    victor.refresh_from_db()
    assert victor.role == Role.VIEWER


@pytest.mark.usefixtures("shop")
def test_what_a_plan_is_called_is_no_html(client_of: ClientOf, alice: Member) -> None:
    set_entitlements(alice.workspace_id, Entitlements("<i>Small", 1, 3, 50, 30, white_label=False))
    assert "<i>Small" not in tried(client_of(alice), "/console/sites/new", name="Second")


@pytest.mark.usefixtures("shop")
def test_other_refusals_say_what_they_said(client_of: ClientOf, alice: Member) -> None:
    page = tried(proved(client_of, alice), "/console/team/invite", email="bob@acme.example", role="agent")
    assert "in the team already" in page or "already" in page
    assert LINK not in page


@pytest.mark.usefixtures("shop")
def test_mallorys_plan_is_another(client_of: ClientOf, mallory: Member) -> None:
    for number in range(2):
        assert LINK not in tried(client_of(mallory), "/console/sites/new", name=f"Mallory’s {number}")
