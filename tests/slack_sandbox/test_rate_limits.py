"""S22: one post a second per channel with a small burst, tiers per method, and the rules outside the Marketplace."""

import pytest

from tests.slack_sandbox.conftest import Bot, Slack


@pytest.fixture
def channel(slack: Slack, bot: Bot) -> str:
    made = bot.create()
    slack.control("limits", factor=1)
    return made


def test_a_burst_of_four_passes_and_the_fifth_waits(bot: Bot, channel: str) -> None:
    answers = [bot.send("chat.postMessage", channel=channel, text="Hello") for _ in range(5)]
    assert [one.status_code for one in answers] == [200, 200, 200, 200, 429]
    assert answers[-1].headers["retry-after"] == "1"
    assert answers[-1].json()["error"] == "rate_limited"


def test_channels_do_not_share_their_budget(slack: Slack, bot: Bot, channel: str) -> None:
    for _ in range(4):
        bot.post(channel)
    assert bot.post(bot.create("other"))["ok"]


def test_a_refused_post_takes_nothing_from_the_budget(bot: Bot, channel: str) -> None:
    for _ in range(6):
        assert bot.post(channel, "")["error"] == "no_text"
    assert bot.post(channel)["ok"]


def test_a_method_has_its_tier_per_team(slack: Slack, bot: Bot, channel: str) -> None:
    other = slack.install(user="mallory")
    statuses = [bot.send("conversations.setTopic", channel=channel, topic="x").status_code for _ in range(21)]
    assert statuses == [200] * 20 + [429]
    assert other.ask("users.list")["ok"]
    assert bot.call("auth.test")["ok"]


def test_outside_the_marketplace_threads_are_read_once_a_minute(slack: Slack, bot: Bot, channel: str) -> None:
    slack.control("limits", factor=1000)
    root = bot.post(channel)["ts"]
    for number in range(20):
        bot.post(channel, f"line {number}", thread_ts=root)
    slack.control("limits", factor=1, replies_per_minute=1)
    first = bot.ask("conversations.replies", channel=channel, ts=root, limit="200")
    assert len(first["messages"]) == 15
    assert first["has_more"]
    assert bot.ask("conversations.replies", channel=channel, ts=root)["error"] == "ratelimited"


def test_a_generous_factor_lifts_them_all(slack: Slack, bot: Bot, channel: str) -> None:
    slack.control("limits", factor=100)
    assert all(bot.post(channel)["ok"] for _ in range(30))


@pytest.mark.parametrize(
    ("act", "asked"),
    [
        ("limits", {"factor": -1}),
        ("limits", {"factor": "many"}),
        ("limits", {"replies_per_minute": -1}),
        ("limits", {"replies_per_minute": "few"}),
        ("clock", {"factor": 0}),
        ("clock", {"ahead": -1}),
        ("sharing", {"delay": -1}),
        ("disconnect", {"closes_in": -1}),
        ("triggers", {"seconds": -1}),
        ("rotation", {"seconds": -1}),
        ("rotation", {"grace": "long"}),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_and_changes_nothing(
    slack: Slack, act: str, asked: dict[str, object]
) -> None:
    before = slack.look("state")["limits"]
    assert next(iter(asked)) in slack.refused(act, **asked)
    assert slack.look("state")["limits"] == before
