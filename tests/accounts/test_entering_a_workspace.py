"""The gate of the console: strangers log in, people without a workspace are told so, Mallory sees nothing."""

import uuid
from collections.abc import Callable
from typing import cast

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from accounts import actions
from accounts.access import agent_of, agents_in, member_for, members_of
from accounts.errors import NotFound
from accounts.gate import MemberRequest, choose_workspace, member_required
from accounts.models import Member, Role, User, Workspace
from tests.conftest import person

pytestmark = pytest.mark.django_db
Asking = Callable[..., HttpRequest]


@pytest.fixture
def asking() -> Asking:
    """A request as the middlewares leave it."""

    def request_of(user: User | AnonymousUser, path: str = "/console/", **headers: str) -> HttpRequest:
        request = RequestFactory().get(path, headers=headers)
        request.user = user
        request.session = SessionStore()
        request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
        return request

    return request_of


@member_required("sites.edit")
def edit_sites(request: MemberRequest) -> HttpResponse:
    return HttpResponse(f"{request.member.workspace} {request.member.role}")


@member_required("chats.read")
def look_for_what_is_not_there(request: MemberRequest) -> HttpResponse:
    raise NotFound


def test_a_member_comes_in_with_their_role(asking: Asking, alice: Member) -> None:
    assert edit_sites(asking(alice.user)).content == b"Acme owner"


def test_a_stranger_is_sent_to_log_in_and_back(asking: Asking) -> None:
    answer = edit_sites(asking(AnonymousUser(), "/console/sites?q=1"))
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/console/sites%3Fq%3D1"


def test_a_fragment_sends_the_whole_page_to_log_in(asking: Asking) -> None:
    answer = edit_sites(asking(AnonymousUser(), **{"HX-Request": "true"}))
    assert answer["HX-Redirect"] == "/accounts/login/"


def test_somebody_without_a_workspace_is_told_what_to_do(asking: Asking) -> None:
    answer = edit_sites(asking(person("Nell", "nell@nowhere.example")))
    assert answer.status_code == 403
    assert "You are in no workspace" in answer.content.decode()


@pytest.mark.parametrize("who", ["bob", "victor"])
def test_who_may_not_is_told_who_may(asking: Asking, request: pytest.FixtureRequest, who: str) -> None:
    member = cast("Member", request.getfixturevalue(who))
    with pytest.raises(PermissionDenied, match="Only owners and admins change sites"):
        edit_sites(asking(member.user))


def test_what_is_not_found_is_a_404(asking: Asking, mallory: Member) -> None:
    with pytest.raises(Http404, match="nothing here"):
        look_for_what_is_not_there(asking(mallory.user))


def test_a_permission_that_does_not_exist_fails_when_the_view_is_written() -> None:
    with pytest.raises(KeyError):
        member_required("sites.destroy")


# --- which workspace


def test_mallory_is_nobody_at_acme(acme: Workspace, mallory: Member) -> None:
    for named in (acme.pk, str(acme.pk), uuid.uuid4(), "junk", 7, "\x00"):
        with pytest.raises(NotFound):
            member_for(mallory.user, named)
    assert member_for(mallory.user).workspace.name == "Globex"


def test_an_account_switched_off_is_nobody_anywhere(alice: Member) -> None:
    alice.user.is_active = False
    with pytest.raises(NotFound):
        member_for(alice.user)
    with pytest.raises(NotFound):
        member_for(AnonymousUser())


def test_the_oldest_membership_counts_until_another_is_chosen(
    asking: Asking, alice: Member, globex: Workspace
) -> None:
    actions.add_member(globex, alice.user, Role.AGENT)
    assert [member.workspace.name for member in members_of(alice.user)] == ["Acme", "Globex"]
    request = asking(alice.user)
    assert edit_sites(request).content == b"Acme owner"
    choose_workspace(request, str(globex.pk))
    with pytest.raises(PermissionDenied):
        edit_sites(request)


def test_a_foreign_workspace_cannot_be_chosen(asking: Asking, mallory: Member, acme: Workspace) -> None:
    request = asking(mallory.user)
    with pytest.raises(NotFound):
        choose_workspace(request, acme.pk)
    assert edit_sites(request).content == b"Globex owner"


def test_a_choice_that_no_longer_holds_falls_back(asking: Asking, alice: Member, globex: Workspace) -> None:
    guest = actions.add_member(globex, alice.user, Role.OWNER)
    request = asking(alice.user)
    choose_workspace(request, globex.pk)
    guest.delete()
    assert edit_sites(request).content == b"Acme owner"


def test_every_member_has_a_face(acme: Workspace, alice: Member, bob: Member) -> None:
    assert [agent_of(alice).name, agent_of(bob).name] == ["Alice", "Bob"]
    assert [agent.name for agent in agents_in(acme)] == ["Alice", "Bob"]
