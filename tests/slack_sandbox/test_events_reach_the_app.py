"""S4, S6: signed envelopes, in order, to those who may know, repeated as Slack repeats them."""

import json
import time

import pytest
from slack_sdk.signature import SignatureVerifier

from tests.slack_sandbox.conftest import SIGNING_SECRET, App, Bot, Slack, wait_until


@pytest.fixture
def channel(bot: Bot, app: App) -> str:
    made = bot.create()
    wait_until(lambda: any(event.get("subtype") == "channel_join" for event in app.events()))
    app.heard.clear()
    return made


def delivered(slack: Slack) -> None:
    wait_until(lambda: slack.look("pending")["events"] == 0)


def test_a_persons_message_arrives_signed_in_slacks_envelope(
    slack: Slack, bot: Bot, app: App, channel: str
) -> None:
    said = slack.control("say", user="bob", channel="general", text="not for the app")
    assert said["event_id"] == ""
    bot.call("conversations.invite", channel=channel, users=slack.person("bob"))
    said = slack.control("say", user="bob", channel=channel, text="Hello *you*")
    wait_until(lambda: app.texts() == ["Hello *you*"])
    heard = app.heard[-1]
    assert SignatureVerifier(SIGNING_SECRET).is_valid_request(heard.body, heard.headers)
    assert not SignatureVerifier("other").is_valid_request(heard.body, heard.headers)
    body = json.loads(heard.body)
    assert body["event_id"] == said["event_id"]
    assert body["api_app_id"] == bot.grant["app_id"]
    assert body["authorizations"][0]["user_id"] == bot.grant["bot_user_id"]
    assert body["event"]["ts"] == said["ts"]
    assert body["event"]["channel"] == channel
    assert body["event"]["channel_type"] == "channel"
    assert body["event"]["client_msg_id"]
    assert body["event"]["blocks"][0]["elements"][0]["elements"][1]["style"] == {"bold": True}


def test_a_reply_names_its_thread_and_parents_author(slack: Slack, bot: Bot, app: App, channel: str) -> None:
    root = bot.post(channel, "card")["ts"]
    slack.control("say", user="bob", channel=channel, thread_ts=root, text="on it")
    wait_until(lambda: "on it" in app.texts())
    event = next(event for event in app.events() if event["text"] == "on it")
    assert event["thread_ts"] == root
    assert event["parent_user_id"] == bot.grant["bot_user_id"]


def test_the_apps_own_posts_come_back_with_their_metadata(bot: Bot, app: App, channel: str) -> None:
    metadata = {"event_type": "chat_message", "event_payload": {"mids": ["m1"]}}
    bot.post(channel, "Hello", username="Ana (visitor)", metadata=metadata)
    wait_until(app.events)
    assert app.events()[0]["metadata"] == metadata
    assert app.events()[0]["subtype"] == "bot_message"
    assert "user" not in app.events()[0]


def test_metadata_stays_away_without_its_scope(slack: Slack, app: App) -> None:
    bot = slack.install(scope="chat:write,channels:manage,channels:history")
    bot.post(bot.create(), "Hello", metadata={"event_type": "x", "event_payload": {}})
    wait_until(lambda: "Hello" in app.texts())
    assert all("metadata" not in event for event in app.events())


def test_without_the_history_scope_messages_stay_away(slack: Slack) -> None:
    bot = slack.install(scope="chat:write,channels:manage")
    said = slack.control("say", user="bob", channel=bot.create(), text="Hello")
    assert said["event_id"] == ""


def test_edits_deletions_and_reactions_are_told(slack: Slack, app: App, channel: str) -> None:
    person = {"user": "bob", "channel": channel}
    ts = slack.control("say", **person, text="frist")["ts"]
    slack.control("edit", **person, ts=ts, text="first")
    slack.control("react", **person, ts=ts, name="lock")
    slack.control("delete", **person, ts=ts)
    delivered(slack)
    changed = next(event for event in app.events() if event.get("subtype") == "message_changed")
    assert changed["message"]["ts"] == ts
    assert changed["message"]["edited"]["user"] == slack.person("bob")
    assert (changed["previous_message"]["text"], changed["message"]["text"]) == ("frist", "first")
    assert next(e for e in app.events() if e.get("subtype") == "message_deleted")["deleted_ts"] == ts
    assert app.events("reaction_added")[0]["item"] == {"type": "message", "channel": channel, "ts": ts}


def test_the_channels_fate_is_told(slack: Slack, bot: Bot, app: App, channel: str) -> None:
    slack.control("rename", channel=channel, name="renamed")
    slack.control("archive", channel=channel)
    slack.control("unarchive", channel=channel)
    slack.control("kick", channel=channel)
    delivered(slack)
    assert app.events("channel_rename")[0]["channel"]["name"] == "renamed"
    assert app.events("channel_archive")[0]["channel"] == channel
    assert app.events("channel_unarchive")
    assert app.events("member_left_channel")[0]["user"] == bot.grant["bot_user_id"]
    assert app.events("channel_left")[0]["channel"] == channel


