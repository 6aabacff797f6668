"""A2: a Slack account is linked to whoever is logged in, once Slack confirms it, and parted from again."""

import pytest
from django.test import Client

from accounts.models import AuditEntry, Member, User
from slackapp.models import SlackIdentity
from tests.conftest import ClientOf, prove
from tests.slackapp.peer import Slack
from tests.slackapp.ways import decide, log_in, who_is_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_keys_yet")]
CALLBACK = "/slack/login/callback"


def link(slack: Slack, browser: Client, person: str = "alice", team: str = "Acme"):
    answer = browser.post("/console/slack/identities/link")
    assert answer.status_code == 302
    return browser.get(CALLBACK, decide(slack, answer.headers["Location"], person, team))


def no(answer, browser: Client | None = None) -> str:
    assert answer.status_code == 400
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    if browser is not None:
        assert who_is_in(browser) is None
    return str(answer.content.decode())


def test_a_user_links_their_slack_account_and_logs_in_with_it(
    slack: Slack, alice: Member, client_of: ClientOf
) -> None:
    browser = client_of(alice)
    answer = link(slack, browser)
    assert answer.headers["Location"] == "/console/slack"
    page = browser.get("/console/slack").content.decode()
    assert "Your Slack account is linked" in page
    assert "Alice Meyer" in page
    other = Client()
    log_in(slack, other)
    assert who_is_in(other) == str(alice.user.pk)
    assert AuditEntry.objects.in_workspace(alice.workspace).filter(verb="slack.identity_linked").count() == 1


def test_linking_asks_slack_again_who_writes_before_it_trusts_them(
    slack: Slack, alice: Member, client_of: ClientOf
) -> None:
    """A guest who links must not pass for one of the team."""
    link(slack, client_of(alice))
    assert SlackIdentity.objects.get().fetched_at is None


def test_an_account_that_is_anothers_is_not_taken(
    slack: Slack, alice: Member, mallory: Member, client_of: ClientOf
) -> None:
    link(slack, client_of(alice))
    answer = link(slack, client_of(mallory))
    assert "belongs to another account" in no(answer)
    assert SlackIdentity.objects.get().user == alice.user


def test_linking_is_for_whoever_began_it(
    slack: Slack, alice: Member, mallory: Member, client_of: ClientOf
) -> None:
    browser = client_of(alice)
    address = browser.post("/console/slack/identities/link").headers["Location"]
    back = decide(slack, address)
    browser.force_login(mallory.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    no(browser.get(CALLBACK, back))
    back = decide(slack, client_of(alice).post("/console/slack/identities/link").headers["Location"])
    no(Client().get(CALLBACK, back))
    assert not SlackIdentity.objects.filter(user__isnull=False).exists()


def test_linking_takes_a_post_and_its_token(slack: Slack, alice: Member, client_of: ClientOf) -> None:
    assert client_of(alice).get("/console/slack/identities/link").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert strict.post("/console/slack/identities/link").status_code == 403
    assert Client().post("/console/slack/identities/link").headers["Location"].startswith("/accounts/login/")


def test_a_borrowed_session_links_and_parts_from_nothing(
    slack: Slack, alice: Member, client_of: ClientOf
) -> None:
    """B10: a linked account is a way in."""
    link(slack, client_of(alice))
    identity = SlackIdentity.objects.get()
    borrowed = client_of(alice)
    prove(borrowed, alice.user, ago=3600)
    for path in ("link", f"{identity.pk}/unlink"):
        answer = borrowed.post(f"/console/slack/identities/{path}")
        assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    assert SlackIdentity.objects.get().user == alice.user


def test_a_link_that_was_begun_in_time_and_ends_late_links_nothing(
    slack: Slack, alice: Member, client_of: ClientOf
) -> None:
    browser = client_of(alice)
    back = decide(slack, browser.post("/console/slack/identities/link").headers["Location"])
    prove(browser, alice.user, ago=15 * 60 + 1)
    page = no(browser.get(CALLBACK, back))
    assert "too long since you showed here who you are" in page
    assert "you are asked who you are first" in page
    assert not SlackIdentity.objects.filter(user__isnull=False).exists()


def test_an_unlinked_account_logs_in_no_more(slack: Slack, alice: Member, client_of: ClientOf) -> None:
    browser = client_of(alice)
    link(slack, browser)
    browser.post(f"/console/slack/identities/{SlackIdentity.objects.get().pk}/unlink")
    other = Client()
    assert "not known here" in no(log_in(slack, other), other)


def test_nobody_unlinks_anothers(slack: Slack, alice: Member, mallory: Member, client_of: ClientOf) -> None:
    link(slack, client_of(alice))
    client_of(mallory).post(f"/console/slack/identities/{SlackIdentity.objects.get().pk}/unlink")
    assert SlackIdentity.objects.get().user == alice.user


def test_the_only_way_in_is_not_unlinked(slack: Slack, known: User) -> None:
    browser = Client()
    log_in(slack, browser)
    answer = browser.post(
        f"/console/slack/identities/{SlackIdentity.objects.get(user=known).pk}/unlink", follow=True
    )
    assert "only way into your account" in answer.content.decode()
    assert SlackIdentity.objects.filter(user=known).exists()


def test_a_second_slack_account_may_be_linked_and_the_first_be_parted_from(slack: Slack, known: User) -> None:
    browser = Client()
    log_in(slack, browser)
    link(slack, browser, "mallory", "Globex")
    first = SlackIdentity.objects.get(slack_user_id=slack.person("alice"))
    browser.post(f"/console/slack/identities/{first.pk}/unlink")
    other = Client()
    log_in(slack, other, "mallory", "Globex")
    assert who_is_in(other) == str(known.pk)
