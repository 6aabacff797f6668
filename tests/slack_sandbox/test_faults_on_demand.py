"""S29: what goes wrong goes wrong as asked, and the log tells what really happened."""

import json
import time

import httpx
import pytest

from tests import web
from tests.slack_sandbox.conftest import App, Bot, Slack, wait_until


def posts(slack: Slack, channel: str) -> list[str]:
    return [
        one["text"] for one in slack.look("messages", channel=channel)["messages"] if "subtype" not in one
    ]


@pytest.fixture
def channel(bot: Bot) -> str:
    return bot.create()


def fault(slack: Slack, kind: str, **more: object) -> None:
    slack.control("faults", **{"method": "chat.postMessage", "kind": kind, "count": 1, **more})


@pytest.mark.parametrize("commit,kept", [(False, []), (True, ["Hello"])])
def test_an_outage_answers_with_a_page(
    slack: Slack, bot: Bot, channel: str, commit: bool, kept: list[str]
) -> None:
    fault(slack, "status", status=503, commit=commit)
    answer = bot.send("chat.postMessage", channel=channel, text="Hello")
    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("text/html")
    assert posts(slack, channel) == kept


def test_a_refusal_and_a_limit_are_answered_as_given(slack: Slack, bot: Bot, channel: str) -> None:
    fault(slack, "error", error="fatal_error")
    fault(slack, "ratelimit", retry_after=7)
    assert bot.post(channel)["error"] == "fatal_error"
    answer = bot.send("chat.postMessage", channel=channel, text="Hello")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert bot.post(channel)["ok"]


@pytest.mark.parametrize(
    "kind,kept", [("drop_before_commit", []), ("reset", []), ("drop_after_commit", ["Hello"])]
)
def test_a_lost_connection_leaves_what_it_says(
    slack: Slack, bot: Bot, channel: str, kind: str, kept: list[str]
) -> None:
    fault(slack, kind)
    with pytest.raises(httpx.TransportError):
        bot.send("chat.postMessage", channel=channel, text="Hello")
    assert posts(slack, channel) == kept
    assert slack.look("requests")["requests"][-1]["fault"] == kind


@pytest.mark.parametrize("kind,kept", [("hang", []), ("hang_after_commit", ["Hello"])])
def test_a_hang_commits_before_or_after_the_wait(
    slack: Slack, bot: Bot, channel: str, kind: str, kept: list[str]
) -> None:
    fault(slack, kind, seconds=0.5)
    headers = {"Authorization": f"Bearer {bot.token}"}
    url, asked = f"{slack.url}/api/chat.postMessage", {"channel": channel, "text": "Hello"}
    with pytest.raises(httpx.ReadTimeout):
        web.post(url, data=asked, headers=headers, timeout=0.2)
    assert posts(slack, channel) == kept
    wait_until(lambda: posts(slack, channel) == ["Hello"])


@pytest.mark.parametrize("commit,kept", [(True, ["Hello"]), (False, [])])
def test_garbage_cannot_be_read(slack: Slack, bot: Bot, channel: str, commit: bool, kept: list[str]) -> None:
    fault(slack, "garbage", commit=commit)
    with pytest.raises(json.JSONDecodeError):
        bot.send("chat.postMessage", channel=channel, text="Hello").json()
    assert posts(slack, channel) == kept


def test_a_fault_strikes_only_what_it_matches_and_as_often_as_it_should(
    slack: Slack, bot: Bot, channel: str
) -> None:
    other = bot.create("other")
    slack.control(
        "faults", method="*", kind="error", error="internal_error", count=2, match={"channel": other}
    )
    assert bot.post(channel)["ok"]
    assert [bot.post(other).get("error") for _ in range(3)] == ["internal_error", "internal_error", None]
    assert slack.look("faults")["faults"][0]["hits"] == 2
    slack.http.delete(f"{slack.url}/_control/faults")
    assert slack.look("faults")["faults"] == []


def test_chance_is_repeated_by_its_seed(slack: Slack, bot: Bot) -> None:
    def run() -> list[bool]:
        slack.control("seed", seed=7)
        return [bool(bot.call("auth.test")["ok"]) for _ in range(30)]

    slack.control("faults", method="auth.test", kind="error", error="fatal_error", probability=0.4)
    first = run()
    assert run() == first
    assert 5 < sum(first) < 27


