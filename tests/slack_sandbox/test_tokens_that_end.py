"""Token rotation on Slack's side: pairs, one use, a short grace, at most two tokens at a time (S23)."""

from tests.slack_sandbox.conftest import CLIENT_ID, CLIENT_SECRET, Bot, Json, Slack


def refreshed(slack: Slack, token: str) -> Json:
    asked = {"grant_type": "refresh_token", "refresh_token": token}
    auth = (CLIENT_ID, CLIENT_SECRET)
    return dict(slack.http.post(f"{slack.url}/api/oauth.v2.access", data=asked, auth=auth).json())


def answer_to(slack: Slack, grant: Json) -> str:
    return str(Bot(slack, grant).call("auth.test").get("error", "ok"))


def test_an_installation_gets_a_pair_that_names_its_end(slack: Slack) -> None:
    slack.control("rotation", seconds=43_200)
    grant = slack.install().grant
    assert (grant["expires_in"], grant["access_token"][:10]) == (43_200, "xoxe.xoxb-")
    assert grant["refresh_token"].startswith("xoxe-1-")


def test_a_token_that_has_ended_says_so_and_its_refresh_token_gives_the_next(slack: Slack) -> None:
    slack.control("rotation")
    grant = slack.install().grant
    slack.control("end_tokens", team="Acme")
    assert answer_to(slack, grant) == "token_expired"
    assert answer_to(slack, refreshed(slack, grant["refresh_token"])) == "ok"


def test_the_token_before_the_newest_stays_good_and_the_one_before_it_does_not(slack: Slack) -> None:
    slack.control("rotation")
    first = slack.install().grant
    second = refreshed(slack, first["refresh_token"])
    assert (answer_to(slack, first), answer_to(slack, second)) == ("ok", "ok")
    third = refreshed(slack, second["refresh_token"])
    assert [answer_to(slack, grant) for grant in (first, second, third)] == ["invalid_auth", "ok", "ok"]


def test_a_used_refresh_token_is_forgiven_for_a_moment_only(slack: Slack) -> None:
    slack.control("rotation", grace=60)
    first = slack.install().grant
    assert refreshed(slack, first["refresh_token"])["ok"]
    assert refreshed(slack, first["refresh_token"])["ok"]
    slack.control("rotation", grace=0)
    second = slack.install().grant
    assert refreshed(slack, second["refresh_token"])["ok"]
    assert refreshed(slack, second["refresh_token"])["error"] == "invalid_refresh_token"
    assert refreshed(slack, "xoxe-1-guess")["error"] == "invalid_refresh_token"


def test_a_long_lived_token_is_exchanged_once(slack: Slack) -> None:
    bot = slack.install()
    client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    assert bot.ask("oauth.v2.exchange", **client)["error"] == "token_rotation_not_enabled"
    slack.control("rotation")
    pair = bot.ask("oauth.v2.exchange", **client)
    assert answer_to(slack, pair) == "ok"
    assert answer_to(slack, bot.grant) == "token_revoked"
    assert bot.ask("oauth.v2.exchange", **client)["error"] == "token_already_exchanged"


def test_revoking_ends_one_token_of_a_pair_and_removing_the_app_all(slack: Slack) -> None:
    slack.control("rotation")
    first = slack.install().grant
    second = refreshed(slack, first["refresh_token"])
    assert Bot(slack, first).ask("auth.revoke")["revoked"]
    assert (answer_to(slack, first), answer_to(slack, second)) == ("invalid_auth", "ok")
    Bot(slack, second).ask("apps.uninstall", client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    assert answer_to(slack, second) == "account_inactive"
    assert refreshed(slack, second["refresh_token"])["error"] == "invalid_refresh_token"


def test_no_secret_is_shown_behind_the_scenes(slack: Slack) -> None:
    slack.control("rotation")
    grant = slack.install().grant
    refreshed(slack, grant["refresh_token"])
    shown = slack.http.get(f"{slack.url}/_control/state").text
    assert "xoxe" not in shown
