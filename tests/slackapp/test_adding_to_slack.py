"""S2: *Add to Slack* without an account; identity is (team, user), and nobody enters what is another's (A1–A7)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.core import mail
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts.models import Member, User, Workspace
from livechat.models import Site
from slackapp import actions, notices, oauth
from slackapp.actions import arrivals
from slackapp.models import Connection, Installation, Notice, SlackIdentity
from tests.cast import newcomer, say
from tests.conftest import ClientOf
from tests.slackapp.peer import Slack, connected, install, settle
from tests.slackapp.ways import add, channels, decide, log_in, only, query_of, start, user_in, who_is_in

pytestmark = pytest.mark.django_db(transaction=True)
CALLBACK = "/slack/oauth/callback"


# --- the whole way ----------------------------------------------------------------------------------------------------


def test_anybody_is_sent_straight_to_slack(slack: Slack) -> None:
    answer = Client().get("/slack/install")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"{slack.url}/oauth/v2/authorize?")
    query = query_of(answer.headers["Location"])
    assert set(query) == {"client_id", "scope", "state", "redirect_uri"}
    assert query["scope"].split(",") == list(oauth.SCOPES)
    assert query["redirect_uri"].endswith(CALLBACK)


def test_one_way_through_slack_makes_everything_and_logs_in(slack: Slack) -> None:
    browser = Client()
    before = browser.session.session_key
    answer = add(slack, browser)
    connection = only()
    assert answer.headers["Location"] == f"/console/slack/{connection.pk}/welcome"
    member = Member.unscoped.get()
    assert (member.role, member.workspace.name, member.user.name) == ("owner", "Acme", "Alice")
    assert (member.user.email, member.user.has_usable_password()) == (None, False)
    assert (connection.site.allowed_origins, connection.mode, connection.state) == ([], "still", "ready")
    identity = SlackIdentity.objects.get(slack_user_id=slack.person("alice"))
    assert (identity.user_id, identity.slack_team_id) == (member.user_id, slack.team()["id"])
    assert who_is_in(browser) == str(member.user_id)
    assert browser.session.session_key != before


def test_the_channel_is_there_with_the_person_in_it_and_a_word_who_brought_the_app(slack: Slack) -> None:
    add(slack, Client())
    channel = channels(slack)["website-chat"]
    assert not channel["is_private"]
    assert slack.person("alice") in channel["members"]
    said = [message for message in slack.channel(only()) if message.get("bot_id")]
    assert len(said) == 1
    assert "Alice connected Website to this channel" in said[0]["text"]
    assert (said[0]["pings"], said[0]["links"]) == ([], [])


def test_the_first_chat_works_before_anything_is_configured(slack: Slack) -> None:
    add(slack, Client())
    connection = only()
    say(newcomer(connection.site), "Do you ship to Vilnius?")
    settle(slack)
    assert slack.lines(connection) == ["Do you ship to Vilnius?"]


def test_the_landing_page_names_everything_and_carries_the_snippet(slack: Slack) -> None:
    browser = Client()
    page = browser.get(add(slack, browser).headers["Location"]).content.decode()
    connection = only()
    for word in ("#website-chat", "<strong>Acme</strong>", "Undo", connection.site.public_token):
        assert word in page
    assert "data-site=" in page
    assert "Add an e-mail address" in page


def test_the_landing_page_ticks_what_is_done(slack: Slack) -> None:
    browser = Client()
    address = add(slack, browser).headers["Location"]
    assert browser.get(address).content.count(b"(done)") == 0
    Site.unscoped.update(snippet_seen_at=timezone.now())
    assert browser.get(address).content.count(b"(done)") == 1
    say(newcomer(only().site))
    assert browser.get(address).content.count(b"(done)") == 2


@pytest.mark.parametrize("path", ["/console/chats", "/console/slack", "/console/sites", "/accounts/email/"])
def test_somebody_without_an_address_uses_the_console_like_anybody(slack: Slack, path: str) -> None:
    browser = Client()
    add(slack, browser)
    answer = browser.get(path)
    assert answer.status_code == 200
    assert "None" not in answer.content.decode()


def test_a_taken_name_gets_a_suffix(slack: Slack) -> None:
    slack.act("channels", team="Acme", name="website-chat")
    slack.act("channels", team="Acme", name="website-chat-2", private=True)
    add(slack, Client())
    assert only().channel_name == "website-chat-3"


# --- coming again -----------------------------------------------------------------------------------------------------


def test_coming_again_logs_into_the_same_workspace_and_makes_nothing_twice(slack: Slack) -> None:
    add(slack, Client())
    browser = Client()
    answer = add(slack, browser)
    assert answer.headers["Location"].endswith(f"{only().pk}/welcome")
    assert who_is_in(browser) == str(User.objects.get().pk)
    assert (Workspace.objects.count(), Site.unscoped.count(), Installation.objects.count()) == (1, 1, 1)
    assert sorted(name for name in channels(slack) if name.startswith("website")) == ["website-chat"]


def test_whoever_has_chats_comes_back_to_them(slack: Slack) -> None:
    add(slack, Client())
    say(newcomer(only().site))
    settle(slack)
    assert add(slack, Client()).headers["Location"] == "/console/chats"


def test_after_the_app_was_removed_adding_it_again_mends_the_same_connection(slack: Slack) -> None:
    add(slack, Client())
    before = only()
    slack.act("uninstall", team="Acme")
    settle(slack)
    assert Installation.objects.get().state == "revoked"
    add(slack, Client())
    after = only()
    assert (after.pk, after.channel_id, after.state) == (before.pk, before.channel_id, "ready")
    assert Installation.objects.get().state == "active"
    assert Installation.objects.get().bot_token.reveal().startswith("xoxb-")
    say(newcomer(after.site), "Still there?")
    settle(slack)
    assert slack.lines(after) == ["Still there?"]


def test_somebody_who_has_an_account_and_adds_slack_keeps_it(
    slack: Slack, alice: Member, client_of: ClientOf
) -> None:
    browser = client_of(alice)
    add(slack, browser)
    connection = only()
    assert connection.workspace == alice.workspace
    assert SlackIdentity.objects.get(slack_user_id=slack.person("alice")).user == alice.user
    assert User.objects.count() == 2  # Alice and Bob, as before


def test_a_connection_that_was_begun_and_left_is_the_one_that_is_used(
    slack: Slack, alice: Member, site: Site, client_of: ClientOf
) -> None:
    begun = actions.start_connection(alice, site, Connection.Mode.STILL)
    add(slack, client_of(alice))
    assert (only().pk, only().site, only().state) == (begun.pk, site, "ready")


def test_an_agent_who_adds_slack_gets_a_workspace_of_their_own_beside_the_one_they_work_in(
    slack: Slack, bob: Member, client_of: ClientOf
) -> None:
    browser = client_of(bob)
    add(slack, browser, "bob")
    assert only().workspace != bob.workspace
    assert Member.unscoped.get(workspace=only().workspace).user == bob.user
    assert browser.get(f"/console/slack/{only().pk}").status_code == 200
    assert not Connection.objects.in_workspace(bob.workspace).exists()


def test_an_account_of_somebody_else_is_not_changed(
    slack: Slack, mallory: Member, client_of: ClientOf
) -> None:
    add(slack, Client())
    browser = client_of(mallory)
    answer = add(slack, browser)
    assert answer.status_code == 400
    assert "belongs to another account" in answer.content.decode()
    assert who_is_in(browser) == str(mallory.user.pk)
    assert not Connection.objects.in_workspace(mallory.workspace).exists()


def test_an_account_that_is_switched_off_stays_out(slack: Slack) -> None:
    add(slack, Client())
    User.objects.update(is_active=False)
    browser = Client()
    assert "switched off" in add(slack, browser).content.decode()
    assert who_is_in(browser) is None


def test_whoever_may_not_change_slack_comes_in_and_changes_nothing(
    slack: Slack, alice: Member, bob: Member, site: Site
) -> None:
    pending = actions.start_connection(alice, site, Connection.Mode.STILL)
    install(slack, alice, pending)
    arrivals.link(bob.user, arrivals.Person(slack.team()["id"], slack.person("bob")))
    browser = Client()
    add(slack, browser, "bob")
    assert who_is_in(browser) == str(bob.user.pk)
    assert (only().pk, only().state, only().channel_id) == (pending.pk, "pending", "")
    assert User.objects.count() == 2


# --- a whole organisation ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_keys_yet")
def test_an_admin_adds_it_for_a_whole_organisation_and_logs_in_again(slack: Slack) -> None:
    slack.act("orgs", name="Acme Holding", teams=["Acme", "Globex"])
    browser = Client()
    add(slack, browser, whole_org="1")
    connection = Connection.unscoped.select_related("site", "installation").get()
    assert connection.installation is not None
    assert (connection.installation.slack_team_id, connection.state) == ("", "ready")
    assert (connection.channel_name, connection.slack_team_id) == ("website-chat", slack.team()["id"])
    say(newcomer(connection.site), "Hello?")
    settle(slack)
    assert slack.lines(connection) == ["Hello?"]
    other = Client()
    log_in(slack, other)
    assert who_is_in(other) == who_is_in(browser)


# --- a second person of a connected team ------------------------------------------------------------------------------


def test_a_colleague_gets_an_empty_workspace_of_their_own(
    slack: Slack, alice: Member, site: Site, client_of: ClientOf
) -> None:
    first = connected(slack, alice, site)
    browser = Client()
    add(slack, browser, "bob")
    user = user_in(browser)
    member = Member.unscoped.get(user=user)
    assert member.workspace_id != alice.workspace_id
    own = Connection.objects.in_workspace(member.workspace).get()
    assert (own.installation_id, own.state) == (first.installation_id, "ready")
    assert own.channel_id != first.channel_id
    for path in (f"/console/slack/{first.pk}", f"/console/sites/{site.pk}"):
        assert browser.get(path).status_code == 404
    assert site.name not in browser.get("/console/sites").content.decode()
    assert Installation.objects.count() == 1


def test_the_first_owner_is_told_in_the_console_and_by_mail(
    slack: Slack, alice: Member, site: Site, client_of: ClientOf
) -> None:
    first = connected(slack, alice, site)
    add(slack, Client(), "bob")
    assert Notice.objects.in_workspace(alice.workspace).count() == 1
    for path in ("/console/chats", "/console/slack"):
        assert "Bob of Acme added the app as well" in client_of(alice).get(path).content.decode()
    notices.tell_of_newcomer(str(first.pk), "Bob")
    assert mail.outbox[-1].to == ["alice@acme.example"]
    assert "They see nothing" in str(mail.outbox[-1].body)


def test_a_teams_name_adds_no_header_to_a_mail(slack: Slack, alice: Member, site: Site) -> None:
    """D8"""
    first = connected(slack, alice, site)
    told = {"access_token": "xoxb-1", "team": {"id": "T1", "name": "Acme\r\nBcc: all@acme.example\u202e"}}
    Installation.objects.update(team_name=oauth._columns(told, {})["team_name"])
    notices.tell_of_newcomer(str(first.pk), "Bob")
    assert mail.outbox[-1].subject == "Somebody else of Acme Bcc: all@acme.example added the app to Slack"
    assert mail.outbox[-1].recipients() == ["alice@acme.example"]


def test_what_was_read_is_put_away_by_its_owner_alone(
    slack: Slack, alice: Member, mallory: Member, site: Site, client_of: ClientOf
) -> None:
    connected(slack, alice, site)
    add(slack, Client(), "bob")
    notice = Notice.unscoped.get()
    client_of(mallory).post(f"/console/slack/notices/{notice.pk}/away")
    assert "added the app as well" in client_of(alice).get("/console/slack").content.decode()
    answer = client_of(alice).post(f"/console/slack/notices/{notice.pk}/away", {"back": "chats"})
    assert answer.headers["Location"] == "/console/chats"
    assert "added the app as well" not in client_of(alice).get("/console/slack").content.decode()


def test_nobody_is_told_of_the_first_one(slack: Slack) -> None:
    add(slack, Client())
    assert not Notice.unscoped.exists()


@pytest.mark.parametrize("address", ["alice@acme.example", "ALICE@acme.example"])
def test_an_e_mail_address_in_slack_leads_into_nobodys_account(
    slack: Slack, alice: Member, address: str
) -> None:
    slack.act("people", team="Globex", name="mallory", email=address)
    browser = Client()
    add(slack, browser, "mallory", "Globex")
    user = user_in(browser)
    assert user != alice.user
    assert user.email is None
    assert not Member.unscoped.filter(user=user, workspace=alice.workspace).exists()


# --- at the same time -------------------------------------------------------------------------------------------------


def at_once(*deeds: Callable[[], object]) -> None:
    def run(deed: Callable[[], object]) -> None:
        start_together.wait(5)
        try:
            deed()
        finally:
            connections.close_all()

    start_together = threading.Barrier(len(deeds))
    with ThreadPoolExecutor(len(deeds)) as pool:
        for done in [pool.submit(run, deed) for deed in deeds]:
            done.result(30)


def test_one_person_who_comes_twice_at_once_is_one_person(slack: Slack) -> None:
    browsers = [Client(), Client()]
    backs = [decide(slack, start(browser, "/slack/install")) for browser in browsers]
    at_once(*(partial(browser.get, CALLBACK, back) for browser, back in zip(browsers, backs, strict=True)))
    assert (User.objects.count(), Workspace.objects.count(), Installation.objects.count()) == (1, 1, 1)
    assert {who_is_in(browser) for browser in browsers} == {str(User.objects.get().pk)}


def test_two_people_of_a_team_who_come_at_once_get_a_workspace_each(slack: Slack) -> None:
    browsers = [Client(), Client()]
    people = ["alice", "bob"]
    backs = [
        decide(slack, start(browser, "/slack/install"), who)
        for browser, who in zip(browsers, people, strict=True)
    ]
    at_once(*(partial(browser.get, CALLBACK, back) for browser, back in zip(browsers, backs, strict=True)))
    assert (User.objects.count(), Workspace.objects.count(), Installation.objects.count()) == (2, 2, 1)
    assert len({who_is_in(browser) for browser in browsers} - {None}) == 2
    assert Notice.unscoped.count() == 1
    assert Connection.unscoped.values("channel_id").distinct().count() == 2


def test_one_link_opened_twice_at_once_makes_one_thing(slack: Slack) -> None:
    browser = Client()
    back = decide(slack, start(browser, "/slack/install"))
    tabs = [Client(), Client()]
    for tab in tabs:
        tab.cookies = browser.cookies
    at_once(*(partial(tab.get, CALLBACK, back) for tab in tabs))
    assert (User.objects.count(), Site.unscoped.count()) == (1, 1)
    assert len(slack.calls("oauth.v2.access")) == 1
