"""S23: an Enterprise Grid organisation installs the app for all its workspaces: one key, events without a team."""

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.errors import Refused
from accounts.models import Member
from livechat.models import Site
from livechat.tokens import VisitorClaim
from slackapp import actions, lanes, oauth, queries, setup, teams
from slackapp.actions.modes import Rooms, set_mode
from slackapp.actions.waking import CHORES
from slackapp.models import Connection, InboundEvent, Installation, SlackIdentity
from tests.cast import chat_of, lines_of, newcomer, say, shop_of
from tests.conftest import ClientOf
from tests.payloads.slack import sample
from tests.slackapp.links import asked_in, linked, posted, previews_of, to_chat
from tests.slackapp.peer import Slack, at_rest, connected, fresh, link_of, settle, state_of, work
from tests.slackapp.rooms import lobby_lines, press

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def holding(slack: Slack) -> str:
    """Acme and Globex belong to one organisation."""
    return str(slack.act("orgs", name="Acme Holding", teams=["Acme", "Globex"])["org"])


def installed_everywhere(slack: Slack, member: Member, site: Site) -> Connection:
    connection = actions.start_connection(member, site, Connection.Mode.STILL)
    address = oauth.begin(member.user, connection, "this browser")
    back = slack.authorise(address, slack.person("alice"), whole_org="1")
    oauth.finish(oauth.take_state(back["state"], "this browser", member.user), back["code"])
    return fresh(connection)


@pytest.fixture
def of_org(slack: Slack, holding: str, alice: Member, site: Site) -> Connection:
    """Acme's site on the organisation's installation, which is granted to one team."""
    return installed_everywhere(slack, alice, site)


@pytest.fixture
def ready(slack: Slack, of_org: Connection, alice: Member) -> Connection:
    setup.create_channel(alice, of_org, "website-chat")
    return fresh(of_org)


def team_id(slack: Slack, name: str = "Acme") -> str:
    return str(slack.team(name)["id"])


def test_links_are_previewed_for_who_is_linked_in_that_workspace_of_it(
    slack: Slack, ready: Connection, claim: VisitorClaim, bob: Member, settings: Settings
) -> None:
    settings.CONSOLE_URL = settings.PUBLIC_URL
    say(claim, "Hello?")
    settle(slack)
    url = to_chat(chat_of(claim))
    ts = posted(slack, ready.channel_id, url)
    assert len(asked_in(slack, ready.channel_id, ts)) == 1
    linked(slack, bob, "bob")
    ts = posted(slack, ready.channel_id, url)
    assert previews_of(slack, ready.channel_id, ts)[url].startswith("Chat with ")


def test_the_installation_is_the_organisations(of_org: Connection, holding: str) -> None:
    installation = Installation.objects.get()
    assert (installation.slack_team_id, installation.enterprise_id) == ("", holding)
    assert (str(installation), installation.state) == ("Acme Holding", "active")


def test_with_one_team_nobody_is_asked(slack: Slack, ready: Connection) -> None:
    assert (ready.state, ready.slack_team_id) == ("ready", team_id(slack))


def test_with_several_the_owner_says_which(
    slack: Slack, of_org: Connection, alice: Member, client_of: ClientOf
) -> None:
    slack.act("grant", team="Globex")
    with pytest.raises(Refused, match="Choose the Slack workspace first"):
        setup.create_channel(alice, of_org, "website-chat")
    browser: Client = client_of(alice)
    page = browser.get(f"/console/slack/{of_org.pk}/channels").content.decode()
    assert "In which of them do you answer chats?" in page
    chosen = team_id(slack, "Globex")
    assert chosen in page
    browser.post(f"/console/slack/{of_org.pk}/team", {"team": chosen})
    assert fresh(of_org).slack_team_id == chosen
    assert [c.name for c in setup.channels(fresh(of_org))] == ["random", "general"]


@pytest.mark.parametrize("wanted", ["T0NOWHERE", "", "Globex"])
def test_a_team_that_is_not_granted_cannot_be_chosen(
    slack: Slack, of_org: Connection, alice: Member, client_of: ClientOf, wanted: str
) -> None:
    given = team_id(slack, "Globex") if wanted == "Globex" else wanted
    client_of(alice).post(f"/console/slack/{of_org.pk}/team", {"team": given})
    assert fresh(of_org).slack_team_id == ""


def test_mallory_chooses_nothing_for_acme(of_org: Connection, mallory: Member, client_of: ClientOf) -> None:
    assert client_of(mallory).post(f"/console/slack/{of_org.pk}/team", {"team": "T1"}).status_code == 404


def test_a_chat_goes_there_and_back(slack: Slack, ready: Connection, claim: VisitorClaim) -> None:
    say(claim, "Hello?")
    settle(slack)
    link = link_of(chat_of(claim))
    assert slack.lines(ready) == ["Hello?"]
    slack.act("say", user="bob", channel=link.channel_id, thread_ts=link.root_ts, text="Yes", team="Acme")
    settle(slack)
    assert lines_of(chat_of(claim)) == ["Hello?", "Yes"]
    assert SlackIdentity.objects.get().slack_team_id == team_id(slack)


