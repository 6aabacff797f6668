"""conversations.*: making, finding, entering and leaving channels."""

import pytest

from tests.slack_sandbox.conftest import App, Bot, Slack, wait_until


@pytest.mark.parametrize(
    "name,error",
    [
        ("", "invalid_name_required"),
        ("x" * 81, "invalid_name_maxlength"),
        ("--", "invalid_name_punctuation"),
        ("With Space", "invalid_name_specials"),
        ("general", "name_taken"),
    ],
)
def test_a_channel_needs_a_fitting_free_name(bot: Bot, name: str, error: str) -> None:
    assert bot.call("conversations.create", name=name)["error"] == error


def test_an_archived_channel_keeps_its_name_and_takes_no_posts(bot: Bot) -> None:
    channel = bot.create()
    assert bot.call("conversations.archive", channel=channel)["ok"]
    assert bot.call("conversations.create", name="website-chat")["error"] == "name_taken"
    assert bot.post(channel)["error"] == "is_archived"
    assert bot.call("conversations.archive", channel=channel)["error"] == "already_archived"
    assert not bot.call("conversations.unarchive", channel=channel)["ok"]


def test_the_bot_must_join_before_it_posts(slack: Slack, bot: Bot) -> None:
    channel = slack.channel("random")["id"]
    assert bot.post(channel)["error"] == "not_in_channel"
    assert bot.call("conversations.join", channel=channel)["channel"]["is_member"]
    assert bot.call("conversations.join", channel=channel)["warning"] == "already_in_channel"
    assert bot.post(channel)["ok"]


def test_a_private_channel_is_unknown_to_who_is_not_in_it(slack: Slack, bot: Bot) -> None:
    secret = slack.control("channels", team="Acme", name="board", private=True)["channel"]
    assert bot.post(secret)["error"] == "channel_not_found"
    assert bot.ask("conversations.info", channel=secret)["error"] == "channel_not_found"
    listed = bot.ask("conversations.list", types="public_channel,private_channel")["channels"]
    assert secret not in [channel["id"] for channel in listed]


def test_inviting_reports_each_person_who_cannot_come(slack: Slack, bot: Bot) -> None:
    channel, bob = bot.create(), slack.person("bob")
    assert bot.call("conversations.invite", channel=channel, users=bob)["ok"]
    again = bot.call(
        "conversations.invite", channel=channel, users=f"{bob},{bot.grant['bot_user_id']},U0NOBODY000"
    )
    assert [one["error"] for one in again["errors"]] == [
        "already_in_channel",
        "cant_invite_self",
        "user_not_found",
    ]
    assert bob in bot.ask("conversations.members", channel=channel)["members"]


def test_a_removed_bot_is_told_and_can_post_no_more(slack: Slack, bot: Bot) -> None:
    channel = bot.create()
    slack.control("kick", channel=channel)
    assert bot.post(channel)["error"] == "not_in_channel"
    assert bot.call("conversations.leave", channel=channel) == {"ok": True, "not_in_channel": True}


def test_history_is_newest_first_and_a_thread_oldest_first(bot: Bot) -> None:
    channel = bot.create()
    root = bot.post(channel, "root", metadata={"event_type": "chat_card", "event_payload": {"chat": "1"}})[
        "ts"
    ]
    for number in range(3):
        bot.post(channel, f"reply {number}", thread_ts=root)
    later = bot.post(channel, "later")["ts"]
    history = bot.call("conversations.history", channel=channel, limit=2)["messages"]
    assert [one["ts"] for one in history] == [later, root]
    assert history[1]["reply_count"] == 3
    replies = bot.ask("conversations.replies", channel=channel, ts=root, include_all_metadata="true")[
        "messages"
    ]
    assert [one["text"] for one in replies] == ["root", "reply 0", "reply 1", "reply 2"]
    assert replies[0]["metadata"]["event_payload"] == {"chat": "1"}
    assert "metadata" not in bot.ask("conversations.replies", channel=channel, ts=root)["messages"][0]
    newer = bot.ask("conversations.replies", channel=channel, ts=root, oldest=replies[2]["ts"])["messages"]
    assert [one["text"] for one in newer] == ["root", "reply 2"]
    assert bot.ask("conversations.replies", channel=channel, ts="1.000001")["error"] == "thread_not_found"


def test_the_bots_direct_messages_open_by_person(slack: Slack, bot: Bot) -> None:
    opened = bot.call("conversations.open", users=slack.person("bob"))["channel"]["id"]
    assert opened.startswith("D")
    assert bot.post(slack.person("bob"))["channel"] == opened


def test_a_channel_made_private_keeps_its_id_and_says_so_inside(slack: Slack, app: App) -> None:
    bot = slack.install()
    channel = bot.create()
    slack.control("make_private", channel=channel)
    wait_until(lambda: any(e.get("subtype") == "channel_convert_to_private" for e in app.events()))
    assert bot.ask("conversations.info", channel=channel)["channel"]["is_private"] is True


def test_a_channel_whose_id_changes_takes_its_messages_along(slack: Slack, app: App) -> None:
    bot = slack.install()
    channel = bot.create()
    ts = bot.post(channel)["ts"]
    new = slack.control("change_id", channel=channel)["channel"]
    wait_until(lambda: app.events("channel_id_changed"))
    told = app.events("channel_id_changed")[0]
    assert (told["old_channel_id"], told["new_channel_id"]) == (channel, new)
    assert bot.post(channel)["error"] == "channel_not_found"
    assert bot.post(new, thread_ts=ts)["ok"]


def test_admins_may_forbid_apps_to_make_and_archive_channels(slack: Slack, bot: Bot) -> None:
    channel = bot.create()
    slack.control("forbid", team="Acme", acts=["create", "archive"])
    assert bot.call("conversations.create", name="another")["error"] == "restricted_action"
    assert bot.call("conversations.archive", channel=channel)["error"] == "restricted_action"
    slack.control("forbid", team="Acme", acts=[])
    assert bot.call("conversations.archive", channel=channel)["ok"]


def test_a_single_channel_guest_has_one_channel(slack: Slack, bot: Bot) -> None:
    guest = slack.control("people", team="Acme", name="gus", real_name="Gus", is_ultra_restricted=True)[
        "user"
    ]
    for channel in ("general", "random"):
        slack.control("leave", user="gus", channel=channel)
    first, second = bot.create(), bot.create("another")
    assert bot.call("conversations.invite", channel=first, users=guest)["ok"]
    assert bot.call("conversations.invite", channel=second, users=guest)["error"] == "ura_max_channels"
