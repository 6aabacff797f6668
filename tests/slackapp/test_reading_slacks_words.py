"""What a person wrote in Slack as segments: words only, no ids, no channel names, only safe addresses (S13, D5, D6)."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livechat.inside import is_note
from livechat.segments import safe_url, to_text
from slackapp.mrkdwn import from_mrkdwn, segments_of, unescape
from slackapp.richtext import Look

NAMES = {"U1": "Bob"}
PICTURES = {"our_logo": "k1"}

LOOK = Look(NAMES.get, PICTURES.get)


def rich(*elements: dict[str, Any]) -> list[dict[str, Any]]:
    return segments_of(
        {"text": "fallback", "blocks": [{"type": "rich_text", "elements": list(elements)}]}, LOOK
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
    (text("u", underline=True), [{"type": "text", "text": "u", "style": {"underline": True}}]),
    (
        {"type": "user", "user_id": "U1", "style": {"bold": True, "highlight": True, "unlink": True}},
        [{"type": "mention", "text": "@Bob", "style": {"bold": True}}],
    ),
    (
        {"type": "link", "url": "tel:+37060000000", "text": ""},
        [{"type": "link", "text": "+37060000000", "url": "tel:+37060000000"}],
    ),
    ({"type": "color", "value": "#4f46e5"}, [{"type": "text", "text": "#4f46e5"}]),
    (
        {"type": "date", "timestamp": 1720710212, "format": "{date}"},
        [{"type": "text", "text": "2024-07-11 15:03 UTC"}],
    ),
    (
        {"type": "date", "timestamp": 1, "format": "x", "url": "https://a.example", "fallback": "1 May"},
        [{"type": "link", "text": "1 May", "url": "https://a.example"}],
    ),
    ({"type": "date", "timestamp": "later", "format": "{date}"}, []),
    ({"type": "broadcast", "range": "<b>"}, [{"type": "mention", "text": "@here"}]),
    (
        {"type": "emoji", "name": "wave", "unicode": "1f44b", "skin_tone": 4},
        [{"type": "emoji", "text": "👋🏽"}],
    ),
    (
        {"type": "emoji", "name": "female-firefighter", "unicode": "1f469-200d-1f692", "skin_tone": 4},
        [{"type": "emoji", "text": "👩🏽‍🚒"}],
    ),
    ({"type": "emoji", "name": "man-woman-girl-boy"}, [{"type": "emoji", "text": "👨‍👩‍👧‍👦"}]),
    ({"type": "emoji", "name": "flag-lt"}, [{"type": "emoji", "text": "🇱🇹"}]),
    ({"type": "emoji", "name": "our_logo"}, [{"type": "emoji", "text": ":our_logo:", "picture": "k1"}]),
    ({"type": "emoji", "name": "their_logo"}, [{"type": "emoji", "text": ":their_logo:"}]),
]


@pytest.mark.parametrize(("leaf", "expected"), LEAVES, ids=lambda value: str(value)[:50])
def test_every_leaf_has_its_segment(leaf: dict[str, Any], expected: list[dict[str, Any]]) -> None:
    assert rich(section(text("-"), leaf))[1:] == expected


def test_a_message_of_unknown_parts_alone_shows_its_text() -> None:
    assert rich(section({"type": "hologram"})) == [{"type": "text", "text": "fallback"}]


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


def listing(*items: str, indent: int = 0, **more: Any) -> dict[str, Any]:
    entries = [section(text(item)) for item in items]
    return {"type": "rich_text_list", "style": "bullet", "elements": entries, "indent": indent, **more}


def test_lists_quotes_and_code_keep_their_shape() -> None:
    found = rich(
        listing("a", style="ordered", offset=2),
        {"type": "rich_text_quote", "elements": [text("said\nso")]},
        {
            "type": "rich_text_preformatted",
            "elements": [text("x = <1>"), {"type": "link", "url": "https://a.example"}],
        },
    )
    assert [segment["type"] for segment in found] == ["list", "quote", "codeblock"]
    assert (found[0]["ordered"], found[0]["offset"]) == (True, 2)
    assert found[2]["text"] == "x = <1>https://a.example"
    assert to_text(found) == "3. a\n> said\n> so\nx = <1>https://a.example"


def test_a_list_with_an_indent_hangs_in_the_entry_above_it() -> None:
    found = rich(
        section(text("To do:\n")),
        listing("buy", "sell"),
        listing("high", indent=1, style="ordered"),
        listing("now", indent=2),
        listing("higher", indent=1, style="ordered", offset=1),
        listing("rest"),
        section(text("\nthen go")),
    )
    assert [segment["type"] for segment in found] == ["text", "list", "text"]
    assert to_text(found) == "To do:\n• buy\n• sell\n  1. high\n    • now\n  2. higher\n• rest\nthen go"


def test_a_list_that_begins_indented_is_shown_all_the_same() -> None:
    assert to_text(rich(listing("a", indent=8), listing("b", indent=0))) == "• a\n• b"


def test_a_list_and_code_within_a_quote_stand_in_it() -> None:
    found = rich(
        {"type": "rich_text_quote", "elements": [text("she said")]},
        listing("a", border=1),
        {"type": "rich_text_preformatted", "elements": [text("x")], "border": 1},
        {"type": "rich_text_quote", "elements": [text("end")]},
    )
    assert [segment["type"] for segment in found] == ["quote"]
    assert to_text(found) == "> she said\n> • a\n> x\n> end"


def test_line_breaks_within_stay_and_around_go() -> None:
    kinds = [segment["type"] for segment in rich(section(text("\na\n\nb\n")))]
    assert kinds == ["text", "break", "break", "text"]


def test_what_somebody_shares_is_named_and_not_told() -> None:
    shared = {
        "is_share": True,
        "text": "our margin is 80 %",
        "from_url": "https://acme.slack.com/archives/C1",
    }
    found = segments_of({"text": "look", "attachments": [shared]}, LOOK)
    assert to_text(found) == "look\n[A message shared in Slack]"
    assert to_text(segments_of({"text": "", "attachments": [shared]}, LOOK)) == "[A message shared in Slack]"


def test_a_preview_of_a_link_says_nothing_twice() -> None:
    preview = {"from_url": "https://a.example", "title": "A", "text": "about A"}
    assert (
        to_text(segments_of({"text": "<https://a.example>", "attachments": [preview]}, LOOK))
        == "https://a.example"
    )


@pytest.mark.parametrize(
    ("attachment", "told"),
    [
        ({"title": "Invoice &amp; co", "text": "1,000"}, "[Attachment: Invoice & co]"),
        ({"fallback": "a chart\nof it"}, "[Attachment: a chart of it]"),
        ({}, "[Attachment]"),
        (7, ""),
    ],
)
def test_other_attachments_are_named(attachment: Any, told: str) -> None:
    assert to_text(segments_of({"text": "", "attachments": [attachment]}, LOOK)) == told


def test_other_blocks_are_read_for_their_words() -> None:
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Offer *1*"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*Chairs* for <@U1>"},
         "fields": [{"type": "plain_text", "text": "oak"}, {"type": "mrkdwn", "text": "~90~ 80"}]},
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "image", "alt_text": "a chair"}, {"type": "mrkdwn", "text": "new"}]},
        {"type": "image", "title": {"type": "plain_text", "text": "The chair"}, "alt_text": "x"},
        {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Buy"}}]},
        {"type": "markdown", "text": "**as it is**"},
    ]  # fmt: skip
    found = segments_of({"text": "fallback", "blocks": blocks}, LOOK)
    assert to_text(found).split("\n") == [
        "Offer *1*", "Chairs for @Bob", "oak", "90 80", "[Picture: a chair]", "new", "[Picture: The chair]",
        "**as it is**",
    ]  # fmt: skip


MOST_SHOWN = 12_000
HUGE = {
    "a list of 5,000 entries": [listing(*(["x"] * 5000))],
    "9,000 emoji": [section(*([{"type": "emoji", "name": "wave", "unicode": "1f44b"}] * 9000))],
    "20,000 empty lines": [section(text("\n" * 20_000 + "end"))],
    "lists in lists in lists": [listing("x", indent=level) for level in range(500)],
    "a hundred thousand characters": [section(text("x" * 100_000))],
    "5,000 quotes": [{"type": "rich_text_quote", "elements": [text("q")]}] * 5000,
}


@pytest.mark.parametrize("elements", HUGE.values(), ids=HUGE.keys())
def test_what_is_huge_stays_bounded(elements: list[dict[str, Any]]) -> None:
    found = rich(*elements)
    assert depth(found) <= 12
    assert count(found) <= MOST_SHOWN
    assert len(to_text(found)) <= 60_000


def test_beyond_the_bound_the_words_stay() -> None:
    found = rich(section(*({"type": "emoji", "name": "wave", "unicode": "1f44b"} for _ in range(9000))))
    assert to_text(found) == "👋" * 9000


@pytest.mark.parametrize(
    "words",
    ["*a" * 20_000, "_a" * 20_000, "<" * 40_000, "`" * 40_000, "&gt;\n" * 8000, ":a" * 20_000, "```" * 9999],
)
def test_hostile_markup_costs_little(words: str) -> None:
    begun = time.process_time()
    found = from_mrkdwn(words, LOOK)
    assert time.process_time() - begun < 2
    assert count(found) <= MOST_SHOWN


def depth(segments: list[dict[str, Any]]) -> int:
    return 1 + max((depth(inside) for one in segments for inside in insides(one)), default=0)


def count(segments: list[dict[str, Any]]) -> int:
    return len(segments) + sum(count(inside) for one in segments for inside in insides(one))


def insides(segment: dict[str, Any]) -> list[list[dict[str, Any]]]:
    items = segment.get("items") or []
    return list(items) if segment["type"] == "list" else [items]


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
    },
    optional={
        "indent": JSON | st.integers(-1, 20),
        "offset": JSON,
        "border": JSON | st.just(1),
        "style": JSON,
    },
)


def urls(segments: list[dict[str, Any]]) -> list[str]:
    found = [segment["url"] for segment in segments if segment["type"] == "link"]
    for segment in segments:
        for item in insides(segment):
            found += urls(item)
    return found


@settings(max_examples=150, deadline=None)
@given(st.lists(ELEMENT, max_size=3), JSON)
def test_whatever_the_blocks_hold_the_segments_are_safe(elements: list[Any], words: Any) -> None:
    for blocks in ([{"type": "rich_text", "elements": elements}], words):
        found = segments_of({"text": words, "blocks": blocks}, LOOK)
        assert all(safe_url(url) == url for url in urls(found))
        assert isinstance(to_text(found), str)


@given(st.text(alphabet="<>|@#!&;:ampltghttps/.\n x", max_size=60))
def test_whatever_the_text_holds_the_segments_are_safe(words: str) -> None:
    assert all(safe_url(url) == url for url in urls(from_mrkdwn(words, LOOK)))


@given(st.text(max_size=40))
def test_escaping_comes_back(words: str) -> None:
    from slackapp.blocks import escaped

    assert unescape(escaped(words)) == words
