"""The ways through Slack as a browser goes them: press, decide in Slack, come back."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client

from accounts.models import User
from slackapp.models import Connection
from tests.slackapp.peer import Json, Slack

Answer = Any  # Django's test client adds to what a view answers


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def decide(
    slack: Slack,
    address: str,
    person: str = "alice",
    team: str = "Acme",
    decision: str = "allow",
    **changed: str,
) -> dict[str, str]:
    """The person's choice on Slack's page; what the browser is sent back with."""
    given = {**query_of(address), "user": slack.person(person, team), "decision": decision, **changed}
    answer = slack.http.post(urlsplit(address).path, data=given)
    assert answer.status_code == 302, answer.text
    return query_of(answer.headers["location"])


def start(browser: Client, path: str, **query: str) -> str:
    answer = browser.get(path, query)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


def add(slack: Slack, browser: Client, person: str = "alice", team: str = "Acme", **more: str) -> Answer:
    """*Add to Slack*, the whole way."""
    back = decide(slack, start(browser, "/slack/install"), person, team, **more)
    return browser.get("/slack/oauth/callback", back)


def log_in(slack: Slack, browser: Client, person: str = "alice", team: str = "Acme", **more: str) -> Answer:
    back = decide(slack, start(browser, "/slack/login", **more), person, team)
    return browser.get("/slack/login/callback", back)


def who_is_in(browser: Client) -> str | None:
    return browser.session.get("_auth_user_id")


def user_in(browser: Client) -> User:
    return User.objects.get(pk=str(who_is_in(browser)))


def only(connection_of: str = "Acme") -> Connection:
    return Connection.unscoped.select_related("site", "installation", "workspace").get(
        installation__team_name=connection_of
    )


def channels(slack: Slack, team: str = "Acme") -> dict[str, Json]:
    return {channel["name"]: channel for channel in slack.team(team)["channels"]}
