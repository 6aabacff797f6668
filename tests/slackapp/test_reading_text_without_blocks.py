"""Slack's markup in text without blocks, as old clients and bots send it (S13, D5)."""

import pytest

from livechat.segments import to_text
from slackapp.mrkdwn import from_mrkdwn
from slackapp.richtext import Look

LOOK = Look({"U1": "Bob"}.get, {"our_logo": "k1"}.get)

MRKDWN = {
    "a &lt;b&gt; &amp;amp;": "a <b> &amp;",
    "&amp;lt;": "&lt;",
    "<@U1>": "@Bob",
    "<@U0SECRET>": "@colleague",
    "<@U0SECRET|bobby>": "@colleague",
    "<#C0SECRET|secret-deal>": "a channel",
    "<!here>": "@here",
    "<!channel|channel>": "@channel",
    "<!subteam^S0SECRET|@board>": "@team",
    "<!date^1^{date}|1 May>": "1 May",
    "<https://a.example>": "https://a.example",
    "<https://a.example|here>": "here",
    "<mailto:bob@a.example|bob@a.example>": "bob@a.example",
    "<javascript:alert(1)|x>": "x",
    "<|x>": "x",
    "<>": "<>",
    "<a\nb>": "<a\nb>",
    ":wave: :wave::skin-tone-4: :flag-de: :simple_smile:": "👋 👋🏽 🇩🇪 🙂",
    ":our_logo: 10:30:15": ":our_logo: 10:30:15",
    "*bold* _it_ ~no~ `code`": "bold it no code",
    "snake_case 2*3*4 ~/home a~b": "snake_case 2*3*4 ~/home a~b",
    "* not * bold *": "* not * bold *",
    "`*a* <@U1> &lt;`": "*a* @Bob <",
    "`": "`",
    "&gt; a\n&gt; b\nc": "> a\n> b\nc",
    "&gt;&gt;&gt; a\nb": "> a\n> b",
    "1 &gt; 0": "1 > 0",
    "see\n```\nx = *1*\n```\nand": "see\nx = *1*\nand",
    "```<https://a.example|a.example>```": "a.example",
    "```open": "```open",
    "<tel:+370600|call>": "call",
    "<!date^1720710212^{date}>": "2024-07-11 15:03 UTC",
    "<!date^1^{date}^javascript:x|1 May>": "1 May",
    "<!everyone|x>": "@everyone",
    "<!unknown^thing|shown>": "shown",
    ":woman-running::skin-tone-5: :flag-zz:": "🏃🏾‍♀️ 🇿🇿",
    "": "",
}


@pytest.mark.parametrize(("slack", "words"), MRKDWN.items())
def test_text_without_blocks(slack: str, words: str) -> None:
    found = from_mrkdwn(slack, LOOK)
    assert to_text(found) == words
    assert "SECRET" not in str(found)
    assert "secret-deal" not in str(found)


def test_a_forged_label_keeps_the_address_it_leads_to() -> None:
    assert (
        from_mrkdwn("<https://evil.example|https://bank.example>", LOOK)[0]["url"] == "https://evil.example"
    )


def test_marks_in_text_without_blocks_are_styles() -> None:
    found = from_mrkdwn("*b _i_* ~s~ <https://a.example|_x_> *<@U1>* :our_logo:", LOOK)
    styles = [(one["text"], one.get("style", {})) for one in found if one["text"].strip()]
    assert styles == [
        ("b ", {"bold": True}), ("i", {"bold": True, "italic": True}), ("s", {"strike": True}),
        ("_x_", {}), ("@Bob", {"bold": True}), (":our_logo:", {}),
    ]  # fmt: skip
    assert found[-1]["picture"] == "k1"


def test_marks_without_blocks_nest_within_code_nowhere() -> None:
    assert [one["type"] for one in from_mrkdwn("`*a*` and *`b`*", LOOK)] == ["code", "text", "code"]


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("America/New_York", "2024-07-11 11:03 America/New York"),
        ("", "2024-07-11 15:03 UTC"),
        ("no/zone", "2024-07-11 15:03 UTC"),
    ],
)
def test_a_date_without_words_is_told_by_the_visitors_clock(zone: str, shown: str) -> None:
    token = "<!date^1720710212^{date}>"
    assert from_mrkdwn(token, Look(zone=lambda: zone)) == [{"type": "text", "text": shown}]
