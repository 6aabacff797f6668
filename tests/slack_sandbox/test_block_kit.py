"""Block Kit is checked as Slack checks it, with pointers to what is wrong."""

from typing import Any

import pytest

from slack_sandbox.blocks import problems_of

PLAIN = {"type": "plain_text", "text": "x"}
BUTTON = {"type": "button", "text": PLAIN, "action_id": "a"}


def section(text: str, kind: str = "mrkdwn", **more: object) -> dict[str, Any]:
    return {"type": "section", "text": {"type": kind, "text": text, **more}}


@pytest.mark.parametrize(
    "blocks,wanted",
    [
        ([section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
        ([section("x", emoji=True)], "invalid additional property: emoji [json-pointer:/blocks/0/text]"),
        ([{"type": "section"}], "missing required field: text [json-pointer:/blocks/0]"),
        ([{"type": "sparkle"}], "unsupported type: sparkle [json-pointer:/blocks/0/type]"),
        ([{"type": "divider", "colour": 1}], "invalid additional property: colour [json-pointer:/blocks/0]"),
        (["x"], "must be an object [json-pointer:/blocks/0]"),
        ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "unsupported type: mrkdwn"),
        (
            [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
            "must be less than 151 characters",
        ),
        ([{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
        ([{"type": "actions", "elements": [BUTTON] * 26}], "no more than 25 items allowed"),
        ([{"type": "actions", "elements": []}], "no fewer than 1 items allowed"),
        ([{"type": "actions", "elements": [BUTTON, BUTTON]}], "`action_id` already exists: a"),
        (
            [{"type": "actions", "elements": [{**BUTTON, "value": "x" * 2001}]}],
            "must be less than 2001 characters",
        ),
        (
            [{"type": "actions", "elements": [{**BUTTON, "style": "loud"}]}],
            "value must be one of: primary, danger",
        ),
        (
            [{"type": "actions", "elements": [{**BUTTON, "text": {**PLAIN, "text": "x" * 76}}]}],
            "less than 76",
        ),
        ([{"type": "context", "elements": [PLAIN] * 11}], "no more than 10 items allowed"),
        (
            [{"type": "divider", "block_id": "b"}, {"type": "divider", "block_id": "b"}],
            "`block_id` already exists: b",
        ),
        ([{"type": "divider", "block_id": "b" * 256}], "must be less than 256 characters"),
        ([{"type": "image", "alt_text": "x"}], "missing required field: image_url"),
        ([{"type": "image", "alt_text": "x", "image_url": "ftp://x"}], "must be a valid URL"),
        ([{"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}], "unsupported type: text"),
    ],
)
def test_a_wrong_block_is_pointed_at(blocks: list[object], wanted: str) -> None:
    assert any(wanted in problem for problem in problems_of(blocks)), problems_of(blocks)


def test_a_card_as_the_app_posts_it_is_fine() -> None:
    overflow = {"type": "overflow", "action_id": "o", "options": [{"text": PLAIN, "value": "v"}] * 2}
    rich = {"type": "rich_text_section", "elements": [{"type": "text", "text": "x", "style": {"bold": True}}]}
    card = [
        {"type": "header", "text": {**PLAIN, "emoji": False}, "block_id": "h"},
        {"type": "section", "fields": [PLAIN, {"type": "mrkdwn", "text": "*a*", "verbatim": True}]},
        {
            "type": "context",
            "elements": [PLAIN, {"type": "image", "image_url": "https://x.example/a", "alt_text": "x"}],
        },
        {"type": "actions", "elements": [BUTTON, overflow]},
        {"type": "rich_text", "elements": [rich]},
        {"type": "divider"},
    ]
    assert problems_of(list(card)) == []
