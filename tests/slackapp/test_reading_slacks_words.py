"""What a person wrote in Slack as segments: words only, no ids, no channel names, only safe addresses (D5, D6)."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livechat.segments import safe_url, to_text
from slackapp.mrkdwn import from_mrkdwn, is_note, segments_of, unescape

NAMES = {"U1": "Bob"}


def name_of(user_id: str) -> str | None:
    return NAMES.get(user_id)


def rich(*elements: dict[str, Any]) -> list[dict[str, Any]]:
    return segments_of(
        {"text": "fallback", "blocks": [{"type": "rich_text", "elements": list(elements)}]}, name_of
    )


def section(*leaves: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(leaves)}


def text(words: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": words, **({"style": style} if style else {})}


LEAVES: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [
    (text("hi"), [{"type": "text", "text": "hi"}]),
    (text("b", bold=True), [{"type": "text", "text": "b", "style": {"bold": True}}]),
    (
        text("x", bold=True, italic=True, strike=True),
        [{"type": "text", "text": "x", "style": {"bold": True, "italic": True, "strike": True}}],
    ),
    (text("c", code=True, bold=True), [{"type": "code", "text": "c"}]),
    (text("<b>&amp;"), [{"type": "text", "text": "<b>&amp;"}]),
    (
        {"type": "link", "url": "https://a.example", "text": "here"},
        [{"type": "link", "text": "here", "url": "https://a.example"}],
    ),
    (
        {"type": "link", "url": "https://a.example"},
        [{"type": "link", "text": "https://a.example", "url": "https://a.example"}],
    ),
    ({"type": "link", "url": "javascript:alert(1)", "text": "here"}, [{"type": "text", "text": "here"}]),
    ({"type": "link", "url": "data:text/html,x"}, [{"type": "text", "text": "data:text/html,x"}]),
    ({"type": "emoji", "name": "wave", "unicode": "1f44b"}, [{"type": "emoji", "text": "👋"}]),
    ({"type": "emoji", "name": "wave", "unicode": "1f44b-1f3fd"}, [{"type": "emoji", "text": "👋🏽"}]),
    ({"type": "user", "user_id": "U1"}, [{"type": "mention", "text": "@Bob"}]),
    ({"type": "broadcast", "range": "here"}, [{"type": "mention", "text": "@here"}]),
    (
        {"type": "date", "timestamp": 1, "format": "{date}", "fallback": "1 May"},
        [{"type": "text", "text": "1 May"}],
    ),
    ({"type": "hologram", "fallback": "new thing"}, [{"type": "text", "text": "new thing"}]),
    ({"type": "hologram"}, []),
]


@pytest.mark.parametrize(("leaf", "expected"), LEAVES, ids=lambda value: str(value)[:50])
def test_every_leaf_has_its_segment(leaf: dict[str, Any], expected: list[dict[str, Any]]) -> None:
    assert rich(section(leaf)) == expected


@pytest.mark.parametrize(
    "leaf",
    [
        {"type": "user", "user_id": "U0SECRET"},
        {"type": "channel", "channel_id": "C0SECRET"},
        {"type": "usergroup", "usergroup_id": "S0SECRET"},
        {"type": "team", "team_id": "T0SECRET"},
    ],
)
def test_ids_of_slack_never_reach_a_visitor(leaf: dict[str, Any]) -> None:
    assert "SECRET" not in str(rich(section(leaf)))


@pytest.mark.parametrize(
    "points", ["110000", "zz", "1f44b-", "-", "d800", "00", "1b", "1f44b--1f3fd", "9" * 40]
)
def test_an_emoji_that_is_none_keeps_its_name_and_can_be_stored(points: str) -> None:
    found = rich(section({"type": "emoji", "name": "odd", "unicode": points}))
    assert to_text(found) == ":odd:"


def test_lists_quotes_and_code_keep_their_shape() -> None:
    found = rich(
        {
            "type": "rich_text_list",
            "style": "ordered",
            "indent": 1,
            "offset": 2,
            "elements": [section(text("a"))],
        },
        {"type": "rich_text_quote", "elements": [text("said\nso")]},
        {
            "type": "rich_text_preformatted",
            "elements": [text("x = <1>"), {"type": "link", "url": "https://a.example"}],
        },
    )
    assert [segment["type"] for segment in found] == ["list", "quote", "codeblock"]
    assert (found[0]["ordered"], found[0]["indent"], found[0]["offset"]) == (True, 1, 2)
    assert found[2]["text"] == "x = <1>https://a.example"
    assert to_text(found) == "3. a\n> said\n> so\nx = <1>https://a.example"


def test_line_breaks_within_stay_and_around_go() -> None:
    kinds = [segment["type"] for segment in rich(section(text("\na\n\nb\n")))]
    assert kinds == ["text", "break", "break", "text"]


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
    "*bold* _it_ `code`": "*bold* _it_ `code`",
    "": "",
}


@pytest.mark.parametrize(("slack", "words"), MRKDWN.items())
def test_text_without_blocks(slack: str, words: str) -> None:
    found = from_mrkdwn(slack, name_of)
    assert to_text(found) == words
    assert "SECRET" not in str(found)
    assert "secret-deal" not in str(found)


def test_a_forged_label_keeps_the_address_it_leads_to() -> None:
    assert (
        from_mrkdwn("<https://evil.example|https://bank.example>", name_of)[0]["url"]
        == "https://evil.example"
    )


@pytest.mark.parametrize("words", [";;", ";;x", "note: x", "NOTE:x", "\n ;; x"])
def test_a_private_prefix(words: str) -> None:
    assert is_note(words)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "elements", "text", "url", "style", "unicode", "name"]), inner
        )
    ),
    max_leaves=12,
)
KINDS = ["text", "link", "emoji", "user", "channel", "broadcast", "date", "x"]
ELEMENT = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted", "x"]
        ),
        "elements": st.lists(
            JSON | st.fixed_dictionaries({"type": st.sampled_from(KINDS), "text": JSON, "url": JSON})
        ),
    }
)


def urls(segments: list[dict[str, Any]]) -> list[str]:
    found = [segment["url"] for segment in segments if segment["type"] == "link"]
    for segment in segments:
        items = segment.get("items") or []
        for item in items if segment["type"] == "list" else [items]:
            found += urls(item)
    return found


@settings(max_examples=150, deadline=None)
@given(st.lists(ELEMENT, max_size=3), JSON)
def test_whatever_the_blocks_hold_the_segments_are_safe(elements: list[Any], words: Any) -> None:
    for blocks in ([{"type": "rich_text", "elements": elements}], words):
        found = segments_of({"text": words, "blocks": blocks}, name_of)
        assert all(safe_url(url) == url for url in urls(found))
        assert isinstance(to_text(found), str)


@given(st.text(alphabet="<>|@#!&;:ampltghttps/.\n x", max_size=60))
def test_whatever_the_text_holds_the_segments_are_safe(words: str) -> None:
    assert all(safe_url(url) == url for url in urls(from_mrkdwn(words, name_of)))


@given(st.text(max_size=40))
def test_escaping_comes_back(words: str) -> None:
    from slackapp.blocks import escaped

    assert unescape(escaped(words)) == words
