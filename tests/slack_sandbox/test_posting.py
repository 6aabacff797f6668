"""chat.*: what a post becomes, and what is refused (S7, S10, S13)."""

from typing import Any

import pytest

from tests.slack_sandbox.conftest import Bot, Json, Slack


def stored(bot: Bot, channel: str, ts: str) -> Json:
    messages = bot.slack.look("messages", channel=channel)["messages"]
    return next(dict(one) for one in messages if one["ts"] == ts)


def test_a_post_as_the_app_names_the_bot_user(bot: Bot) -> None:
    message = bot.post(bot.create())["message"]
    assert message["user"] == bot.grant["bot_user_id"]
    assert message["bot_profile"]["app_id"] == bot.grant["app_id"]
    assert "subtype" not in message


def test_a_post_under_a_custom_name_has_no_user_and_cannot_be_deleted(bot: Bot) -> None:
    channel = bot.create()
    posted = bot.post(channel, username="Ana (visitor)", icon_url="https://example.com/a.png")
    assert posted["message"]["subtype"] == "bot_message"
    assert posted["message"]["username"] == "Ana (visitor)"
    assert "user" not in posted["message"]
    assert bot.call("chat.delete", channel=channel, ts=posted["ts"])["error"] == "cant_delete_message"


def test_a_custom_name_is_lost_on_update(bot: Bot) -> None:
    channel = bot.create()
    ts = bot.post(channel, username="Ana (visitor)")["ts"]
    message = bot.call("chat.update", channel=channel, ts=ts, text="changed")["message"]
    assert "username" not in message
    assert message["user"] == bot.grant["bot_user_id"]


def test_a_custom_name_needs_its_scope(slack: Slack) -> None:
    bot = slack.install(scope="chat:write,channels:manage")
    answer = bot.post(bot.create(), username="Ana (visitor)")
    assert answer["error"] == "missing_scope"
    assert answer["needed"] == "chat:write.customize"


def test_text_without_blocks_removes_the_blocks(bot: Bot) -> None:
    channel = bot.create()
    ts = bot.post(channel, blocks=[{"type": "divider"}])["ts"]
    assert "blocks" not in bot.call("chat.update", channel=channel, ts=ts, text="bare")["message"]


@pytest.mark.parametrize(
    "more,error",
    [
        ({"text": ""}, "no_text"),
        ({"text": "  "}, "no_text"),
        ({"blocks": "{not json"}, "invalid_blocks_format"),
        ({"blocks": {"type": "divider"}}, "invalid_blocks_format"),
        ({"blocks": [{"type": "sparkle"}]}, "invalid_blocks"),
        ({"markdown_text": "**x**"}, "markdown_text_conflict"),
        ({"metadata": "not json"}, "invalid_metadata_format"),
        ({"metadata": {"event_type": "x"}}, "invalid_metadata_format"),
        ({"metadata": {"event_type": "x", "event_payload": {"Camel": 1}}}, "invalid_metadata_schema"),
        ({"metadata": {"event_type": "x", "event_payload": {"deep": {"a": 1}}}}, "invalid_metadata_schema"),
        ({"metadata": {"event_type": "x", "event_payload": {"long": "x" * 20_000}}}, "metadata_too_large"),
        ({"thread_ts": "yesterday"}, "invalid_thread_ts"),
        ({"thread_ts": "1500000000.000001"}, "thread_not_found"),
        ({"attachments": [{}] * 101}, "too_many_attachments"),
    ],
)
def test_a_wrong_post_is_refused_by_name(bot: Bot, more: dict[str, Any], error: str) -> None:
    assert (
        bot.call("chat.postMessage", **{"channel": bot.create(), "text": "Hello", **more})["error"] == error
    )


def test_a_reply_to_a_reply_is_refused(bot: Bot) -> None:
    channel = bot.create()
    root = bot.post(channel)["ts"]
    reply = bot.post(channel, thread_ts=root)["ts"]
    assert bot.post(channel, thread_ts=reply)["error"] == "cannot_reply_to_message"


def test_only_own_messages_can_be_changed_or_deleted(slack: Slack, bot: Bot) -> None:
    channel = bot.create()
    ts = slack.control("say", user="bob", channel=channel, text="mine")["ts"]
    assert bot.call("chat.update", channel=channel, ts=ts, text="yours")["error"] == "cant_update_message"
    assert bot.call("chat.delete", channel=channel, ts=ts)["error"] == "cant_delete_message"
    assert bot.call("chat.delete", channel=channel, ts="1500000000.000001")["error"] == "message_not_found"


def test_a_deleted_parent_leaves_a_tombstone_while_it_has_replies(bot: Bot) -> None:
    channel = bot.create()
    root = bot.post(channel, "root")["ts"]
    reply = bot.post(channel, "reply", thread_ts=root)["ts"]
    assert bot.call("chat.delete", channel=channel, ts=root)["ok"]
    assert stored(bot, channel, root)["subtype"] == "tombstone"
    assert bot.call("chat.delete", channel=channel, ts=reply)["ok"]


def test_long_text_is_cut_on_posting_and_refused_on_update(bot: Bot) -> None:
    channel = bot.create()
    posted = bot.post(channel, "x" * 41_000)
    assert len(posted["message"]["text"]) == 40_000
    assert (
        bot.call("chat.update", channel=channel, ts=posted["ts"], text="x" * 4_001)["error"] == "msg_too_long"
    )


def test_a_whisper_is_seen_by_one_person_and_is_no_part_of_history(slack: Slack, bot: Bot) -> None:
    channel, bob = bot.create(), slack.person("bob")
    assert (
        bot.call("chat.postEphemeral", channel=channel, user=bob, text="psst")["error"]
        == "user_not_in_channel"
    )
    bot.call("conversations.invite", channel=channel, users=bob)
    ts = bot.call("chat.postEphemeral", channel=channel, user=bob, text="psst")["message_ts"]
    assert stored(bot, channel, ts)["seen_only_by"] == bob
    assert ts not in [one["ts"] for one in bot.call("conversations.history", channel=channel)["messages"]]


def test_a_permalink_is_built_from_the_teams_address(bot: Bot) -> None:
    channel = bot.create()
    root = bot.post(channel)["ts"]
    reply = bot.post(channel, thread_ts=root)["ts"]
    link = bot.ask("chat.getPermalink", channel=channel, message_ts=reply)["permalink"]
    assert (
        link
        == f"https://acme.slack.com/archives/{channel}/p{reply.replace('.', '')}?thread_ts={root}&cid={channel}"
    )


def test_reactions_are_added_once_and_taken_back_once(bot: Bot) -> None:
    channel = bot.create()
    ts = bot.post(channel)["ts"]
    asked = {"channel": channel, "timestamp": ts, "name": "eyes"}
    assert [bot.call("reactions.add", **asked).get("error") for _ in range(2)] == [None, "already_reacted"]
    assert stored(bot, channel, ts)["reactions"][0]["count"] == 1
    assert [bot.call("reactions.remove", **asked).get("error") for _ in range(2)] == [None, "no_reaction"]
    assert bot.call("pins.add", channel=channel, timestamp=ts)["ok"]
    assert bot.call("pins.add", channel=channel, timestamp=ts)["error"] == "already_pinned"
