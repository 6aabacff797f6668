"""C5: who works here in which role; who leaves frees their chats, and a workspace always has an owner."""

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts import actions
from accounts.access import agent_of
from accounts.actions import members
from accounts.errors import Refused
from accounts.models import Agent, AuditEntry, Member, Role, Workspace
from livechat.actions.assigning import assign
from livechat.actions.chats import close_chat
from livechat.models import ChatSession, Site
from tests.conftest import ClientOf, person, prove
from tests.console.conftest import Write

pytestmark = pytest.mark.django_db
TEAM = "/console/team"


def place(member: Member, deed: str = "") -> str:
    return f"{TEAM}/people/{member.pk}{f'/{deed}' if deed else ''}"


def roles(workspace: Workspace) -> dict[str, str]:
    rows = Member.objects.in_workspace(workspace).select_related("user")
    return {str(row.user): row.role for row in rows}


@pytest.fixture
def adam(acme: Workspace) -> Member:
    return actions.add_member(acme, person("Adam", "adam@acme.example"), Role.ADMIN)


def test_the_page_lists_people_with_role_and_where_to_change_them(
    client_of: ClientOf, alice: Member, bob: Member, adam: Member
) -> None:
    page = client_of(alice).get(TEAM).content.decode()
    for words in ("Alice", "(you)", "bob@acme.example", "Agent", "Admin", "Owner", "Invite", place(bob)):
        assert words in page
    page = client_of(bob).get(TEAM).content.decode()
    assert "adam@acme.example" in page
    assert place(alice) not in page
    assert "/console/team/invite" not in page


def test_an_owner_changes_a_role(client_of: ClientOf, alice: Member, bob: Member) -> None:
    answer = client_of(alice).post(place(bob, "role"), {"role": "admin"}, follow=True)
    assert "Bob is admin now." in answer.content.decode()
    assert roles(alice.workspace)["Bob"] == "admin"
    entry = AuditEntry.objects.in_workspace(alice.workspace).get(verb="member.role_changed")
    assert (entry.changes, entry.subject) == ({"role": ["agent", "admin"]}, f"member:{bob.pk}")
    client_of(alice).post(place(bob, "role"), {"role": "admin"})
    assert AuditEntry.objects.in_workspace(alice.workspace).filter(verb="member.role_changed").count() == 1


def test_nobody_reaches_above_their_own_role(
    client_of: ClientOf, alice: Member, bob: Member, adam: Member
) -> None:
    browser = client_of(adam)
    page = browser.get(place(bob)).content.decode()
    assert 'value="admin"' in page
    assert 'value="owner"' not in page
    assert "Only an owner changes what owners are" in browser.get(place(alice)).content.decode()
    before = roles(alice.workspace)
    for path, data in (
        (place(adam, "role"), {"role": "owner"}),
        (place(bob, "role"), {"role": "owner"}),
        (place(alice, "role"), {"role": "agent"}),
        (place(alice, "remove"), {"word": "remove"}),
        (place(bob, "role"), {"role": "root"}),
    ):
        assert browser.post(path, data).status_code in (302, 422)
    assert browser.post(place(bob, "transfer"), {"word": "transfer"}).status_code == 403
    assert roles(alice.workspace) == before


@pytest.mark.parametrize("whose", ["of whoever asks", "of whom it is about"])
def test_a_rank_that_changed_a_moment_ago_counts(
    alice: Member, bob: Member, adam: Member, whose: str
) -> None:
    """The rows in hand were read before; another process has changed one since."""
    if whose == "of whoever asks":
        Member.unscoped.filter(pk=adam.pk).update(role=Role.AGENT)
    else:
        Member.unscoped.filter(pk=bob.pk).update(role=Role.OWNER)
    before = roles(alice.workspace)
    with pytest.raises(Refused, match="above"):
        members.change_role(adam, bob, Role.VIEWER)
    with pytest.raises(Refused, match="above"):
        members.take_out(adam, bob)
    assert roles(alice.workspace) == before


@pytest.mark.parametrize("role", ["admin", "agent", "viewer"])
def test_the_last_owner_stays_owner(client_of: ClientOf, alice: Member, role: str) -> None:
    browser = client_of(alice)
    for path, data in (
        (place(alice, "role"), {"role": role}),
        (place(alice, "remove"), {"word": "remove"}),
        (f"{TEAM}/leave", {"word": "leave"}),
    ):
        assert "A workspace needs an owner" in browser.post(path, data, follow=True).content.decode()
    assert roles(alice.workspace)["Alice"] == "owner"


