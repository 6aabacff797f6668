"""What every method has in common: tokens, scopes, arguments, bodies, headers."""

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.slack_sandbox.conftest import Bot, Slack


def error(answer: dict[str, object]) -> object:
    assert answer["ok"] is False
    return answer["error"]


def test_slacks_own_client_gets_along_with_it(bot: Bot) -> None:
    client = WebClient(token=bot.token, base_url=f"{bot.slack.url}/api/", retry_handlers=[])
    channel = client.conversations_create(name="website-chat")["channel"]["id"]
    ts = client.chat_postMessage(channel=channel, text="Hello")["ts"]
    assert client.conversations_replies(channel=channel, ts=str(ts))["messages"][0]["text"] == "Hello"
    with pytest.raises(SlackApiError, match="channel_not_found"):
        client.chat_postMessage(channel="C0000000000", text="Hello")


def test_an_unknown_method_is_named_so(bot: Bot) -> None:
    assert error(bot.call("chat.shout")) == "unknown_method"


def test_without_a_token_or_with_a_wrong_one_nothing_is_answered(slack: Slack, bot: Bot) -> None:
    url = f"{slack.url}/api/auth.test"
    assert error(slack.http.post(url).json()) == "not_authed"
    assert (
        error(slack.http.post(url, headers={"Authorization": "Bearer xoxb-1-2-3"}).json()) == "invalid_auth"
    )
    assert error(slack.http.get(url, params={"token": bot.token}).json()) == "not_authed"
    assert error(slack.http.post(url, json={"token": bot.token}).json()) == "not_authed"
    assert slack.http.post(url, data={"token": bot.token}).json()["ok"]


def test_a_missing_scope_says_what_is_needed_and_what_there_is(slack: Slack) -> None:
    bot = slack.install(scope="chat:write")
    answer = bot.call("conversations.create", name="x")
    assert error(answer) == "missing_scope"
    assert "channels:manage" in answer["needed"].split(",")
    assert answer["provided"] == "chat:write"


def test_a_missing_argument_is_pointed_at(bot: Bot) -> None:
    answer = bot.call("conversations.setTopic", channel=bot.create())
    assert error(answer) == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == ["[ERROR] missing required field: topic"]


def test_an_argument_of_the_wrong_type_is_refused(bot: Bot) -> None:
    answer = bot.call("chat.postMessage", channel=7, text="Hello")
    assert error(answer) == "invalid_arguments"
    assert "/channel" in answer["response_metadata"]["messages"][0]


def test_methods_that_take_forms_only_do_not_see_json(bot: Bot) -> None:
    user = bot.slack.person("bob")
    assert error(bot.call("users.info", user=user)) == "invalid_arguments"
    assert bot.ask("users.info", user=user)["user"]["profile"]["display_name"] == "Bob"


