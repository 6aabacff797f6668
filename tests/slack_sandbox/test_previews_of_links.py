"""S21: links of the app's domains are told to the app, which may put previews below the message."""

import pytest

from tests.slack_sandbox.conftest import App, Bot, Json, Slack, wait_until

URL = "https://chat.example.com/c/8f1b"
CARD = {"type": "section", "text": {"type": "plain_text", "text": "Chat with Ana"}}
BUTTON = {"type": "button", "action_id": "chat.take", "text": {"type": "plain_text", "text": "Take"}}
ROW = {"type": "actions", "block_id": "row", "elements": [BUTTON]}


@pytest.fixture
def channel(slack: Slack, bot: Bot) -> str:
    slack.control("unfurl_domains", domains=["example.com"])
    return bot.create()


def told(app: App) -> Json:
    wait_until(lambda: app.events("link_shared"))
    return app.events("link_shared")[-1]


def say(slack: Slack, channel: str, text: str = f"Look: {URL}", **more: object) -> str:
    return str(slack.control("say", user="bob", channel=channel, text=text, **more)["ts"])


def message(slack: Slack, channel: str, ts: str) -> Json:
    lines = slack.look("messages", channel=channel)["messages"]
    return dict(next(one for one in lines if one["ts"] == ts))


def test_a_link_of_ours_is_told_and_previewed(slack: Slack, app: App, bot: Bot, channel: str) -> None:
    ts = say(slack, channel, f"{URL} and https://elsewhere.org/x")
    event = told(app)
    assert event["links"] == [{"url": URL, "domain": "example.com"}]
    assert (event["channel"], event["message_ts"], event["source"]) == (channel, ts, "conversations_history")
    assert event["is_bot_user_member"] is True
    unfurls = {URL: {"blocks": [CARD]}}
    assert bot.call("chat.unfurl", unfurl_id=event["unfurl_id"], source=event["source"], unfurls=unfurls)[
        "ok"
    ]
    assert bot.call("chat.unfurl", channel=channel, ts=ts, unfurls=unfurls)["ok"]
    shown = message(slack, channel, ts)["attachments"]
    assert [(one["from_url"], one["is_app_unfurl"]) for one in shown] == [(URL, True)]
    wait_until(lambda: slack.look("pending")["events"] == 0)
    changed = [one for one in app.events() if one.get("subtype") == "message_changed"]
    assert "edited" not in changed[-1]["message"]


def test_apps_strangers_and_other_domains_are_not_told(
    slack: Slack, app: App, bot: Bot, channel: str
) -> None:
    bot.post(channel, URL)
    say(slack, channel, "https://notexample.com/c")
    slack.control("share", **{"channel": channel, "with": "Globex"})
    slack.control("say", user="mallory", channel=channel, text=URL, team="Acme")
    wait_until(lambda: slack.look("pending")["events"] == 0)
    assert app.events("link_shared") == []


def test_the_right_to_read_links_is_needed(slack: Slack, app: App) -> None:
    slack.control("unfurl_domains", domains=["example.com"])
    bot = slack.install(scope="chat:write,channels:manage,channels:history")
    channel = bot.create()
    ts = say(slack, channel)
    wait_until(lambda: slack.look("pending")["events"] == 0)
    assert app.events("link_shared") == []
    assert bot.call("chat.unfurl", channel=channel, ts=ts, unfurls={URL: {}})["error"] == "missing_scope"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"unfurls": {URL + "x": {"blocks": [CARD]}}}, "cannot_unfurl_message"),
        ({"unfurls": {"https://elsewhere.org/x": {"blocks": [CARD]}}}, "cannot_unfurl_url"),
        ({"unfurls": {URL: {"blocks": [{"type": "rich_text", "elements": []}]}}}, "invalid_blocks"),
        ({"unfurls": {URL: {"nonsense": 1}}}, "cannot_parse_attachment"),
        ({"unfurls": "{"}, "invalid_unfurls_format"),
        ({}, "missing_unfurls"),
        ({"ts": ""}, "missing_ts"),
        ({"ts": "1600000000.000001"}, "cannot_find_message"),
        ({"channel": "C0NOWHERE"}, "cannot_find_channel"),
        ({"source": "composer"}, "missing_unfurl_id"),
        ({"source": "composer", "unfurl_id": "x"}, "invalid_unfurl_id"),
        ({"source": "nonsense", "unfurl_id": "x"}, "invalid_source"),
    ],
)
def test_what_slack_does_not_take(slack: Slack, bot: Bot, channel: str, wrong: Json, error: str) -> None:
    place = {"channel": channel, "ts": say(slack, channel)}
    assert bot.call("chat.unfurl", **{**place, **wrong})["error"] == error


def test_a_person_is_asked_to_sign_in_and_may_refuse_for_ever(
    slack: Slack, app: App, bot: Bot, channel: str
) -> None:
    ts = say(slack, channel)
    asked = {
        "channel": channel,
        "ts": ts,
        "user_auth_required": True,
        "user_auth_url": "https://x.example.com",
    }
    assert bot.call("chat.unfurl", **asked)["ok"]
    prompts = message(slack, channel, ts)["prompts"]
    assert [(one["user"], one["url"]) for one in prompts] == [(slack.person("bob"), "https://x.example.com")]
    slack.control("dismiss", user="bob", channel=channel, ts=ts, never=True)
    assert message(slack, channel, ts)["prompts"] == []
    assert bot.call("chat.unfurl", **asked)["error"] == "cannot_prompt"


def test_the_composer_shows_a_preview_before_anything_is_sent(slack: Slack, app: App, bot: Bot) -> None:
    slack.control("unfurl_domains", domains=["example.com"])
    unfurl_id = slack.control("preview", user="bob", text=URL)["unfurl_id"]
    event = told(app)
    assert (event["channel"], event["source"]) == ("COMPOSER", "composer")
    assert event["message_ts"] == event["unfurl_id"] == unfurl_id
    title = {"title": {"type": "plain_text", "text": "Chat with Ana"}}
    unfurls = {URL: {"blocks": [CARD], "preview": title}}
    assert bot.call("chat.unfurl", unfurl_id=unfurl_id, source="composer", unfurls=unfurls)["ok"]
    shown = slack.control("previews", user="bob")["previews"]
    assert (shown[0]["url"], shown[0]["title"]["text"]) == (URL, "Chat with Ana")
    wrong = bot.call("chat.unfurl", unfurl_id=unfurl_id, source="conversations_history", unfurls=unfurls)
    assert wrong["error"] == "invalid_source"


def test_a_button_in_a_preview_tells_of_the_preview_alone(
    slack: Slack, app: App, bot: Bot, channel: str
) -> None:
    ts = say(slack, channel)
    bot.call("chat.unfurl", channel=channel, ts=ts, unfurls={URL: {"blocks": [ROW]}})
    slack.control("click", user="bob", channel=channel, ts=ts, action_id="chat.take")
    pressed = app.payloads("block_actions")[-1]
    assert "message" not in pressed
    assert pressed["app_unfurl"]["app_unfurl_url"] == URL
    assert pressed["container"]["type"] == "message_attachment"
