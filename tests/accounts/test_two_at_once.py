"""C1, C3: two who change the team at once, each on a connection of their own, both before either is done.

Both have read what they decide by when the first may write: what counts is what stands when the second may.
"""

from collections.abc import Callable

import pytest

from accounts import actions
from accounts.actions import invitations, members
from accounts.actions.entitlements import seats_taken, set_entitlements
from accounts.actions.leaving import forget_user
from accounts.entitled import Entitlements
from accounts.errors import Refused
from accounts.models import AuditEntry, Invitation, Member, Role, User, Workspace
from tests import at_once as met
from tests.at_once import Act
from tests.conftest import member_of, person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def carol(acme: Workspace) -> Member:
    return actions.add_member(acme, person("Carol", "carol@acme.example"), Role.OWNER)


def at_once(held: Workspace, *acts: Act) -> list[str]:
    """They begin while somebody else holds all that they need."""

    def all_of_it() -> list[object]:
        return [
            *Workspace.objects.select_for_update().filter(pk=held.pk),
            *Member.unscoped.select_for_update().filter(workspace=held),
            *Invitation.unscoped.select_for_update(),
        ]

    return met.at_once(all_of_it, *acts)


def owners(workspace: Workspace) -> int:
    return Member.unscoped.filter(workspace=workspace, role=Role.OWNER).count()


def test_of_two_owners_who_demote_each_other_one_stays(acme: Workspace, alice: Member, carol: Member) -> None:
    came = at_once(
        acme,
        lambda: members.change_role(alice, carol, Role.AGENT),
        lambda: members.change_role(carol, alice, Role.AGENT),
    )
    assert (sorted(came), owners(acme)) == (["above", "done"], 1)


@pytest.mark.parametrize(
    "deed",
    [
        lambda who: members.change_role(who, who, Role.ADMIN),
        lambda who: members.take_out(who, who),
        lambda who: forget_user(User.objects.get(pk=who.user_id)),
    ],
    ids=["step down", "leave", "end their account"],
)
def test_two_owners_do_not_both_go(
    acme: Workspace, alice: Member, carol: Member, deed: Callable[[Member], object]
) -> None:
    came = at_once(acme, lambda: deed(alice), lambda: deed(carol))
    assert (sorted(came), owners(acme)) == (["done", "last_owner"], 1)
    assert User.objects.filter(name__in=("Alice", "Carol")).count() >= 1


def test_a_workspace_is_handed_over_once(acme: Workspace, alice: Member, bob: Member) -> None:
    dan = actions.add_member(acme, person("Dan", "dan@acme.example"), Role.AGENT)
    came = at_once(acme, lambda: members.transfer(alice, bob), lambda: members.transfer(alice, dan))
    assert (sorted(came), owners(acme)) == (["above", "done"], 1)
    alice.refresh_from_db()
    assert alice.role == Role.ADMIN


def test_somebody_who_is_taken_out_gets_no_role(
    acme: Workspace, alice: Member, carol: Member, bob: Member
) -> None:
    came = at_once(
        acme, lambda: members.take_out(alice, bob), lambda: members.change_role(carol, bob, Role.ADMIN)
    )
    assert came in (["done", "not_found"], ["done", "done"])
    assert not Member.unscoped.filter(pk=bob.pk).exists()
    told = AuditEntry.unscoped.filter(workspace=acme, verb="member.removed")
    assert told.count() == 1


def test_who_is_demoted_meanwhile_raises_nobody(
    acme: Workspace, alice: Member, carol: Member, bob: Member
) -> None:
    came = at_once(
        acme,
        lambda: members.change_role(alice, carol, Role.AGENT),
        lambda: members.change_role(carol, bob, Role.OWNER),
    )
    assert came[0] == "done"
    # in whichever order: carol was an owner when she did it, or she was none
    assert (came[1], owners(acme)) in (("above", 1), ("done", 2))


def test_of_two_who_use_one_link_one_joins(acme: Workspace, alice: Member) -> None:
    _, secret = invitations.invite(alice, "nell@acme.example", Role.AGENT)
    came = at_once(
        acme,
        *(
            lambda name=name: invitations.accept_anew(secret, name, "a long enough secret")
            for name in ("A", "B")
        ),
    )
    assert sorted(came) == ["done", "not_found"]
    assert Member.unscoped.filter(workspace=acme, user__email="nell@acme.example").count() == 1
    assert not User.objects.filter(email=None).exists()


def test_two_links_to_one_new_address_make_one_account(
    acme: Workspace, alice: Member, globex: Workspace, mallory: Member
) -> None:
    links = [invitations.invite(who, "nell@acme.example", Role.AGENT)[1] for who in (alice, mallory)]
    came = at_once(
        acme,
        *(lambda link=link: invitations.accept_anew(link, "Nell", "a long enough secret") for link in links),
    )
    assert sorted(came) == ["done", "known"]
    assert User.objects.filter(name="Nell").count() == 1


def small(workspace: Workspace) -> None:
    """Room for those who are there and one more."""
    set_entitlements(workspace.pk, Entitlements("Small", 1, seats_taken(workspace.pk) + 1, 50, 30, False))


def test_the_last_seat_is_given_away_once(
    acme: Workspace, alice: Member, carol: Member, victor: Member
) -> None:
    small(acme)
    came = at_once(
        acme,
        lambda: members.change_role(alice, victor, Role.AGENT),
        lambda: invitations.invite(carol, "nell@acme.example", Role.AGENT),
    )
    assert sorted(came) == ["done", "over_plan"]
    assert seats_taken(acme.pk) == Workspace.objects.get(pk=acme.pk).most_seats


def test_somebody_whose_seat_went_meanwhile_needs_one_again(
    acme: Workspace, alice: Member, bob: Member
) -> None:
    stale = member_of(acme, "bob@acme.example")
    members.change_role(alice, bob, Role.VIEWER)
    set_entitlements(acme.pk, Entitlements("Small", 1, seats_taken(acme.pk), 50, 30, False))
    with pytest.raises(Refused, match="taken"):
        members.change_role(alice, stale, Role.ADMIN)


def test_a_viewer_who_becomes_the_owner_needs_a_seat(acme: Workspace, alice: Member, victor: Member) -> None:
    set_entitlements(acme.pk, Entitlements("Small", 1, seats_taken(acme.pk), 50, 30, False))
    with pytest.raises(Refused, match="taken"):
        members.transfer(alice, victor)
    assert Member.unscoped.get(pk=alice.pk).role == Role.OWNER