@pytest.mark.parametrize(
    "act,kinds,error",
    [
        ("uninstall", {"tokens_revoked", "app_uninstalled"}, "account_inactive"),
        ("revoke", {"tokens_revoked"}, "token_revoked"),
    ],
)
def test_leaving_is_told_and_ends_the_token(
    slack: Slack, bot: Bot, app: App, act: str, kinds: set[str], error: str
) -> None:
    app.heard.clear()
    slack.control(act, team="Acme")
    delivered(slack)
    assert {heard.event["type"] for heard in app.heard} == kinds
    assert app.events("tokens_revoked")[0]["tokens"]["bot"] == [bot.grant["bot_user_id"]]
    assert bot.call("auth.test")["error"] == error


def test_one_team_learns_nothing_of_another(slack: Slack, bot: Bot, app: App, channel: str) -> None:
    slack.install(user="mallory")
    said = slack.control("say", team="Globex", user="mallory", channel="general", text="secret")
    assert said["event_id"] == ""
    delivered(slack)
    assert app.texts() == []


def test_a_channels_messages_arrive_in_order(slack: Slack, app: App, channel: str) -> None:
    wanted = [f"line {number}" for number in range(40)]
    for text in wanted:
        slack.control("say", user="bob", channel=channel, text=text)
    delivered(slack)
    assert app.texts() == wanted


def test_a_refused_event_is_repeated_with_slacks_headers(slack: Slack, app: App, channel: str) -> None:
    slack.control("join", user="bob", channel=channel)
    delivered(slack)
    app.heard.clear()
    slack.control("clock", factor=10_000)
    app.answers += [(500, {}), (503, {}), (404, {})]
    said = slack.control("say", user="bob", channel=channel, text="Hello")
    delivered(slack)
    assert [heard.headers.get("x-slack-retry-num") for heard in app.heard] == [None, "1", "2", "3"]
    assert {heard.headers.get("x-slack-retry-reason") for heard in app.heard} == {None, "http_error"}
    assert len({json.loads(heard.body)["event_id"] for heard in app.heard}) == 1
    log = [row for row in slack.look("events")["events"] if row["event_id"] == said["event_id"]]
    assert [(row["attempt"], row["status"]) for row in log] == [(0, 500), (1, 503), (2, 404), (3, 200)]


def test_the_second_retry_waits_for_its_minute(slack: Slack, app: App, channel: str) -> None:
    slack.control("join", user="bob", channel=channel)
    delivered(slack)
    app.heard.clear()
    slack.control("clock", factor=200)
    app.answers += [(500, {})] * 2
    began = time.monotonic()
    slack.control("say", user="bob", channel=channel, text="Hello")
    delivered(slack)
    assert len(app.heard) == 3
    assert 0.25 < time.monotonic() - began < 2


def test_a_refusal_that_asks_for_no_retry_gets_none(slack: Slack, app: App, channel: str) -> None:
    slack.control("join", user="bob", channel=channel)
    delivered(slack)
    app.heard.clear()
    app.answers.append((403, {"X-Slack-No-Retry": "1"}))
    slack.control("say", user="bob", channel=channel, text="Hello")
    delivered(slack)
    assert len(app.heard) == 1


def test_a_slow_answer_does_not_hold_up_the_channel(slack: Slack, app: App, channel: str) -> None:
    slack.control("join", user="bob", channel=channel)
    delivered(slack)
    app.pause = 0.9
    began = time.monotonic()
    for number in range(3):
        slack.control("say", user="bob", channel=channel, text=f"line {number}")
    delivered(slack)
    assert time.monotonic() - began < 2.5


def test_a_mention_of_the_bot_comes_twice_as_slack_sends_it(
    slack: Slack, bot: Bot, app: App, channel: str
) -> None:
    slack.control("say", user="bob", channel=channel, text=f"<@{bot.grant['bot_user_id']}> help")
    delivered(slack)
    asked = next(event for event in app.events() if event["text"].endswith("help"))
    assert app.events("app_mention")[0]["ts"] == asked["ts"]


def test_any_event_can_be_sent_and_the_address_verified(slack: Slack, bot: Bot, app: App) -> None:
    slack.control("emit", team="Acme", event={"type": "team_rename", "name": "Acme & Sons"})
    delivered(slack)
    assert app.events("team_rename")[0]["name"] == "Acme & Sons"
    told = slack.control("verify_url")
    assert json.loads(app.heard[-1].body)["challenge"] == told["challenge"]
    assert told["status"] == 200