NONSENSE = [
    {"status": "x"},
    {"status": 99},
    {"seconds": -1},
    {"seconds": True},
    {"count": -1},
    {"count": 1.5},
    {"probability": 2},
    {"retry_after": "soon"},
    {"copies": 0},
    {"commit": "yes"},
    {"error": 5},
    {"match": ["channel"]},
    {"match": {"channel": ["C1"]}},
    {"claims": None},
    {"hits": 3},
    {"cuont": 3},
]


@pytest.mark.parametrize("more", NONSENSE, ids=str)
def test_a_setting_that_makes_no_sense_is_refused_by_its_name(slack: Slack, more: dict[str, object]) -> None:
    asked = {"method": "chat.postMessage", "kind": "status", **more}
    answer = slack.http.post(f"{slack.url}/_control/faults", json=asked)
    assert answer.status_code == 400
    assert next(iter(more)) in answer.json()["error"]
    assert slack.look("faults")["faults"] == []


@pytest.mark.parametrize("own", [False, "false"])
def test_what_is_true_or_false_is_matched_however_it_is_written(
    slack: Slack, app: App, channel: str, own: object
) -> None:
    slack.control("faults", method="events", kind="drop", match={"own": own, "type": "message"}, count=1)
    slack.control("say", user="alice", channel=channel, text="Hello")
    wait_until(lambda: slack.look("faults")["faults"][0]["hits"] == 1)


def test_a_methods_arguments_are_matched_however_they_were_sent(slack: Slack, bot: Bot, channel: str) -> None:
    slack.control("faults", method="chat.postMessage", kind="error", match={"mrkdwn": False})
    assert bot.post(channel, mrkdwn=False)["error"] == "internal_error"
    assert (
        bot.ask("chat.postMessage", channel=channel, text="Hello", mrkdwn="false")["error"]
        == "internal_error"
    )
    assert bot.post(channel)["ok"]


def test_an_unknown_kind_is_refused_with_the_list(slack: Slack) -> None:
    answer = slack.http.post(f"{slack.url}/_control/faults", json={"method": "*", "kind": "flood"})
    assert answer.status_code == 400
    assert "drop_after_commit" in answer.json()["error"]


def say(slack: Slack, channel: str, text: str) -> None:
    slack.control("say", user="bob", channel=channel, text=text)


@pytest.fixture
def quiet(slack: Slack, app: App, channel: str) -> None:
    slack.control("join", user="bob", channel=channel)
    settled(slack)
    app.heard.clear()


def settled(slack: Slack) -> None:
    wait_until(lambda: slack.look("pending")["events"] == 0)


@pytest.mark.usefixtures("quiet")
def test_an_event_can_come_several_times(slack: Slack, app: App, channel: str) -> None:
    fault(slack, "duplicate", method="events", copies=3)
    say(slack, channel, "Hello")
    settled(slack)
    assert app.texts() == ["Hello"] * 3
    fault(slack, "duplicate", method="events", copies=2, parallel=True, fresh_ids=True)
    say(slack, channel, "Again")
    wait_until(lambda: app.texts().count("Again") == 2)


@pytest.mark.usefixtures("quiet")
def test_events_can_change_places(slack: Slack, app: App, channel: str) -> None:
    fault(slack, "reorder", method="events", seconds=2)
    for text in ("one", "two", "three"):
        say(slack, channel, text)
    settled(slack)
    assert app.texts() == ["two", "one", "three"]


@pytest.mark.usefixtures("quiet")
def test_an_event_can_be_late(slack: Slack, app: App, channel: str) -> None:
    fault(slack, "delay", method="events", seconds=0.3)
    say(slack, channel, "one")
    say(slack, channel, "two")
    settled(slack)
    assert app.texts() == ["two", "one"]


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("kind,times", [("drop", 1), ("bad_signature", 2), ("old_timestamp", 2)])
def test_a_failed_first_attempt_is_made_good_by_the_retry(
    slack: Slack, app: App, channel: str, kind: str, times: int
) -> None:
    fault(slack, kind, method="events")
    app.answers += [(401, {})] * (times - 1)
    say(slack, channel, "Hello")
    settled(slack)
    assert app.texts() == ["Hello"] * times
    assert app.heard[-1].headers["x-slack-retry-num"] == "1"
    if kind == "old_timestamp":
        assert int(app.heard[0].headers["x-slack-request-timestamp"]) < time.time() - 500


@pytest.mark.usefixtures("quiet")
def test_the_apps_own_echo_can_be_withheld(slack: Slack, bot: Bot, app: App, channel: str) -> None:
    slack.control("faults", method="events", kind="no_echo", match={"own": "true"})
    bot.post(channel, "from the app")
    say(slack, channel, "from Bob")
    settled(slack)
    assert app.texts() == ["from Bob"]
