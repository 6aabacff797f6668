"""S13: what a person types becomes rich_text and mrkdwn as Slack makes them."""

import pytest

from slack_sandbox import richtext, seeding
from slack_sandbox.model import Json, Team, World


@pytest.fixture
def team() -> Team:
    world = World(seed=1)
    seeding.seed(world)
    return next(iter(world.teams.values()))


def leaves(text: str, team: Team) -> list[Json]:
    elements = richtext.parse(text, team, typed=True)
    assert len(elements) == 1
    return list(elements[0]["elements"])


@pytest.mark.parametrize(
    "typed,style",
    [
        ("*x y*", {"bold": True}),
        ("_x_", {"italic": True}),
        ("~x~", {"strike": True}),
        ("`x`", {"code": True}),
    ],
)
def test_marks_become_styles(team: Team, typed: str, style: Json) -> None:
    assert leaves(f"a {typed} b", team)[1]["style"] == style
    assert richtext.to_mrkdwn(richtext.parse(f"a {typed} b", team, typed=True), team) == f"a {typed} b"


def test_styles_nest(team: Team) -> None:
    assert leaves("*_x_*", team) == [{"type": "text", "text": "x", "style": {"bold": True, "italic": True}}]


@pytest.mark.parametrize(
    "typed", ["2*3*4", "snake_case_name", "a * b * c", "~", "**", "5 < 6 & 7 > 3", ":nope_no:", "@nobody"]
)
def test_what_is_no_mark_stays_text(team: Team, typed: str) -> None:
    assert leaves(typed, team) == [{"type": "text", "text": typed}]


def test_emoji_get_their_names_with_skin_tones(team: Team) -> None:
    found = [leaf for leaf in leaves("👋🏽 :tada: ❤️", team) if leaf["type"] == "emoji"]
    assert [(one["name"], one.get("skin_tone")) for one in found] == [
        ("wave", 4),
        ("tada", None),
        ("heart", None),
    ]
    assert richtext.to_mrkdwn(richtext.parse("👋🏽", team, typed=True), team) == ":wave::skin-tone-4:"


def test_names_become_mentions(team: Team) -> None:
    bob, general = team.person("bob"), team.channel_named("general")
    assert bob
    assert general
    text = richtext.to_mrkdwn(richtext.parse("@Bob and @here in #general", team, typed=True), team)
    assert text == f"<@{bob.id}> and <!here> in <#{general.id}|general>"


def test_a_bare_address_becomes_a_link_without_its_full_stop(team: Team) -> None:
    found = leaves("see https://x.example/a_b_c?d=1&e=2.", team)
    assert found[1] == {"type": "link", "url": "https://x.example/a_b_c?d=1&e=2"}
    assert found[2]["text"] == "."


def test_lists_quotes_and_code_are_elements_of_their_own(team: Team) -> None:
    typed = "Hello\n- one\n- two\n  - deep\n1. first\n2. second\n> said\n```if a < b:```\nbye"
    elements = richtext.parse(typed, team, typed=True)
    assert [element["type"].removeprefix("rich_text_") for element in elements] == [
        "section", "list", "list", "list", "quote", "preformatted", "section",
    ]  # fmt: skip
    assert [one.get("indent") for one in elements[1:4]] == [0, 1, 0]
    text = richtext.to_mrkdwn(elements, team)
    assert "• one\n• two\n    • deep\n1. first\n2. second\n&gt; said\n```if a &lt; b:```" in text


def test_typed_angle_brackets_are_only_text(team: Team) -> None:
    assert (
        richtext.to_mrkdwn(richtext.parse("<b>bold</b>", team, typed=True), team) == "&lt;b&gt;bold&lt;/b&gt;"
    )


def test_mrkdwn_of_an_app_is_read_back_unescaped(team: Team) -> None:
    elements = richtext.parse("&lt;b&gt; *x* <https://x.example|here>", team, typed=False)
    assert elements[0]["elements"][0]["text"] == "<b> "
    assert elements[0]["elements"][-1] == {"type": "link", "url": "https://x.example", "text": "here"}
