"""A4: somebody is asked by mail and joins by its link: once, in time, and with the address it was sent to."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import limits
from accounts.actions import invitations as actions
from accounts.actions import members
from accounts.actions.ending import begin_ending
from accounts.actions.leaving import forget_user
from accounts.errors import NotFound, Refused
from accounts.models import AuditEntry, Invitation, Member, Role, User
from tests.conftest import PASSWORD, ClientOf, person, prove

pytestmark = pytest.mark.django_db
INVITE = "/console/team/invite"
PAGE = "/accounts/invitation"
NEW = {"name": "Nell", "password": "a long enough secret"}


def invite(client_of: ClientOf, who: Member, email: str = "nell@acme.example", role: str = "agent") -> str:
    """The address in the mail."""
    answer = client_of(who).post(INVITE, {"email": email, "role": role})
    assert answer.status_code == 302, answer.content.decode()
    link = re.search(r"http\S+(/accounts/invitation/\S+)", str(mail.outbox[-1].body))
    assert link is not None
    return link.group(1)


def opened(link: str, browser: Client | None = None) -> Client:
    """A browser that followed the link."""
    browser = browser or Client()
    answer = browser.get(link)
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert answer["Referrer-Policy"] == "no-referrer"
    return browser


def verbs(member: Member) -> list[str]:
    entries = AuditEntry.objects.in_workspace(member.workspace).filter(verb__startswith="invitation.")
    return list(entries.order_by("pk").values_list("verb", flat=True))


def test_somebody_new_joins_with_a_name_and_a_password(client_of: ClientOf, alice: Member) -> None:
    browser = opened(invite(client_of, alice, "Nell@Acme.example"))
    page = browser.get(PAGE).content.decode()
    assert "Join" in page
    assert "nell@acme.example" in page
    answer = browser.post(PAGE, NEW)
    assert answer["Location"] == "/console/chats"
    assert "Welcome to Acme." in browser.get("/console/chats").content.decode()
    nell = User.objects.get(email="nell@acme.example")
    assert [(one.workspace.name, one.role) for one in nell.memberships.all()] == [("Acme", "agent")]
    assert EmailAddress.objects.get(user=nell).verified
    assert verbs(alice) == ["invitation.sent", "invitation.accepted"]
    assert (
        Client().post("/accounts/login/", {"login": nell.email, "password": NEW["password"]}).status_code
        == 302
    )


def test_a_link_works_once(client_of: ClientOf, alice: Member) -> None:
    link = invite(client_of, alice)
    opened(link).post(PAGE, NEW)
    again = opened(link).post(PAGE, NEW)
    assert again.status_code == 410
    assert "ask whoever invited you" in again.content.decode()
    assert not Invitation.unscoped.exists()


def test_a_link_is_over_after_seven_days_or_once_it_is_taken_back_or_sent_anew(
    client_of: ClientOf, alice: Member
) -> None:
    first = invite(client_of, alice)
    second = invite(client_of, alice)
    assert opened(first).get(PAGE).status_code == 410
    assert opened(second).get(PAGE).status_code == 200
    Invitation.unscoped.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert opened(second).get(PAGE).status_code == 410
    found = Invitation.unscoped.get()
    boss = client_of(alice)
    assert "The link is over." in boss.get("/console/team").content.decode()
    boss.post(f"/console/team/invitations/{found.pk}/resend")
    third = re.findall(r"(/accounts/invitation/\S+)", str(mail.outbox[-1].body))[0]
    assert opened(third).get(PAGE).status_code == 200
    boss.post(f"/console/team/invitations/{found.pk}/withdraw")
    assert opened(third).post(PAGE, NEW).status_code == 410
    assert verbs(alice)[-2:] == ["invitation.sent_again", "invitation.withdrawn"]


@pytest.mark.parametrize("link", ["junk", "\x00", "é" * 300, ""])
def test_a_junk_link_is_a_calm_page(client_of: ClientOf, link: str) -> None:
    browser = Client()
    browser.get(f"{PAGE}/{link or 'x'}")
    assert browser.get(PAGE).status_code == 410
    assert Client().post(PAGE, NEW).status_code == 410


def test_somebody_with_an_account_logs_in_first(client_of: ClientOf, alice: Member, mallory: Member) -> None:
    link = invite(client_of, alice, "mallory@globex.example", "viewer")
    browser = opened(link)
    page = browser.get(PAGE).content.decode()
    assert "Log in to join" in page
    assert 'name="password"' not in page
    assert "Log in with it to join" in browser.post(PAGE, NEW, follow=True).content.decode()
    login = {"login": "mallory@globex.example", "password": PASSWORD, "next": PAGE}
    assert browser.post("/accounts/login/", login)["Location"] == PAGE
    assert "Join as Mallory" in browser.get(PAGE).content.decode()
    assert browser.post(PAGE)["Location"] == "/console/chats"
    assert "Welcome to Acme." in browser.get("/console/chats").content.decode()
    assert Member.unscoped.get(user=mallory.user, workspace=alice.workspace).role == Role.VIEWER


def test_whoever_is_logged_in_with_another_address_does_not_join(
    client_of: ClientOf, alice: Member, mallory: Member
) -> None:
    browser = opened(invite(client_of, alice), client_of(mallory))
    assert "This invitation is for another address" in browser.get(PAGE).content.decode()
    assert "This invitation is for nell@acme.example" in browser.post(PAGE, follow=True).content.decode()
    assert not mallory.user.memberships.filter(workspace=alice.workspace).exists()
    assert Invitation.unscoped.exists()


def test_an_account_without_an_address_joins_and_does_not_get_the_inviters_mailbox(
    client_of: ClientOf, alice: Member
) -> None:
    """Whoever reads that mail could set the account's password: the link was only passed on."""
    rob = User.objects.create_user(None, None, name="Rob")
    browser = opened(invite(client_of, alice), client_of(rob))
    assert "does not get this address" in browser.get(PAGE).content.decode()
    browser.post(PAGE)
    rob.refresh_from_db()
    assert (rob.email, EmailAddress.objects.filter(user=rob).count()) == (None, 0)
    assert rob.memberships.get().workspace == alice.workspace
    mail.outbox.clear()
    Client().post("/accounts/password/reset/", {"email": "nell@acme.example"})
    assert not [one for one in mail.outbox if "/password/reset/key/" in str(one.body)]


