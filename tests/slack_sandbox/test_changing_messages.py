"""S11: what people do to messages after they are written, and how Slack tells of it."""

import pytest

from tests.slack_sandbox.conftest import App, Bot, Json, Slack, wait_until


def told(app: App, subtype: str) -> Json:
    wait_until(lambda: any(event.get("subtype") == subtype for event in app.events()))
    return [event for event in app.events() if event.get("subtype") == subtype][-1]


@pytest.fixture
def line(slack: Slack, bot: Bot) -> Json:
    """Bob's line in a thread that the bot began."""
    channel = bot.create()
    root = bot.post(channel, "card")["ts"]
    said = slack.control("say", user="bob", channel=channel, thread_ts=root, text="See https://acme.example")
    return {"channel": channel, "ts": said["ts"], "root": root}


def refused(slack: Slack, **asked: str) -> str:
    answer = slack.http.post(f"{slack.url}/_control/delete", json=asked)
    assert answer.status_code == 400
    return str(answer.json()["error"])


def test_a_preview_changes_the_message_and_not_its_words(slack: Slack, app: App, line: Json) -> None:
    slack.control("unfurl", channel=line["channel"], ts=line["ts"])
    event = told(app, "message_changed")
    assert event["message"]["attachments"][0]["from_url"]
    assert "edited" not in event["message"]
    for name in ("text", "blocks", "ts", "thread_ts"):
        assert event["message"][name] == event["previous_message"][name]


def test_a_deletion_may_tell_the_ts_alone(slack: Slack, app: App, line: Json) -> None:
    slack.control("delete", user="bob", channel=line["channel"], ts=line["ts"], bare=True)
    event = told(app, "message_deleted")
    assert event["deleted_ts"] == line["ts"]
    assert "previous_message" not in event


def test_an_owner_deletes_what_the_app_posted_and_a_member_does_not(
    slack: Slack, app: App, line: Json
) -> None:
    card = {"channel": line["channel"], "ts": line["root"]}
    assert "cannot delete" in refused(slack, user="bob", **card)
    slack.control("delete", user="alice", **card)
    event = told(app, "message_changed")
    assert (event["message"]["subtype"], event["message"]["ts"]) == ("tombstone", line["root"])
    assert "cannot delete" in refused(slack, user="alice", **card)
