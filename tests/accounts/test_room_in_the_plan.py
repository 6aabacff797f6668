"""B7: what a plan allows is asked where a seat or a site is given away; nothing that is there is taken away."""

import pytest
from django.test import Client

from accounts.actions import invitations, members
from accounts.actions.entitlements import seats_taken, set_entitlements
from accounts.entitled import SELF_HOSTED, Entitlements
from accounts.errors import Refused
from accounts.models import AuditEntry, Invitation, Member, Role, Workspace
from livechat.actions import resting, sites
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
SMALL = Entitlements("Small", most_sites=1, most_seats=2, most_chats=50, most_keep_days=30, white_label=False)


@pytest.fixture
def small(alice: Member, bob: Member) -> Workspace:
    """Alice and Bob have both of its seats."""
    set_entitlements(alice.workspace_id, SMALL)
    alice.workspace.refresh_from_db()
    bob.workspace.refresh_from_db()
    return alice.workspace


def test_without_a_plan_there_is_room_for_everything(alice: Member) -> None:
    assert alice.workspace.entitlements == SELF_HOSTED
    for number in range(3):
        sites.create_site(alice, f"Shop {number}")
        invitations.invite(alice, f"new{number}@acme.example", Role.AGENT)


def test_a_change_is_written_down_once(alice: Member) -> None:
    assert [set_entitlements(alice.workspace_id, SMALL) for _ in range(2)] == [True, False]
    (entry,) = AuditEntry.unscoped.filter(verb="workspace.plan_changed")
    assert entry.changes["most_seats"] == [None, 2]
    assert "Small" in entry.changes["plan_name"]


def test_one_more_seat_is_refused_with_what_to_do(small: Workspace, alice: Member) -> None:
    with pytest.raises(Refused, match="Small has room for 2 seats, and they are taken"):
        invitations.invite(alice, "carol@acme.example", Role.AGENT)
    assert not Invitation.unscoped.exists()


def test_a_viewer_needs_no_seat_until_they_are_to_answer(
    small: Workspace, alice: Member, bob: Member
) -> None:
    invitations.invite(alice, "carol@acme.example", Role.VIEWER)
    members.change_role(alice, bob, Role.VIEWER)
    bob.refresh_from_db()
    invitations.invite(alice, "dave@acme.example", Role.AGENT)
    with pytest.raises(Refused, match="room for 2 seats"):
        members.change_role(alice, bob, Role.AGENT)


def test_an_open_invitation_holds_a_seat_and_sending_it_again_takes_no_second(
    small: Workspace, alice: Member, bob: Member
) -> None:
    members.change_role(alice, bob, Role.VIEWER)
    for _ in range(2):
        invitations.invite(alice, "carol@acme.example", Role.AGENT)
    assert seats_taken(small.pk) == 2
    Invitation.unscoped.update(expires_at="2020-01-01T00:00:00Z")
    assert seats_taken(small.pk) == 1


def test_whoever_is_over_the_plan_keeps_what_they_have_and_may_always_shrink(
    small: Workspace, alice: Member, bob: Member
) -> None:
    set_entitlements(small.pk, Entitlements("Tiny", 0, 1, 1, 30, white_label=False))
    assert Member.unscoped.filter(workspace=small).count() == 2
    members.take_out(alice, bob)


def test_one_more_site_is_refused_on_the_page_and_the_name_stays(
    small: Workspace, alice: Member, client_of: ClientOf
) -> None:
    sites.create_site(alice, "Shop")
    answer = client_of(alice).post("/console/sites/new", {"name": "Second shop"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Small has room for 1 site. Choose a larger plan, or remove a site" in page
    assert 'value="Second shop"' in page


def test_a_removed_site_comes_back_only_where_there_is_room(
    small: Workspace, alice: Member, client_of: ClientOf
) -> None:
    first = sites.create_site(alice, "Shop")
    resting.remove(alice, first)
    second = sites.create_site(alice, "Second shop")
    browser = client_of(alice)
    answer = browser.post(f"/console/sites/{first.pk}/rest", {"do": "restore"}, follow=True)
    assert "Small has room for 1 site" in answer.content.decode()
    resting.remove(alice, second)
    resting.restore(alice, first)


def test_the_plan_of_one_is_not_the_plan_of_another(
    small: Workspace, mallory: Member, client: Client
) -> None:
    for number in range(3):
        sites.create_site(mallory, f"Shop {number}")
    assert mallory.workspace.entitlements == SELF_HOSTED
