"""S17: a slash command reaches the app as Slack sends it, and its answer is shown to whoever typed it."""

import pytest
from slack_sdk.signature import SignatureVerifier

from tests.slack_sandbox.conftest import SIGNING_SECRET, App, Bot, Json, Slack

PATH = "/slack/commands"


@pytest.fixture
def channel(slack: Slack, bot: Bot) -> str:
    return str(slack.channel("random")["id"])


def shown(slack: Slack, channel: str) -> list[tuple[str, str]]:
    """Text and the only reader of every line."""
    return [(m["text"], m["seen_only_by"]) for m in slack.look("messages", channel=channel)["messages"]]


def run(slack: Slack, channel: str, text: str, **more: object) -> Json:
    return slack.control("command", user="bob", channel=channel, text=text, **more)


def form(app: App) -> dict[str, str]:
    heard = [one for one in app.heard if one.path == PATH][-1]
    assert SignatureVerifier(SIGNING_SECRET).is_valid_request(heard.body, heard.headers)
    return heard.form


def test_the_form_names_place_person_and_words(slack: Slack, app: App, channel: str) -> None:
    assert run(slack, channel, "/threadbell  close now")["status"] == 200
    told = form(app)
    assert (told["command"], told["text"]) == ("/threadbell", "close now")
    assert (told["channel_id"], told["channel_name"]) == (channel, "random")
    assert (told["user_id"], told["user_name"]) == (slack.person("bob"), "bob")
    assert (told["team_id"], told["team_domain"]) == (slack.team()["id"], slack.team()["domain"])
    assert told["api_app_id"] == "A0SANDBOX1"
    assert told["is_enterprise_install"] == "false"
    assert "/commands/" in told["response_url"]
    assert told["trigger_id"]
    assert shown(slack, channel) == []


def test_a_text_and_blocks_are_whispered(slack: Slack, app: App, channel: str) -> None:
    app.says[PATH] = lambda heard: "You are online."
    run(slack, channel, "status")
    app.says[PATH] = lambda heard: {"text": "Two", "blocks": [{"type": "divider"}]}
    run(slack, channel, "status")
    bob = slack.person("bob")
    assert shown(slack, channel) == [("You are online.", bob), ("Two", bob)]


def test_an_answer_to_all_shows_what_was_typed(slack: Slack, app: App, channel: str) -> None:
    app.says[PATH] = lambda heard: {"response_type": "in_channel", "text": "Away"}
    run(slack, channel, "/threadbell away")
    assert shown(slack, channel) == [("/threadbell away", ""), ("Away", "")]


def test_what_the_app_says_later_goes_to_the_response_url(slack: Slack, app: App, channel: str) -> None:
    run(slack, channel, "status")
    assert slack.http.post(form(app)["response_url"], json={"text": "At last"}).status_code == 200
    assert slack.http.post(form(app)["response_url"], json={}).status_code == 400
    assert shown(slack, channel) == [("At last", slack.person("bob"))]


@pytest.mark.parametrize(("status", "error"), [(404, "http_client_error"), (503, "http_service_error")])
def test_any_other_status_is_slacks_technical_error(
    slack: Slack, app: App, channel: str, status: int, error: str
) -> None:
    app.fails[PATH] = status
    assert run(slack, channel, "status")["problem"] == error
    assert shown(slack, channel) == [(f'/threadbell failed with the error "{error}"', slack.person("bob"))]


def test_an_answer_that_slack_cannot_read_is_an_error(slack: Slack, app: App, channel: str) -> None:
    app.says[PATH] = lambda heard: {"text": "x", "blocks": [{"type": "nonsense"}]}
    assert run(slack, channel, "status")["problem"] == "invalid_command_response"


def test_an_app_that_takes_its_time_has_failed(slack: Slack, app: App, channel: str) -> None:
    app.pause = 3.3
    assert run(slack, channel, "status")["problem"] == "operation_timeout"


def test_threads_and_unknown_commands_are_refused_without_the_app(slack: Slack, app: App, bot: Bot) -> None:
    place = bot.create()
    root = bot.post(place)["ts"]
    assert "not supported in threads" in run(slack, place, "/threadbell status", thread_ts=root)["problem"]
    assert run(slack, place, "/nonsense")["problem"] == "/nonsense is not a valid command."
    assert [one for one in app.heard if one.path == PATH] == []


def test_there_are_no_commands_without_the_scope(slack: Slack, app: App) -> None:
    bot = slack.install(scope="chat:write,channels:manage")
    told = run(slack, bot.create(), "/threadbell status")
    assert told["problem"] == "/threadbell is not a valid command."
