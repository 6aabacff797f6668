"""S10, S21: guests, people of other companies, presence and a company's own emoji, as Slack tells of them."""

from tests.slack_sandbox.conftest import Bot, wait_until


def test_presence_is_what_the_person_set_and_no_event_tells(bot: Bot) -> None:
    bob = bot.slack.person("bob")
    bot.slack.control("presence", user="bob", presence="away")
    assert bot.ask("users.getPresence", user=bob)["presence"] == "away"
    bot.slack.control("presence", user="bob", presence="active")
    assert bot.ask("users.getPresence", user=bob)["presence"] == "active"
    assert not bot.slack.app.events("presence_change")


def test_a_guest_is_marked_and_everybody_is_told_of_changes(bot: Bot) -> None:
    bot.slack.control("people", team="Acme", name="bob", is_restricted=True, display_name="Bobby")
    wait_until(lambda: bot.slack.app.events("user_change"))
    told = bot.slack.app.events("user_change")[-1]["user"]
    assert (told["is_restricted"], told["profile"]["display_name"]) == (True, "Bobby")
    assert bot.ask("users.info", user=bot.slack.person("bob"))["user"]["is_restricted"] is True


def test_people_of_another_company_write_in_a_shared_channel(bot: Bot) -> None:
    channel = bot.create()
    mallory = bot.slack.person("mallory", "Globex")
    assert bot.ask("users.info", user=mallory)["error"] == "user_not_found"
    bot.slack.control("share", channel=channel, **{"with": "Globex"})
    bot.slack.control("say", channel=channel, user="mallory", text="hello")
    wait_until(lambda: "hello" in bot.slack.app.texts())
    said = next(event for event in bot.slack.app.events() if event.get("text") == "hello")
    assert said["user_team"] == said["source_team"] == said["team"] != bot.slack.team("Acme")["id"]
    stranger = bot.ask("users.info", user=mallory)["user"]
    assert stranger["is_stranger"] is True
    assert "email" not in stranger["profile"]


def test_own_emoji_are_listed_and_changes_told(bot: Bot) -> None:
    bot.slack.control("emoji", team="Acme", name="our_logo")
    bot.slack.control("emoji", team="Acme", name="logo", alias="our_logo")
    listed = bot.ask("emoji.list")["emoji"]
    assert listed["our_logo"].startswith("http://localhost")
    assert listed["logo"] == "alias:our_logo"
    bot.slack.control("emoji", team="Acme", name="logo", remove=True)
    wait_until(lambda: len(bot.slack.app.events("emoji_changed")) == 3)
    assert [event["subtype"] for event in bot.slack.app.events("emoji_changed")] == ["add", "add", "remove"]


def test_an_own_emoji_that_is_typed_has_a_name_and_no_character(bot: Bot) -> None:
    bot.slack.control("emoji", team="Acme", name="our_logo")
    channel = bot.create()
    said = bot.slack.control("say", channel=channel, user="bob", text="look :our_logo: :unknown:")
    shown = bot.slack.look("messages", channel=channel)["messages"]
    message = next(one for one in shown if one["ts"] == said["ts"])
    leaves = message["blocks"][0]["elements"][0]["elements"]
    assert leaves[1] == {"type": "emoji", "name": "our_logo"}
    assert leaves[2]["text"] == " :unknown:"
