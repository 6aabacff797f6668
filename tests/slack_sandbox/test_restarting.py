"""With a state file a restart keeps teams, tokens, channels and messages."""

from pathlib import Path

import httpx

from tests.slack_sandbox.conftest import App, Bot, Slack, start, stop


def test_a_restart_keeps_everything_and_reset_forgets_it(tmp_path: Path, app: App) -> None:
    state = str(tmp_path / "deep" / "slack.json")
    with httpx.Client() as http:
        process, url = start(app.url, "--state", state)
        bot = Slack(url, app, http).install()
        channel = bot.create()
        root = bot.post(channel, "card")["ts"]
        bot.post(channel, "line", thread_ts=root)
        stop(process)

        process, url = start(app.url, "--state", state)
        slack = Slack(url, app, http)
        again = Bot(slack, bot.grant)
        thread = again.ask("conversations.replies", channel=channel, ts=root)["messages"]
        assert [one["text"] for one in thread] == ["card", "line"]
        assert again.post(channel, thread_ts=root)["ts"] > thread[-1]["ts"]
        slack.control("reset")
        assert again.call("auth.test")["error"] == "invalid_auth"
        stop(process)