def test_an_owner_whose_account_is_off_does_not_count(alice: Member, bob: Member) -> None:
    members.change_role(alice, bob, Role.OWNER)
    bob.user.is_active = False
    bob.user.save()
    with pytest.raises(Refused, match="last_owner"):
        members.take_out(alice, alice)


def test_a_workspace_is_handed_over(client_of: ClientOf, alice: Member, bob: Member) -> None:
    browser = client_of(alice)
    answer = browser.post(place(bob, "transfer"), {"word": "yes"}, follow=True)
    assert "Nothing was changed" in answer.content.decode()
    browser.post(place(bob, "transfer"), {"word": " Transfer "})
    assert roles(alice.workspace) == {"Alice": "admin", "Bob": "owner"}
    assert browser.post(place(bob, "transfer"), {"word": "transfer"}).status_code == 403


def test_who_is_taken_out_leaves_open_chats_free_and_their_lines_under_their_name(
    client_of: ClientOf, alice: Member, bob: Member, shop: Site, write: Write
) -> None:
    face = agent_of(bob)
    held, done = (write(shop, words).chat for words in ("one", "two"))
    for chat in (held, done):
        assign(chat.pk, face, agent_of(alice), alice.user, None)
    close_chat(done.pk)
    seat = client_of(bob)
    assert seat.get(TEAM).status_code == 200
    client_of(alice).post(place(bob, "remove"), {"word": "remove"})
    agents = {chat.pk: chat.agent_id for chat in ChatSession.objects.in_workspace(alice.workspace)}
    assert agents == {held.pk: None, done.pk: face.pk}
    face = Agent.unscoped.get(pk=face.pk)
    assert (face.is_gone, face.member_id, face.name) == (True, None, "Bob")
    assert "You are in no workspace" in seat.get(TEAM).content.decode()
    entry = AuditEntry.objects.in_workspace(alice.workspace).get(verb="member.removed")
    assert entry.changes == {"name": ["Bob", None]}


def test_whoever_also_answers_from_slack_stays_a_face(alice: Member, bob: Member) -> None:
    actions.know_agent_as(bob, "slack:T1:U1")
    members.take_out(alice, bob)
    assert not Agent.unscoped.get(external_id="slack:T1:U1").is_gone


def test_somebody_leaves_by_themselves(client_of: ClientOf, bob: Member) -> None:
    browser = client_of(bob)
    assert "Your open chats become free" in browser.get(f"{TEAM}/leave").content.decode()
    assert "Type leave to confirm" in browser.post(f"{TEAM}/leave").content.decode()
    browser.post(f"{TEAM}/leave", {"word": "leave"})
    assert roles(bob.workspace) == {"Alice": "owner"}
    assert AuditEntry.objects.in_workspace(bob.workspace).filter(verb="member.left", actor=bob.user).exists()


def test_others_windows_are_told_after_the_commit(
    alice: Member,
    bob: Member,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    told: list[object] = []
    monkeypatch.setattr(members, "rights_changed", [told.append])
    with django_capture_on_commit_callbacks(execute=True):
        members.change_role(alice, bob, Role.VIEWER)
        assert told == []
    with django_capture_on_commit_callbacks(execute=True):
        members.take_out(alice, bob)
    assert told == [bob.pk, bob.pk]


def test_agents_strangers_and_borrowed_sessions_change_nobody(
    client_of: ClientOf, alice: Member, bob: Member, victor: Member, mallory: Member
) -> None:
    before = roles(alice.workspace)
    deeds = [(place(bob, "role"), {"role": "viewer"}), (place(bob, "remove"), {"word": "remove"})]
    for who, status in ((bob, 403), (victor, 403), (mallory, 404)):
        browser = client_of(who)
        assert [browser.post(path, data).status_code for path, data in deeds] == [status, status]
        assert browser.get(place(bob)).status_code == status
    assert client_of(mallory).post(place(bob, "transfer"), {"word": "transfer"}).status_code == 404
    borrowed = client_of(alice)
    prove(borrowed, alice.user, ago=3600)
    for path, data in [*deeds, (place(bob, "transfer"), {"word": "transfer"})]:
        assert borrowed.post(path, data)["Location"].startswith("/accounts/reauthenticate/")
    assert roles(alice.workspace) == before
