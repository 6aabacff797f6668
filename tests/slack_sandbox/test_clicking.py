"""S15: a click on a card's button reaches the app, and the app may answer to the response_url."""

import json
from urllib.parse import parse_qs

import pytest
from slack_sdk.signature import SignatureVerifier

from tests.slack_sandbox.conftest import SIGNING_SECRET, App, Bot, Json, Slack, wait_until

PLAIN = {"type": "plain_text", "text": "Take"}
BUTTON = {"type": "button", "action_id": "take", "text": PLAIN, "value": "chat-1"}
MENU = {"type": "overflow", "action_id": "more", "options": [{"text": PLAIN, "value": "close"}] * 2}
CARD = [{"type": "actions", "block_id": "card", "elements": [BUTTON, MENU]}]


@pytest.fixture
def card(slack: Slack, bot: Bot) -> Json:
    channel = bot.create()
    slack.control("join", user="bob", channel=channel)
    return {"channel": channel, "ts": bot.post(channel, "card", blocks=CARD)["ts"]}


def payload(app: App) -> Json:
    clicks = [heard for heard in app.heard if heard.path == "/slack/interactivity"]
    assert SignatureVerifier(SIGNING_SECRET).is_valid_request(clicks[-1].body, clicks[-1].headers)
    return dict(json.loads(parse_qs(clicks[-1].body.decode())["payload"][0]))


def test_a_click_is_posted_as_block_actions(slack: Slack, app: App, card: Json) -> None:
    assert slack.control("click", user="bob", action_id="take", **card)["status"] == 200
    told = payload(app)
    assert told["type"] == "block_actions"
    assert told["user"]["id"] == slack.person("bob")
    assert told["container"]["message_ts"] == card["ts"]
    assert told["channel"]["id"] == card["channel"]
    assert told["actions"][0]["action_id"] == "take"
    assert told["actions"][0]["block_id"] == "card"
    assert told["actions"][0]["value"] == "chat-1"


def test_an_option_of_a_menu_is_named(slack: Slack, app: App, card: Json) -> None:
    slack.control("click", user="bob", action_id="more", value="close", **card)
    assert payload(app)["actions"][0]["selected_option"]["value"] == "close"


def test_an_app_that_fails_is_not_asked_again(slack: Slack, app: App, card: Json) -> None:
    wait_until(lambda: slack.look("pending")["events"] == 0)
    app.heard.clear()
    app.fails["/slack/interactivity"] = 500
    assert slack.control("click", user="bob", action_id="take", **card)["problem"] == "http_error"
    assert [heard.path for heard in app.heard] == ["/slack/interactivity"]


def respond(slack: Slack, app: App, body: Json) -> int:
    key = payload(app)["response_url"].split("/actions/")[1]
    return slack.http.post(f"{slack.url}/actions/{key}", json=body).status_code


def test_a_response_can_whisper_speak_replace_and_delete(slack: Slack, app: App, card: Json) -> None:
    slack.control("click", user="bob", action_id="take", **card)
    assert respond(slack, app, {"text": "only you"}) == 200
    assert respond(slack, app, {"text": "all of you", "response_type": "in_channel"}) == 200
    assert respond(slack, app, {"text": "taken", "replace_original": True}) == 200
    messages = slack.look("messages", channel=card["channel"])["messages"]
    assert {one["text"]: bool(one["seen_only_by"]) for one in messages if "joined" not in one["text"]} == {
        "taken": False,
        "only you": True,
        "all of you": False,
    }
    assert respond(slack, app, {"delete_original": True}) == 200
    assert card["ts"] not in [
        one["ts"] for one in slack.look("messages", channel=card["channel"])["messages"]
    ]


def test_a_response_url_is_good_for_five_uses(slack: Slack, app: App, card: Json) -> None:
    slack.control("click", user="bob", action_id="take", **card)
    assert [respond(slack, app, {"text": "x"}) for _ in range(6)] == [200] * 5 + [404]


ASSIGN = {"type": "users_select", "action_id": "assign", "placeholder": PLAIN}
SAVED = {"type": "external_select", "action_id": "saved", "min_query_length": 2, "placeholder": PLAIN}


@pytest.fixture
def menus(slack: Slack, bot: Bot) -> Json:
    channel = bot.create()
    slack.control("join", user="bob", channel=channel)
    row = [{"type": "actions", "block_id": "row", "elements": [ASSIGN, SAVED]}]
    return {"user": "bob", "channel": channel, "ts": bot.post(channel, "card", blocks=row)["ts"]}


def test_a_person_is_chosen_by_id(slack: Slack, app: App, menus: Json) -> None:
    slack.control("click", action_id="assign", value="carol", **menus)
    assert payload(app)["actions"][0]["selected_user"] == slack.person("carol")


def test_suggestions_of_a_message_come_from_the_app(slack: Slack, app: App, menus: Json) -> None:
    app.says["/slack/options"] = lambda heard: {"options": [{"text": PLAIN, "value": "hello"}]}
    assert slack.control("suggest", action_id="saved", query="h", **menus)["asked"] is False
    assert "ask for suggestions" in slack.refused("click", action_id="saved", value="hello", **menus)
    assert slack.control("suggest", action_id="saved", query="he", **menus)["options"][0]["value"] == "hello"
    asked = app.payloads("block_suggestion", "/slack/options")[-1]
    assert asked["container"]["message_ts"] == menus["ts"]
    slack.control("click", action_id="saved", value="hello", **menus)
    assert payload(app)["actions"][0]["selected_option"]["value"] == "hello"


def test_an_answer_to_one_person_is_changed_without_telling_anybody(slack: Slack, app: App, bot: Bot) -> None:
    channel = bot.create()
    slack.control("join", user="bob", channel=channel)
    buttons = {"text": "Only you", "blocks": CARD}
    app.says["/slack/commands"] = lambda heard: buttons
    slack.control("command", user="bob", channel=channel, text="status")
    ts = slack.look("messages", channel=channel)["messages"][-1]["ts"]
    slack.control("click", user="bob", channel=channel, ts=ts, action_id="take")
    assert payload(app)["container"]["is_ephemeral"] is True
    assert respond(slack, app, {"replace_original": True, "text": "Taken"}) == 200
    last = slack.look("messages", channel=channel)["messages"][-1]
    assert (last["ts"], last["text"], last["seen_only_by"]) == (ts, "Taken", slack.person("bob"))
    wait_until(lambda: slack.look("pending")["events"] == 0)
    assert [one for one in app.events() if one.get("subtype") == "message_changed"] == []
