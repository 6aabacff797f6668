"""S16, S17: shortcuts of messages and of the composer, and the app's Home tab."""

import pytest

from tests.slack_sandbox.conftest import App, Bot, Json, Slack, wait_until


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


BUTTON = {"type": "button", "action_id": "chat.open", "text": plain("Open"), "value": "chat-1"}
HOME = {"type": "home", "blocks": [{"type": "actions", "block_id": "row", "elements": [BUTTON]}]}


@pytest.fixture
def channel(bot: Bot) -> str:
    return bot.create()


def test_a_message_shortcut_carries_the_message(slack: Slack, app: App, bot: Bot, channel: str) -> None:
    root = bot.post(channel)["ts"]
    reply = bot.post(channel, "In the thread", thread_ts=root)["ts"]
    slack.control("shortcut", user="bob", callback_id="chat.manage", channel=channel, ts=reply)
    told = app.payloads("message_action")[-1]
    assert (told["callback_id"], told["message_ts"]) == ("chat.manage", reply)
    assert (told["message"]["thread_ts"], told["channel"]["id"]) == (root, channel)
    assert told["user"]["id"] == slack.person("bob")
    assert "/app-actions/" in told["response_url"]
    assert bot.call(
        "views.open", trigger_id=told["trigger_id"], view=HOME | {"type": "modal", "title": plain("x")}
    )["ok"]
    assert slack.http.post(told["response_url"], json={"text": "Done"}).status_code == 200
    lines = slack.look("messages", channel=channel)["messages"]
    assert (lines[-1]["text"], lines[-1]["seen_only_by"]) == ("Done", slack.person("bob"))


def test_a_global_shortcut_knows_no_place(slack: Slack, app: App, bot: Bot) -> None:
    slack.control("shortcut", user="bob", callback_id="chats.open")
    told = app.payloads("shortcut")[-1]
    assert told["callback_id"] == "chats.open"
    assert {"channel", "response_url", "message"}.isdisjoint(told)


def test_only_known_shortcuts_of_an_installed_app_are_there(slack: Slack, bot: Bot) -> None:
    assert "there are chats.open" in slack.refused("shortcut", user="bob", callback_id="chat.manage")
    slack.control("uninstall", team="Acme")
    assert "not installed" in slack.refused("shortcut", user="bob", callback_id="chats.open")


def test_every_opening_of_the_home_tab_is_told(slack: Slack, app: App, bot: Bot) -> None:
    assert slack.control("open_home", user="bob")["view"] is None
    assert bot.call("views.publish", user_id=slack.person("bob"), view=HOME)["ok"]
    view = slack.control("open_home", user="bob")["view"]
    slack.control("open_home", user="bob", tab="messages")
    wait_until(lambda: len(app.events("app_home_opened")) == 3)
    first, second, third = app.events("app_home_opened")
    assert (first["tab"], first["user"], "view" in first) == ("home", slack.person("bob"), False)
    assert second["view"]["id"] == view["id"]
    assert (third["tab"], "view" in third) == ("messages", False)
    assert slack.control("open_home", user="carol")["view"] is None


def test_a_newer_home_is_not_overwritten(slack: Slack, bot: Bot) -> None:
    bob = slack.person("bob")
    old = bot.call("views.publish", user_id=bob, view=HOME)["view"]["hash"]
    assert bot.call("views.publish", user_id=bob, view=HOME, hash=old)["ok"]
    assert bot.call("views.publish", user_id=bob, view=HOME, hash=old)["error"] == "hash_conflict"
    mallory = slack.person("mallory", "Globex")
    assert bot.call("views.publish", user_id=mallory, view=HOME)["error"] == "invalid_arguments"
    modal = {**HOME, "type": "modal", "title": plain("x")}
    assert bot.call("views.publish", user_id=bob, view=modal)["error"] == "invalid_arguments"


def test_a_press_in_the_home_tab_names_the_view(slack: Slack, app: App, bot: Bot) -> None:
    bot.call("views.publish", user_id=slack.person("bob"), view=HOME)
    slack.control("modal_action", user="bob", action_id="chat.open", home=True)
    pressed = app.payloads("block_actions")[-1]
    assert (pressed["view"]["type"], pressed["actions"][0]["value"]) == ("home", "chat-1")
    assert pressed["container"]["type"] == "view"
    assert "channel" not in pressed
    assert "no Home tab" in slack.refused("modal_action", user="carol", action_id="chat.open", home=True)


def test_of_several_buttons_of_one_name_the_block_tells_which(slack: Slack, app: App, bot: Bot) -> None:
    rows = [
        {"type": "actions", "block_id": name, "elements": [{**BUTTON, "value": name}]} for name in ("a", "b")
    ]
    bot.call("views.publish", user_id=slack.person("bob"), view={"type": "home", "blocks": rows})
    slack.control("modal_action", user="bob", action_id="chat.open", block_id="b", home=True)
    channel = bot.create()
    ts = bot.post(channel, "Two", blocks=rows)["ts"]
    slack.control("click", user="bob", channel=channel, ts=ts, action_id="chat.open", block_id="b")
    for pressed in app.payloads("block_actions"):
        assert (pressed["actions"][0]["block_id"], pressed["actions"][0]["value"]) == ("b", "b")
    asked = {"user": "bob", "action_id": "chat.open", "block_id": "c", "home": True}
    assert "nothing called" in slack.refused("modal_action", **asked)
