"""Visitor text in Slack (S5, D3, D4): as typed, pinging nobody, linking nowhere but where it says."""

import uuid
from typing import Any

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from slack_sandbox.blocks import problems_of
from slack_sandbox.model import Team, World
from slack_sandbox.mrkdwn import Reading, read_blocks
from slack_sandbox.seeding import seed
from slackapp import blocks, card_blocks
from slackapp.card_facts import CardFacts
from tests.slackapp.peer import text_of

TYPABLE = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
HOSTILE = [
    "<!channel>", "@here @channel @everyone", "#general", "<@{user}>", "<#{channel}>", "<!subteam^S1|@x>",
    "<https://evil.example|https://bank.example>", "[bank](https://evil.example)", "&lt;!here&gt;", "*bold*",
    "```code```", "\u202e@here", "https://a.example/<!here>", "http://@here", "<mailto:a@b.example|x>", ":party:",
]  # fmt: skip


def acme() -> Team:
    world = World(0)
    seed(world)
    return next(iter(world.teams.values()))


ACME = acme()
WORDS = {"user": next(iter(ACME.people)), "channel": next(iter(ACME.channels))}


def read_as_slack_does(post: dict[str, object]) -> Reading:
    reading = Reading(ACME, "text")
    reading.read(
        str(post["text"]), bare_links=post.get("parse") != "none", bare_names=bool(post.get("link_names"))
    )
    found = post["blocks"]
    assert isinstance(found, list)
    read_blocks(ACME, found, reading)
    assert not problems_of(found)
    return reading


def line(text: str, name: str = "Anna (visitor)") -> dict[str, object]:
    return blocks.line(text, name, blocks.line_metadata(["1"]))


def card(name: str = "", title: str = "", url: str = "") -> dict[str, object]:
    return card_blocks.card(
        CardFacts(
            chat_id=str(uuid.uuid4()),
            name=blocks.username(name, ""),
            site=title or "Shop",
            console_url="https://console.example",
            hint="Answer in this thread.",
            page_url=url,
            page_title=title,
            language=title[:35],
        )
    )


@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_text_pings_nobody_and_forges_no_link(typed: str) -> None:
    text = typed.format(**WORDS) if "{" in typed else typed
    reading = read_as_slack_does(line(text))
    assert reading.pings == []
    assert not [link for link in reading.links if link["forged"]]
    assert text_of(line(text)) == text


@pytest.mark.parametrize(
    ("url", "host"),
    [("https://\u0430pple.com/x", "xn--pple-43d.com"), ("https://bank.example@evil.example", "evil.example")],
)
def test_of_an_address_that_reads_like_another_it_is_said_where_it_leads(url: str, host: str) -> None:
    """D2: beside the address as it was typed, and in a way that nobody can type."""
    shown: dict[str, Any] = dict(line(f"see {url} (leads to bank.example)"))
    link, ours, typed = shown["blocks"][0]["elements"][0]["elements"][1:]
    assert link == {"type": "link", "url": url}
    assert ours == {"type": "text", "text": f" (leads to {host})", "style": {"italic": True}}
    assert typed == {"type": "text", "text": " (leads to bank.example)"}
    assert not [found for found in read_as_slack_does(shown).links if found["forged"]]


@settings(max_examples=150, deadline=None)
@given(st.text(TYPABLE, max_size=120) | st.text("<>@#!|&*`hereochanl:/tps. \n", max_size=80))
@example("https://a.example/)")
def test_whatever_is_typed_is_shown_as_typed(text: str) -> None:
    shown = line(text or "x")
    reading = read_as_slack_does(shown)
    assert reading.pings == []
    assert all(link["url"] == link["label"] for link in reading.links)
    assert text_of(shown) == (text or "x")


@settings(max_examples=80, deadline=None)
@given(st.text(TYPABLE, max_size=90), st.text(TYPABLE, max_size=200))
@example("<!channel> @here", "https://evil.example @channel <!here>")
def test_a_card_pings_nobody_whatever_the_visitor_is_called(name: str, title: str) -> None:
    reading = read_as_slack_does(card(name, title, "https://shop.example/" + "x" * 100))
    assert reading.pings == []
    assert not [link for link in reading.links if link["forged"]]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "", "no address", "https://" + "x" * 1990]
)
def test_a_card_links_only_to_web_addresses(url: str) -> None:
    reading = read_as_slack_does(card("Anna", "Chairs", url))
    assert all(link["url"].startswith("https://") for link in reading.links)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Anna", "Anna (visitor)"),
        ("", "Visitor (visitor)"),
        ("@channel", "channel (visitor)"),
        ("<!here>", "!here (visitor)"),
        ("Slackbot\n\u202e", "Slackbot (visitor)"),
        ("  many   spaces ", "many spaces (visitor)"),
        ("x" * 200, "x" * 60 + " (visitor)"),
        ("*:tada:*", "tada (visitor)"),
        ("\u200b\ufeff", "Visitor (visitor)"),
    ],
)
def test_a_senders_name_cannot_pass_for_a_member(name: str, shown: str) -> None:
    assert blocks.username(name) == shown


@settings(max_examples=60, deadline=None)
@given(st.text(TYPABLE, max_size=50), st.integers(1, 200))
@example("👩‍👩‍👧‍👦", 400)
@example("e\u0301", 2000)
@example("\u0301", 7000)
def test_parts_lose_nothing_and_cut_no_grapheme(text: str, times: int) -> None:
    whole = (text * times)[:12_000] if len(text) * times > 12_000 else text * times
    parts = blocks.parts(whole)
    assert "".join(parts) == whole
    assert all(len(part) <= blocks.PART_SIZE for part in parts)
    ends = {match.end() for match in regex.finditer(r"\X", whole)}
    clusters = max((len(found) for found in regex.findall(r"\X", whole)), default=0)
    place = 0
    for part in parts[:-1]:
        place += len(part)
        assert place in ends or clusters > blocks.PART_SIZE


def test_slack_is_told_to_parse_and_unfurl_nothing() -> None:
    for post in (line("x"), card()):
        assert (post["mrkdwn"], post["parse"], post["unfurl_links"], post["unfurl_media"]) == (
            False,
            "none",
            False,
            False,
        )
        assert "link_names" not in post


def test_the_notification_text_is_escaped_and_short() -> None:
    assert line("<!here> & co")["text"] == "&lt;!here&gt; &amp; co"
    assert len(str(line("x" * 8000)["text"])) <= 4000
