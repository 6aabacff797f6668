"""Enterprise Grid as Slack shows it to an app: one installation, several teams, each to be granted (S23)."""

from typing import Any

import pytest

from tests.slack_sandbox.conftest import CLIENT_ID, CLIENT_SECRET, App, Bot, Json, Slack, code_in, wait_until


@pytest.fixture
def org(slack: Slack) -> str:
    return str(slack.control("orgs", name="Acme Holding", teams=["Acme", "Globex"])["org"])


def everywhere(slack: Slack) -> Bot:
    """Alice allows the app for the whole organisation."""
    where = slack.authorize(whole_org="1").headers["location"]
    return Bot(slack, slack.exchange(code_in(where)))


def errors_of(*answers: Json) -> list[str]:
    return [str(answer.get("error", "ok")) for answer in answers]


def test_the_grant_names_the_organisation_and_no_team(slack: Slack, org: str) -> None:
    grant = everywhere(slack).grant
    assert (grant["team"], grant["is_enterprise_install"]) == (None, True)
    assert grant["enterprise"] == {"id": org, "name": "Acme Holding"}
    assert Bot(slack, grant).call("auth.test")["is_enterprise_install"] is True


def test_a_team_of_an_organisation_may_install_alone_and_says_where_it_belongs(
    slack: Slack, org: str
) -> None:
    grant = slack.install().grant
    assert (grant["team"]["name"], grant["enterprise"]["id"], grant["is_enterprise_install"]) == (
        "Acme",
        org,
        False,
    )


def test_only_admins_of_an_organisation_install_for_all_of_it(slack: Slack, org: str) -> None:
    assert slack.authorize(user="bob", whole_org="1").status_code == 400


def test_one_of_its_teams_cannot_install_a_second_time(slack: Slack, org: str) -> None:
    everywhere(slack)
    answer = slack.exchange(code_in(slack.authorize().headers["location"]))
    assert answer["error"] == "cannot_install_an_org_installed_app"


def test_its_token_says_which_team_it_means(slack: Slack, org: str) -> None:
    bot, acme, globex = everywhere(slack), slack.team()["id"], slack.team("Globex")["id"]
    assert errors_of(
        bot.call("conversations.create", name="website-chat"),
        bot.call("conversations.create", name="website-chat", team_id=globex),
        bot.call("conversations.create", name="website-chat", team_id="T0NOWHERE"),
        bot.call("conversations.create", name="website-chat", team_id=acme),
    ) == ["missing_argument", "team_access_not_granted", "team_not_found", "ok"]
    assert errors_of(bot.ask("conversations.list"), bot.ask("conversations.list", team_id=acme)) == [
        "missing_argument",
        "ok",
    ]


def test_a_channel_tells_its_team(slack: Slack, org: str) -> None:
    bot, globex = everywhere(slack), slack.team("Globex")
    channel = slack.channel("random", "Globex")["id"]
    assert bot.call("conversations.join", channel=channel)["error"] == "team_access_not_granted"
    slack.control("grant", team="Globex")
    assert bot.call("conversations.join", channel=channel)["ok"]
    assert bot.post(channel)["message"]["team"] == globex["id"]
    assert [team["name"] for team in bot.ask("auth.teams.list")["teams"]] == ["Acme", "Globex"]


def test_its_events_are_authorised_for_the_organisation(slack: Slack, app: App, org: str) -> None:
    everywhere(slack)
    slack.control("grant", team="Globex")
    slack.control("withdraw", team="Globex")
    wait_until(lambda: app.events("team_access_granted") and app.events("team_access_revoked"))
    assert app.events("team_access_revoked")[0]["team_ids"] == [slack.team("Globex")["id"]]
    body: dict[str, Any] = app.bodies("team_access_revoked")[0]
    assert (body["team_id"], body["enterprise_id"]) == (None, org)
    assert body["authorizations"][0]["is_enterprise_install"] is True
    assert body["authorizations"][0]["team_id"] is None


def test_removing_it_ends_it_in_every_team(slack: Slack, org: str) -> None:
    bot = everywhere(slack)
    slack.control("grant", team="Globex")
    assert bot.ask("apps.uninstall", client_id=CLIENT_ID, client_secret=CLIENT_SECRET)["ok"]
    assert bot.call("auth.test")["error"] == "account_inactive"
    assert [slack.team(name)["installation"] for name in ("Acme", "Globex")] == [None, None]