@pytest.mark.parametrize(
    "kind,body,wanted",
    [
        ("application/json; charset=utf-8", b"{", "invalid_json"),
        ("application/json; charset=utf-8", b"[1]", "json_not_object"),
        ("application/json; charset=utf-8", b"\xff\xfe\xff", "invalid_charset"),
        ("text/plain", b"hello", "invalid_post_type"),
        ("application/x-www-form-urlencoded", b"channel=\xff", "invalid_form_data"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_by_name(bot: Bot, kind: str, body: bytes, wanted: str) -> None:
    headers = {"Authorization": f"Bearer {bot.token}", "Content-Type": kind}
    answer = bot.slack.http.post(f"{bot.slack.url}/api/chat.postMessage", content=body, headers=headers)
    assert answer.status_code == 200
    assert error(answer.json()) == wanted


@pytest.mark.parametrize("spoiled", ['"\\ud800"', '"\\udc00\\ud800"', "NaN", "1e999"])
def test_what_no_answer_could_carry_is_refused_at_the_door(slack: Slack, bot: Bot, spoiled: str) -> None:
    """It would stand in the rows from then on, and no look at them could be answered any more."""
    channel = bot.create()
    for body in (
        f'{{"channel": "{channel}", "user": "alice", "text": {spoiled}}}',
        f'{{"channel": "{channel}", "user": "alice", "text": "Hi", "blocks": [{{"block_id": {spoiled}}}]}}',
    ):
        kind = {"Content-Type": "application/json; charset=utf-8"}
        said = slack.http.post(f"{slack.url}/_control/say", content=body, headers=kind)
        assert (said.status_code, said.json()["ok"]) == (400, False)
        headers = {"Authorization": f"Bearer {bot.token}", **kind}
        sent = slack.http.post(f"{slack.url}/api/chat.postMessage", content=body, headers=headers)
        assert sent.json()["error"] == "invalid_json"
    blocks = f'[{{"type":"section","text":{{"type":"plain_text","text":{spoiled}}}}}]'
    assert not bot.ask("chat.postMessage", channel=channel, text="Hi", blocks=blocks)["ok"]
    for look in ("state", "messages", "requests"):
        assert slack.look(look, channel=channel)["ok"]


def test_a_character_of_two_halves_is_one(slack: Slack, bot: Bot) -> None:
    channel = bot.create()
    asked = f'{{"channel": "{channel}", "user": "alice", "text": "\\ud83d\\ude00"}}'
    headers = {"Content-Type": "application/json"}
    assert slack.http.post(f"{slack.url}/_control/say", content=asked, headers=headers).json()["ok"]
    assert slack.look("messages", channel=channel)["messages"][-1]["text"] == ":grinning:"


def test_json_without_a_charset_is_warned_about(bot: Bot) -> None:
    headers = {"Authorization": f"Bearer {bot.token}", "Content-Type": "application/json"}
    answer = bot.slack.http.post(f"{bot.slack.url}/api/auth.test", content="{}", headers=headers).json()
    assert answer["warning"] == "missing_charset"


def test_answers_carry_slacks_headers(bot: Bot) -> None:
    answer = bot.send("auth.test")
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")
    assert answer.headers["x-slack-req-id"]


def test_another_teams_ids_are_unknown(slack: Slack, bot: Bot) -> None:
    foreign = slack.channel("general", "Globex")["id"]
    assert error(bot.ask("conversations.info", channel=foreign)) == "channel_not_found"
    assert error(bot.post(foreign)) == "channel_not_found"
    assert error(bot.ask("users.info", user=slack.person("mallory", "Globex"))) == "user_not_found"
    assert error(bot.ask("team.info", team=slack.team("Globex")["id"])) == "team_not_found"


def test_the_log_shows_calls_and_arguments_slack_does_not_know(bot: Bot) -> None:
    bot.call("chat.postMessage", channel="C1", text="Hello", shout=True)
    last = bot.slack.look("requests")["requests"][-1]
    assert last["method"] == "chat.postMessage"
    assert last["unknown"] == ["shout"]
    assert last["answered"]["error"] == "channel_not_found"


def test_long_lists_come_in_pages(bot: Bot) -> None:
    for number in range(3):
        bot.create(f"room-{number}")
    first = bot.ask("conversations.list", limit="2")
    rest = bot.ask("conversations.list", limit="10", cursor=first["response_metadata"]["next_cursor"])
    assert len(first["channels"]) == 2
    assert {one["name"] for one in first["channels"] + rest["channels"]} >= {
        "general",
        "room-0",
        "room-1",
        "room-2",
    }
    assert rest["response_metadata"]["next_cursor"] == ""
    assert error(bot.ask("conversations.list", cursor="guess")) == "invalid_cursor"


def test_a_portrait_is_a_real_picture(bot: Bot) -> None:
    profile = bot.ask("users.info", user=bot.slack.person("bob"))["user"]["profile"]
    path = profile["image_72"].split("/", 3)[3]
    picture = bot.slack.http.get(f"{bot.slack.url}/{path}")
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
