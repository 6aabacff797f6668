"""S1, S2: OAuth v2 as a person and the app go through it."""

import httpx
import pytest

from tests.slack_sandbox.conftest import CLIENT_ID, CLIENT_SECRET, Slack, code_in


def test_the_page_shows_who_may_allow_what(slack: Slack) -> None:
    asked = {"client_id": CLIENT_ID, "scope": "chat:write,users:read", "redirect_uri": slack.redirect_uri}
    page = slack.http.get(f"{slack.url}/oauth/v2/authorize", params=asked)
    assert page.status_code == 200
    assert "Alice Meyer" in page.text
    assert "Mallory Kent" in page.text
    assert "Send messages as the app" in page.text


def test_allowing_leads_back_with_a_code_and_the_state(slack: Slack) -> None:
    answer = slack.authorize()
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(f"{slack.redirect_uri}?code=")
    assert answer.headers["location"].endswith("&state=s-1")


def test_cancelling_leads_back_with_access_denied(slack: Slack) -> None:
    assert "error=access_denied&state=s-1" in slack.authorize(decision="deny").headers["location"]


def test_a_code_becomes_a_token_that_names_its_team_and_bot(slack: Slack) -> None:
    bot = slack.install()
    assert bot.grant["ok"]
    assert bot.grant["team"]["name"] == "Acme"
    assert bot.grant["authed_user"] == {"id": slack.person("alice")}
    told = bot.call("auth.test")
    assert told["user_id"] == bot.grant["bot_user_id"]
    assert told["team_id"] == bot.grant["team"]["id"]
    assert told["bot_id"].startswith("B")


def test_a_code_is_good_once(slack: Slack) -> None:
    code = code_in(slack.authorize().headers["location"])
    assert slack.exchange(code)["ok"]
    assert slack.exchange(code) == {"ok": False, "error": "invalid_code"}


def test_the_redirect_address_must_be_the_one_that_was_asked_for(slack: Slack) -> None:
    code = code_in(slack.authorize().headers["location"])
    assert slack.exchange(code, redirect_uri=f"{slack.app.url}/elsewhere")["error"] == "bad_redirect_uri"


@pytest.mark.parametrize(
    "wrong,error",
    [
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"scope": ""}, "no_scopes"),
        ({"scope": "chat:write,everything"}, "invalid_scope"),
        ({"redirect_uri": "https://evil.example/slack/oauth/callback"}, "bad_redirect_uri"),
        ({"redirect_uri": "http://127.0.0.1.evil.example/"}, "bad_redirect_uri"),
    ],
)
def test_a_wrong_request_is_refused_on_the_page_and_never_redirected(
    slack: Slack, wrong: dict[str, str], error: str
) -> None:
    answer = slack.authorize(**wrong)
    assert answer.status_code == 400
    assert error in answer.text
    assert "location" not in answer.headers


def test_wrong_client_credentials_get_no_token(slack: Slack) -> None:
    def error(client_id: str, secret: str) -> str:
        code = code_in(slack.authorize().headers["location"])
        asked = {"code": code, "redirect_uri": slack.redirect_uri}
        answer = slack.http.post(f"{slack.url}/api/oauth.v2.access", data=asked, auth=(client_id, secret))
        return str(answer.json()["error"])

    assert error("1.2", CLIENT_SECRET) == "invalid_client_id"
    assert error(CLIENT_ID, "guess") == "bad_client_secret"


def test_installing_again_keeps_the_token_and_adds_scopes(slack: Slack) -> None:
    first = slack.install(scope="chat:write")
    second = slack.install(user="bob", scope="users:read")
    assert second.token == first.token
    assert second.grant["scope"] == "chat:write,users:read"


def test_after_uninstalling_the_token_is_dead_and_a_new_install_gets_another(slack: Slack) -> None:
    first = slack.install()
    assert first.ask("apps.uninstall", client_id=CLIENT_ID, client_secret=CLIENT_SECRET)["ok"]
    assert first.call("auth.test")["error"] == "account_inactive"
    assert slack.install().token != first.token


def test_each_team_has_its_own_bot_and_token(slack: Slack) -> None:
    acme, globex = slack.install("alice"), slack.install("mallory")
    assert acme.token != globex.token
    assert acme.grant["bot_user_id"] != globex.grant["bot_user_id"]


def test_a_person_of_another_team_cannot_allow_for_the_asked_team(slack: Slack) -> None:
    answer: httpx.Response = slack.authorize(user="mallory", team=slack.team()["id"])
    assert answer.status_code == 400