def test_an_account_without_an_address_does_not_join_in_the_place_of_one_that_has_it(
    client_of: ClientOf, alice: Member, mallory: Member
) -> None:
    rob = User.objects.create_user(None, None, name="Rob")
    browser = opened(invite(client_of, alice, "mallory@globex.example"), client_of(rob))
    assert "This invitation is for another address" in browser.get(PAGE).content.decode()
    browser.post(PAGE)
    assert not rob.memberships.exists()


def test_an_address_that_somebody_only_claimed_is_its_owners_all_the_same(
    client_of: ClientOf, alice: Member
) -> None:
    squatter = User.objects.create_user(None, "squatters password", name="S")
    EmailAddress.objects.create(user=squatter, email="nell@acme.example", verified=False, primary=True)
    opened(invite(client_of, alice)).post(PAGE, NEW)
    assert User.objects.get(email="nell@acme.example").name == "Nell"
    assert not squatter.memberships.exists()


@pytest.mark.parametrize(
    ("name", "password", "told"),
    [("", "a long enough secret", "required"), ("N", "short", "12 characters"), ("\u202e", "x" * 20, "read")],
)
def test_what_is_missing_is_told_beside_its_field(
    client_of: ClientOf, alice: Member, name: str, password: str, told: str
) -> None:
    browser = opened(invite(client_of, alice))
    answer = browser.post(PAGE, {"name": name, "password": password})
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert Invitation.unscoped.exists()


def test_the_answer_is_the_same_whether_or_not_the_address_has_an_account(
    client_of: ClientOf, alice: Member, mallory: Member
) -> None:
    pages = []
    for email in ("mallory@globex.example", "nobody@nowhere.example"):
        browser = client_of(alice)
        answer = browser.post(INVITE, {"email": email, "role": "agent"}, follow=True)
        pages.append("has mail. The link in it is good for 7 days." in answer.content.decode())
        assert len(mail.outbox[-1].to) == 1
    assert pages == [True, True]


def test_somebody_who_works_here_is_not_invited(client_of: ClientOf, alice: Member, bob: Member) -> None:
    answer = client_of(alice).post(INVITE, {"email": "BOB@acme.example", "role": "admin"})
    assert answer.status_code == 422
    assert "bob@acme.example works here already." in answer.content.decode()
    assert mail.outbox == []


def test_nobody_invites_above_their_own_role(client_of: ClientOf, alice: Member, bob: Member) -> None:
    Member.unscoped.filter(pk=bob.pk).update(role=Role.ADMIN)
    page = client_of(bob).get(INVITE).content.decode()
    assert 'value="owner"' not in page
    assert 'value="admin"' in page
    assert client_of(bob).post(INVITE, {"email": "x@acme.example", "role": "owner"}).status_code == 422
    bob.refresh_from_db()
    with pytest.raises(Refused):
        actions.invite(bob, "x@acme.example", Role.OWNER)
    found, _ = actions.invite(alice, "x@acme.example", Role.OWNER)
    with pytest.raises(Refused):
        actions.withdraw(bob, found)
    assert not Member.unscoped.filter(role=Role.OWNER).exclude(pk=alice.pk).exists()


