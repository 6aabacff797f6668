"""Answers carry what Slack's own example answers carry."""

import json
from typing import Any

import pytest

from slack_sandbox.server import METHODS as SPOKEN
from tests.slack_sandbox.conftest import ROOT, Bot, Slack

METHODS = ROOT.parent / "shared/samples/slack/slack-api-ref/docs.slack.dev/methods"
needs_samples = pytest.mark.skipif(
    not METHODS.is_dir(), reason="Slack's sample answers are not on this machine"
)
# parts of examples that Slack leaves out in most workspaces, or that belong to products the app does not use
OPTIONAL = set(
    (
        "enterprise_id enterprise_name email has_2fa image_original properties "
        "last_read latest unread_count unread_count_display priority attachments "
        "subscribed num_members locale response_metadata is_read_only warning "
        "expires_in refresh_token enterprise channel_actions_ts channel_actions_count image_88 "
        "pin_count username subtype "
    ).split()
)


def example(method: str) -> dict[str, Any]:
    return dict(json.loads((METHODS / f"{method}.json").read_text())["examples"]["success"]["example"])


def missing(wanted: object, given: object, path: str = "") -> list[str]:
    if isinstance(wanted, dict) and isinstance(given, dict):
        absent = [f"{path}/{key}" for key in wanted if key not in given and key not in OPTIONAL]
        return absent + [
            gap for key in wanted if key in given for gap in missing(wanted[key], given[key], f"{path}/{key}")
        ]
    if isinstance(wanted, list) and isinstance(given, list) and wanted and given:
        return missing(wanted[0], given[0], f"{path}/0")
    return []


@needs_samples
@pytest.mark.parametrize(
    "method,args",
    [
        ("auth.test", {}),
        ("conversations.create", {"name": "another"}),
        ("conversations.info", {"channel": "{channel}"}),
        ("conversations.join", {"channel": "{channel}"}),
        ("conversations.list", {}),
        ("conversations.members", {"channel": "{channel}"}),
        ("conversations.history", {"channel": "{channel}"}),
        ("conversations.replies", {"channel": "{channel}", "ts": "{ts}"}),
        ("conversations.rename", {"channel": "{channel}", "name": "renamed"}),
        ("conversations.setTopic", {"channel": "{channel}", "topic": "x"}),
        ("conversations.invite", {"channel": "{channel}", "users": "{bob}"}),
        ("users.info", {"user": "{bob}"}),
        ("users.list", {}),
        ("users.conversations", {}),
        ("users.getPresence", {"user": "{bob}"}),
        ("team.info", {}),
        ("bots.info", {"bot": "{bot}"}),
        ("chat.postMessage", {"channel": "{channel}", "text": "x", "username": "Ana"}),
        ("chat.update", {"channel": "{channel}", "ts": "{ts}", "text": "x"}),
        ("chat.delete", {"channel": "{channel}", "ts": "{ts}"}),
        ("chat.getPermalink", {"channel": "{channel}", "message_ts": "{ts}"}),
    ],
)
def test_nothing_of_slacks_example_is_missing(
    slack: Slack, bot: Bot, method: str, args: dict[str, str]
) -> None:
    channel = bot.create()
    root = bot.post(channel)["ts"]
    bot.post(channel, thread_ts=root)
    known = {
        "channel": channel,
        "ts": root,
        "bob": slack.person("bob"),
        "bot": bot.call("auth.test")["bot_id"],
    }
    answer = bot.ask(method, **{key: value.format(**known) for key, value in args.items()})
    assert answer["ok"], answer
    assert missing(example(method), answer) == []


@needs_samples
def test_the_grant_carries_what_slacks_example_carries(bot: Bot) -> None:
    wanted = example("oauth.v2.access")
    wanted["authed_user"] = {"id": wanted["authed_user"]["id"]}  # the rest belongs to user scopes
    assert missing(wanted, bot.grant) == []


@needs_samples
@pytest.mark.parametrize("method", sorted(SPOKEN))
def test_scopes_and_arguments_are_those_slack_documents(method: str) -> None:
    documented = json.loads((METHODS / f"{method}.json").read_text())
    ours = SPOKEN[method]
    assert set(ours.args) <= set(documented["args"]["properties"])
    assert set(ours.required) <= set(documented["args"]["properties"])
    assert set(ours.scopes) <= set((documented.get("scope") or {}).get("bot") or [])
    assert ours.takes_json == bool(documented.get("json_input_supported"))
