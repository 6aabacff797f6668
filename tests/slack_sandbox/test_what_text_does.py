"""S13: a mention, a ping or a forged link that a bot's post causes is on record."""

import pytest

from tests.slack_sandbox.conftest import Bot, Json


def consequences(bot: Bot, **post: object) -> Json:
    channel = bot.create()
    answer = bot.call("chat.postMessage", channel=channel, **post)
    assert answer["ok"], answer
    return dict(bot.slack.look("messages", channel=channel)["messages"][-1])


def section(text: str, **more: object) -> list[Json]:
    return [{"type": "section", "text": {"type": "mrkdwn", "text": text, **more}}]


@pytest.mark.parametrize(
    "text", ["<!here>", "<!channel>", "<!everyone>", "<!here|here>", "<!subteam^S1|@team>"]
)
def test_a_raw_broadcast_token_pings(bot: Bot, text: str) -> None:
    assert consequences(bot, text=f"hello {text}")["pings"]


def test_a_raw_user_token_pings_that_person(bot: Bot) -> None:
    bob = bot.slack.person("bob")
    assert consequences(bot, text=f"<@{bob}>")["pings"] == [{"kind": "user", "value": bob, "where": "text"}]


def test_bare_names_in_a_section_ping_unless_it_is_verbatim(bot: Bot) -> None:
    loud = consequences(bot, text="x", blocks=section("@here and @channel in #general"))["pings"]
    assert [one["kind"] for one in loud] == ["broadcast", "broadcast", "channel"]
    assert loud[0]["where"] == "/blocks/0/text"


def test_bare_names_in_a_verbatim_section_or_in_plain_text_do_nothing(bot: Bot) -> None:
    quiet = section("@here &lt;!here&gt; #general https://x.example", verbatim=True)
    quiet += [{"type": "header", "text": {"type": "plain_text", "text": "@here <!here> <@U1>"}}]
    message = consequences(bot, text="@here #general", blocks=quiet)
    assert message["pings"] == []
    assert message["links"] == []


def test_bare_names_in_text_ping_when_the_app_asks_for_it(bot: Bot) -> None:
    assert consequences(bot, text="@here", link_names=True)["pings"]


def test_visitor_text_in_rich_text_does_nothing_whatever_it_says(bot: Bot) -> None:
    text = "<!channel> @here <https://evil.example|https://bank.example> <@U123>"
    leaves = [{"type": "text", "text": text}]
    rich = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": leaves}]}]
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    message = consequences(bot, text=escaped, blocks=rich, parse="none", mrkdwn=False)
    assert message["pings"] == []
    assert message["links"] == []


def test_a_link_that_reads_like_another_place_is_forged(bot: Bot) -> None:
    links = consequences(bot, text="<https://evil.example|https://bank.example> <https://bank.example|bank>")[
        "links"
    ]
    assert [one["forged"] for one in links] == [True, False]


def test_a_rich_text_mention_pings_too(bot: Bot) -> None:
    leaves = [{"type": "broadcast", "range": "here"}, {"type": "user", "user_id": bot.slack.person("bob")}]
    rich = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": leaves}]}]
    assert [one["kind"] for one in consequences(bot, text="x", blocks=rich)["pings"]] == ["broadcast", "user"]


def test_unescaped_characters_are_escaped_as_slack_stores_them(bot: Bot) -> None:
    message = consequences(bot, text="a < b & c > d &amp; <nonsense> see https://x.example.")
    assert message["text"] == "a &lt; b &amp; c &gt; d &amp; &lt;nonsense&gt; see <https://x.example>."