@pytest.mark.parametrize("then", ["removed", "demoted", "gone", "ending"])
def test_an_invitation_is_worth_what_its_sender_is(
    client_of: ClientOf, alice: Member, bob: Member, then: str
) -> None:
    """Else whoever is taken out comes back by a mail to another address of theirs."""
    Member.unscoped.filter(pk=bob.pk).update(role=Role.ADMIN)
    bob.refresh_from_db()
    _, secret = actions.invite(bob, "bobs.other@mail.example", Role.ADMIN)
    browser = opened(f"{PAGE}/{secret}")
    assert browser.get(PAGE).status_code == 200
    if then == "removed":
        members.take_out(alice, bob)
    elif then == "demoted":
        members.change_role(alice, bob, Role.AGENT)
    elif then == "gone":
        forget_user(bob.user)
    else:
        begin_ending(alice)
    assert (browser.get(PAGE).status_code, browser.post(PAGE, NEW).status_code) == (410, 410)
    assert not User.objects.filter(email="bobs.other@mail.example").exists()
    if then != "ending":
        page = client_of(alice).get("/console/team").content.decode()
        assert "its sender may no longer give this role" in page
        again = actions.invite(alice, "bobs.other@mail.example", Role.ADMIN)[1]
        assert opened(f"{PAGE}/{again}").post(PAGE, NEW)["Location"] == "/console/chats"


def test_an_admin_does_not_replace_an_invitation_above_their_own_role(alice: Member, bob: Member) -> None:
    Member.unscoped.filter(pk=bob.pk).update(role=Role.ADMIN)
    bob.refresh_from_db()
    _, secret = actions.invite(alice, "x@acme.example", Role.OWNER)
    with pytest.raises(Refused, match="above"):
        actions.invite(bob, "x@acme.example", Role.VIEWER)
    assert actions.accept_anew(secret, "Xenia", "a long enough secret").role == Role.OWNER


def test_mail_to_one_address_and_of_one_workspace_is_limited(
    client_of: ClientOf, alice: Member, settings: object
) -> None:
    for _ in range(5):
        invite(client_of, alice)
    answer = client_of(alice).post(INVITE, {"email": "nell@acme.example", "role": "agent"})
    assert answer.status_code == 422
    assert "try again tomorrow" in answer.content.decode()
    limits.forget_everything()
    for number in range(30):
        actions.invite(alice, f"n{number}@acme.example", Role.AGENT)
    with pytest.raises(Refused, match="too_many"):
        actions.invite(alice, "another@acme.example", Role.AGENT)


def test_a_mail_that_cannot_be_sent_is_told(
    client_of: ClientOf, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.views.invitations.send", lambda *_: False)
    answer = client_of(alice).post(INVITE, {"email": "n@acme.example", "role": "agent"}, follow=True)
    assert "could not be sent" in answer.content.decode()


def test_names_in_the_mail_are_one_line(client_of: ClientOf, alice: Member) -> None:
    alice.workspace.name = "Acme\r\nBcc: all@acme.example"
    alice.workspace.save()
    invite(client_of, alice)
    assert "\n" not in mail.outbox[-1].subject


def test_agents_strangers_and_borrowed_sessions_invite_nobody(
    client_of: ClientOf, alice: Member, bob: Member, victor: Member, mallory: Member
) -> None:
    found, _ = actions.invite(alice, "x@acme.example", Role.AGENT)
    paths = (f"/console/team/invitations/{found.pk}/resend", f"/console/team/invitations/{found.pk}/withdraw")
    for who in (bob, victor):
        assert [client_of(who).post(path).status_code for path in (INVITE, *paths)] == [403, 403, 403]
    assert [client_of(mallory).post(path).status_code for path in paths] == [404, 404]
    assert [client_of(alice).get(path).status_code for path in paths] == [405, 405]
    borrowed = client_of(alice)
    prove(borrowed, alice.user, ago=3600)
    for path in (INVITE, *paths):
        assert borrowed.post(path)["Location"].startswith("/accounts/reauthenticate/")
    assert Invitation.unscoped.count() == 1


def test_of_two_who_use_a_link_one_joins(alice: Member) -> None:
    _, secret = actions.invite(alice, "nell@acme.example", Role.AGENT)
    actions.accept_anew(secret, "Nell", "a long enough secret")
    with pytest.raises(NotFound):
        actions.accept_as(person("Other", "other@acme.example"), secret)
