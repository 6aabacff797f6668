"""Add to Slack from the console (S1): a state of one use and one browser; refusals that change nothing (A-series)."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.errors import Refused
from accounts.models import Member
from livechat.models import Site
from slackapp import actions, oauth
from slackapp.models import Connection, Installation, OAuthState
from tests.cast import shop_of
from tests.conftest import ClientOf
from tests.slackapp.peer import Slack, connected, fresh, install

pytestmark = pytest.mark.django_db(transaction=True)
BROWSER = "this browser"


@pytest.fixture
def pending(slack: Slack, alice: Member, site: Site) -> Connection:
    return fresh(actions.start_connection(alice, site, Connection.Mode.STILL))


def refused(slack: Slack, who: Member, back: dict[str, str], browser: str = BROWSER) -> str:
    with pytest.raises(Refused) as refusal:
        oauth.finish(oauth.take_state(back["state"], browser, who.user), back.get("code", ""))
    assert refusal.value.sentence
    return refusal.value.code


def begin(
    slack: Slack, who: Member, pending: Connection, person: str = "alice", team: str = "Acme", **changed: str
):
    address = oauth.begin(who.user, pending, BROWSER)
    return slack.authorise(address, slack.person(person, team), **changed)


def test_the_address_asks_for_what_is_needed_and_nothing_else(pending: Connection, alice: Member) -> None:
    query = parse_qs(urlsplit(oauth.begin(alice.user, pending, BROWSER)).query)
    assert query["scope"] == [",".join(oauth.SCOPES)]
    assert query["redirect_uri"][0].endswith("/slack/oauth/callback")
    assert set(query) == {"client_id", "scope", "state", "redirect_uri"}


def test_only_the_hash_of_the_state_is_kept(pending: Connection, alice: Member) -> None:
    state = parse_qs(urlsplit(oauth.begin(alice.user, pending, BROWSER)).query)["state"][0]
    assert state not in str(OAuthState.objects.values())
    assert BROWSER not in str(OAuthState.objects.values())


def test_allowing_stores_the_installation_with_a_sealed_token(
    slack: Slack, pending: Connection, alice: Member
) -> None:
    install(slack, alice, pending)
    installation = Installation.objects.get()
    assert (installation.team_name, installation.state) == ("Acme", "active")
    assert installation.bot_token.reveal().startswith("xoxb-")
    assert installation.bot_id
    assert installation.installed_by_slack_user_id == slack.person("alice")
    assert (fresh(pending).installation, fresh(pending).state) == (installation, "pending")
    assert "xoxb-" not in repr(installation.__dict__)


def test_a_state_is_good_once(slack: Slack, pending: Connection, alice: Member) -> None:
    back = begin(slack, alice, pending)
    oauth.finish(oauth.take_state(back["state"], BROWSER, alice.user), back["code"])
    assert refused(slack, alice, back) == "bad_state"


@pytest.mark.parametrize("state", ["", "guessed", "\x00", "📦" * 50])
def test_a_state_that_is_not_ours_is_refused(slack: Slack, alice: Member, state: str) -> None:
    assert refused(slack, alice, {"state": state, "code": "x"}) == "bad_state"
    assert not Installation.objects.exists()


def test_another_browser_is_refused_and_uses_the_state_up(
    slack: Slack, pending: Connection, alice: Member
) -> None:
    back = begin(slack, alice, pending)
    assert refused(slack, alice, back, "another browser") == "other_browser"
    assert refused(slack, alice, back) == "bad_state"
    assert not Installation.objects.exists()


def test_another_person_is_refused(slack: Slack, pending: Connection, alice: Member, mallory: Member) -> None:
    assert refused(slack, mallory, begin(slack, alice, pending)) == "other_browser"


def test_after_ten_minutes_it_is_too_late(slack: Slack, pending: Connection, alice: Member) -> None:
    back = begin(slack, alice, pending)
    OAuthState.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    assert refused(slack, alice, back) == "expired"


def test_a_code_is_good_once(slack: Slack, pending: Connection, alice: Member) -> None:
    used = begin(slack, alice, pending)
    oauth.finish(oauth.take_state(used["state"], BROWSER, alice.user), used["code"])
    again = {**begin(slack, alice, pending), "code": used["code"]}
    assert refused(slack, alice, again) == "invalid_code"
    assert Installation.objects.get().state == "active"


def test_slack_away_changes_nothing(
    slack: Slack, pending: Connection, alice: Member, settings: Settings
) -> None:
    back = begin(slack, alice, pending)
    settings.SLACK_API_URL = "http://127.0.0.1:1/api/"
    assert refused(slack, alice, back) == "slack_away"
    assert not Installation.objects.exists()


@pytest.mark.parametrize("method", ["oauth.v2.access", "auth.test"])
@pytest.mark.parametrize("kind", ["garbage", "status", "drop_after_commit", "ratelimit"])
def test_slack_in_trouble_changes_nothing(
    slack: Slack, pending: Connection, alice: Member, method: str, kind: str
) -> None:
    back = begin(slack, alice, pending)
    slack.fault(kind, method=method)
    assert refused(slack, alice, back) == "slack_away"
    assert not Installation.objects.exists()


def test_a_missing_permission_is_named(slack: Slack, pending: Connection, alice: Member) -> None:
    back = begin(slack, alice, pending, scope="chat:write,users:read")
    assert refused(slack, alice, back) == "missing_scope"
    assert not Installation.objects.exists()


def test_connecting_again_does_not_move_the_site_to_another_slack(
    slack: Slack, alice: Member, site: Site
) -> None:
    connection = connected(slack, alice, site)
    back = begin(slack, alice, connection, "mallory", "Globex")
    assert refused(slack, alice, back) == "wrong_workspace"
    assert slack.calls("auth.revoke")[-1]["answered"]["revoked"] is True
    assert fresh(connection).installation == Installation.objects.get(team_name="Acme")


def test_connecting_again_keeps_channel_and_installation(slack: Slack, alice: Member, site: Site) -> None:
    connection = connected(slack, alice, site)
    install(slack, alice, connection)
    again = fresh(connection)
    assert (again.channel_id, again.state) == (connection.channel_id, "ready")
    assert Installation.objects.count() == 1


def test_two_sites_of_one_slack_share_its_installation(slack: Slack, alice: Member, site: Site) -> None:
    connected(slack, alice, site)
    connected(slack, alice, shop_of(alice, "Second shop"), "second-shop")
    assert Installation.objects.count() == 1
    assert Connection.unscoped.filter(state="ready").count() == 2


def test_a_server_without_a_slack_app_says_so(pending: Connection, alice: Member, settings: Settings) -> None:
    settings.SLACK_CLIENT_ID = ""
    with pytest.raises(Refused) as refusal:
        oauth.begin(alice.user, pending, BROWSER)
    assert refusal.value.code == "not_configured"


# --- the two pages ----------------------------------------------------------------------------------------------------


def started(browser: Client, connection: Connection) -> str:
    answer = browser.get("/slack/install", {"connection": str(connection.pk)})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def test_the_whole_way_in_a_browser(
    slack: Slack, pending: Connection, alice: Member, client_of: ClientOf
) -> None:
    browser = client_of(alice)
    back = slack.authorise(started(browser, pending), slack.person("alice"))
    assert browser.cookies["slack-state"]["httponly"]
    answer = browser.get("/slack/oauth/callback", back)
    assert answer.headers["Location"].endswith(f"{pending.pk}")
    assert fresh(pending).installation is not None


def test_allowing_once_more_for_a_working_connection_says_that_it_was_done(
    slack: Slack, alice: Member, site: Site, client_of: ClientOf
) -> None:
    browser, working = client_of(alice), connected(slack, alice, site)
    back = slack.authorise(started(browser, working), slack.person("alice"))
    page = browser.get("/slack/oauth/callback", back, follow=True)
    assert "Slack has allowed it." in page.content.decode()


def test_declining_in_slack_is_a_calm_page(
    slack: Slack, pending: Connection, alice: Member, client_of: ClientOf
) -> None:
    browser = client_of(alice)
    back = slack.authorise(started(browser, pending), slack.person("alice"), "deny")
    answer = browser.get("/slack/oauth/callback", back)
    assert (back["error"], answer.status_code) == ("access_denied", 400)
    assert "Nothing was changed" in answer.content.decode()
    assert fresh(pending).installation is None


def test_a_link_opened_in_another_browser_connects_nothing(
    slack: Slack, pending: Connection, alice: Member, client_of: ClientOf
) -> None:
    back = slack.authorise(started(client_of(alice), pending), slack.person("alice"))
    assert client_of(alice).get("/slack/oauth/callback", back).status_code == 400
    assert fresh(pending).installation is None


@pytest.mark.parametrize("query", [{}, {"state": "x"}, {"code": "x"}, {"state": "\x00", "code": "\x00"}])
def test_a_junk_callback_is_a_calm_page(
    slack: Slack, alice: Member, client_of: ClientOf, query: dict[str, str]
) -> None:
    assert client_of(alice).get("/slack/oauth/callback", query).status_code == 400


def test_nobody_connects_anothers_site(
    slack: Slack, pending: Connection, bob: Member, mallory: Member, client_of: ClientOf
) -> None:
    address = {"connection": str(pending.pk)}
    assert client_of(mallory).get("/slack/install", address).status_code == 404
    assert client_of(bob).get("/slack/install", address).status_code == 403
    assert Client().get("/slack/install", address).status_code == 302
    assert not OAuthState.objects.exists()