@pytest.mark.parametrize("whole_org", [True, False])
def test_whoever_presses_is_a_person_of_their_team_though_slack_names_the_organisation(
    slack: Slack, holding: str, alice: Member, site: Site, claim: VisitorClaim, whole_org: bool
) -> None:
    connection = installed_everywhere(slack, alice, site) if whole_org else connected(slack, alice, site)
    set_mode(alice, connection, Connection.Mode.NOISY, Rooms())
    setup.create_channel(alice, fresh(connection), "lobby")
    Installation.objects.update(scopes=[*oauth.ALL_SCOPES])
    say(claim, "Hello?")
    settle(slack)
    slack.act("join", user="bob", channel=fresh(connection).channel_id)
    press(slack, fresh(connection), lobby_lines(slack, fresh(connection))[0], "chat.take")
    assert InboundEvent.objects.get(kind="block_actions").payload["event"]["user_team"] == holding
    agent = chat_of(claim).agent
    assert agent is not None
    assert (agent.name, agent.external_id) == ("Bob", f"slack:{team_id(slack)}:{slack.person('bob')}")


def test_two_teams_of_it_are_two_places(
    slack: Slack, ready: Connection, alice: Member, claim: VisitorClaim
) -> None:
    slack.act("grant", team="Globex")
    outlet = shop_of(alice, "Acme Outlet")
    second = actions.start_connection(alice, outlet, Connection.Mode.STILL)
    actions.attach_installation(second, Installation.objects.get())
    teams.choose(alice, fresh(second), team_id(slack, "Globex"))
    setup.create_channel(alice, fresh(second), "outlet-chat")
    say(claim, "for Acme")
    say(newcomer(outlet), "for the outlet")
    settle(slack)
    assert (slack.lines(ready), slack.lines(fresh(second))) == (["for Acme"], ["for the outlet"])


def test_a_team_that_is_closed_stops_alone_and_goes_on_when_it_is_opened(
    slack: Slack, ready: Connection, claim: VisitorClaim
) -> None:
    say(claim, "first")
    settle(slack)
    slack.act("grant", team="Globex")
    slack.act("withdraw", team="Acme")
    settle(slack)
    row = fresh(ready)
    assert (row.state, row.trouble) == ("broken", "team")
    assert "organisation" in row.problem
    assert Installation.objects.get().state == "active"
    say(claim, "second")
    work()
    assert state_of("second") == "queued"
    slack.act("grant", team="Acme")
    at_rest(slack)
    assert (fresh(ready).state, slack.lines(ready)) == ("ready", ["first", "second"])


def test_what_slack_did_not_tell_is_met_by_the_next_line(
    slack: Slack, ready: Connection, claim: VisitorClaim
) -> None:
    say(claim, "first")
    settle(slack)
    slack.fault("drop", method="events", count=None)
    slack.act("grant", team="Globex")
    slack.act("withdraw", team="Acme")
    say(claim, "second")
    work()
    assert (fresh(ready).state, fresh(ready).trouble, state_of("second")) == ("broken", "team", "queued")
    assert Installation.objects.get().state == "active"
    assert queries.health_of(fresh(ready)).state == "broken"


@pytest.mark.parametrize("how", ["uninstall", "revoke"])
def test_its_end_names_no_team_and_ends_it_everywhere(slack: Slack, ready: Connection, how: str) -> None:
    slack.act(how, team="Acme")
    settle(slack)
    installation = Installation.objects.get()
    assert (installation.state, bool(installation.bot_token)) == ("revoked", False)
    assert queries.health_of(fresh(ready)).state == "reconnect"


def test_another_organisations_end_is_not_ours(slack: Slack, ready: Connection) -> None:
    payload = {
        "type": "event_callback",
        "api_app_id": Installation.objects.get().app_id,
        "team_id": None,
        "enterprise_id": "E0OTHER",
        "event_id": "EvOTHER",
        "event_time": 4_000_000_000,
        "authorizations": [{"enterprise_id": "E0OTHER", "team_id": None, "is_enterprise_install": True}],
        "event": {"type": "app_uninstalled"},
    }
    actions.record_event(payload)
    work()
    assert Installation.objects.get().state == "active"


def test_its_keys_may_end_as_well(
    slack: Slack, holding: str, alice: Member, site: Site, claim: VisitorClaim
) -> None:
    slack.act("rotation")
    connection = installed_everywhere(slack, alice, site)
    setup.create_channel(alice, connection, "website-chat")
    slack.act("end_tokens", team="Acme")
    say(claim, "Hello?")
    settle(slack)
    assert slack.lines(fresh(connection)) == ["Hello?"]


def test_a_team_of_it_may_also_install_alone(slack: Slack, holding: str, alice: Member, site: Site) -> None:
    connection = connected(slack, alice, site)
    installation = Installation.objects.get()
    assert (installation.slack_team_id, installation.enterprise_id) == (team_id(slack), "")
    say(newcomer(site), "Hello?")
    settle(slack)
    assert slack.lines(connection) == ["Hello?"]


def test_thirty_days_later_nothing_of_its_teams_is_held(
    slack: Slack, ready: Connection, claim: VisitorClaim
) -> None:
    test_a_chat_goes_there_and_back(slack, ready, claim)
    slack.act("uninstall", team="Acme")
    settle(slack)
    Installation.objects.update(delete_at=timezone.now())
    lanes.make_due(f"{CHORES}{Installation.objects.get().pk}")
    work()
    assert not Installation.objects.exists()
    assert not SlackIdentity.objects.exists()
    assert lines_of(chat_of(claim)) == ["Hello?", "Yes"]


def test_slacks_own_example_of_such_a_grant_is_understood() -> None:
    found = oauth._columns(sample("docs-slack-dev/oauth/oauth.v2.access_org_install.json"), {})
    assert (found["slack_team_id"], found["enterprise_id"]) == ("", "E123ABC456")
    assert (found["team_name"], found["bot_user_id"]) == ("Jesse Slacksalot", "W123ABC456")
