"""S13, D3, D4: whatever a visitor types, is called or comes from pings, links and formats nothing in Slack.

The sandbox reads posts as Slack does and records what they cause: `pings`, and `links` with a `forged` mark.
"""

import itertools
import re
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Member
from livechat.actions import changes, messages
from livechat.models import MAX_BODY, ChatSession, Message, Site, Visitor
from livechat.protocol import Page, body
from livechat.tokens import VisitorClaim
from slackapp import blocks
from slackapp.models import Connection
from tests.cast import chat_of, newcomer, say, say_with, uploaded
from tests.payloads.hostile import NAMES, TEXTS, URLS, filled
from tests.slackapp.peer import Json, Slack, at_rest, link_of, settle, text_of
from tests.slackapp.rooms import channels, noisy, room_of

pytestmark = pytest.mark.django_db(transaction=True)


def posts(slack: Slack) -> list[Json]:
    """Everything our bot has posted anywhere in Acme."""
    found = [message for channel in slack.team()["channels"] for message in channel["messages"]]
    return [message for message in found if message.get("bot_id")]


def expect_harmless(slack: Slack, *allowed: str) -> None:
    """`allowed` are channels that we mention ourselves."""
    for post in posts(slack):
        assert [ping for ping in post["pings"] if ping["value"] not in allowed] == [], post
        for link in post["links"]:
            assert not link["forged"], post
            assert link["url"] == link["label"], post


def expect_escaped(slack: Slack) -> None:
    """Slack mends what it stores, so this is read from what we sent: notifications are made from this text."""
    sent = [row["args"] for method in ("chat.postMessage", "chat.update") for row in slack.calls(method)]
    assert sent
    for args in sent:
        assert not set("<>") & set(args["text"]), args
        assert not re.search(r"&(?!(amp|lt|gt);)", args["text"]) or len(args["text"]) == 3900, args


def words(slack: Slack, texts: list[str]) -> list[str]:
    team = slack.team()
    general = next(channel["id"] for channel in team["channels"] if channel["name"] == "general")
    return [filled(text, slack.person("bob"), general) for text in texts]


def lines(slack: Slack, connection: Connection) -> list[str]:
    """Every post of a visitor's lines, as its reader sees it."""
    return slack.lines(connection)


def test_every_hostile_line_is_shown_as_typed_and_does_nothing(
    slack: Slack, connection: Connection, claim: VisitorClaim
) -> None:
    typed = words(slack, TEXTS)
    for text in typed:
        say(claim, body(text) if "\r" not in text else text)
        settle(slack)
    assert lines(slack, connection) == typed
    expect_harmless(slack)
    expect_escaped(slack)


def test_joined_lines_do_nothing_either(slack: Slack, connection: Connection, claim: VisitorClaim) -> None:
    """What begins in one line must not end in the next."""
    halves = [
        "<!he",
        "re>",
        "<https://evil.example|",
        "https://bank.example>",
        "@",
        "here",
        "```",
        "x",
        "```",
        "&",
        "lt;",
    ]
    say(claim, "Hello")
    settle(slack)
    for text in halves:
        say(claim, text)
    at_rest(slack)
    assert "\n".join(lines(slack, connection)) == "\n".join(["Hello", *halves])
    assert len(lines(slack, connection)) < len(halves)
    expect_harmless(slack)


LONG = {
    "tokens cut anywhere": "<!channel>" * 800,
    "addresses cut anywhere": "https://a.example/<!here> " * 307,
    "emoji alone": "👩‍👩‍👧‍👦" * (MAX_BODY // 7),
    "toned emoji": "👋🏽" * (MAX_BODY // 2),
    "flags": "🇱🇹" * (MAX_BODY // 2),
    "marks on letters": "e\u0301" * (MAX_BODY // 2),
    "ampersands": "&" * MAX_BODY,
    "one word": "x" * MAX_BODY,
    "lines": "a\n" * (MAX_BODY // 2 - 1) + "a",
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_the_longest_texts_arrive_whole_in_parts_that_cut_no_character(
    slack: Slack, connection: Connection, claim: VisitorClaim, text: str
) -> None:
    say(claim, body(text))
    at_rest(slack)
    shown = lines(slack, connection)
    assert "".join(shown) == text
    assert all(len(part) <= blocks.PART_SIZE for part in shown)
    joiners = ("\u200d", "\U0001f3fd", "\u0301")
    assert not [part for part in shown if part.startswith(joiners) or part.endswith("\u200d")]
    expect_harmless(slack)


def test_an_edited_copy_does_nothing(
    slack: Slack, connection: Connection, claim: VisitorClaim, chat: ChatSession
) -> None:
    line = Message.unscoped.get(chat=chat)
    for text in words(slack, TEXTS)[:40]:
        changes.edit_by_visitor(claim, line.pk, text)
    settle(slack)
    for text in words(slack, TEXTS)[40::3]:
        changes.edit_by_visitor(claim, line.pk, text)
        settle(slack)
        assert text in str(text_of(slack.channel(connection)[-1]))
        expect_harmless(slack)
    expect_escaped(slack)


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_does_nothing_on_card_and_lines(
    slack: Slack, connection: Connection, claim: VisitorClaim, name: str
) -> None:
    visitor = Visitor.unscoped.create(
        pk=claim.visitor_id, site_id=claim.site_id, token_hash=claim.token_hash, name=words(slack, [name])[0]
    )
    say(claim, "Hello")
    settle(slack)
    expect_harmless(slack)
    expect_escaped(slack)
    posted = [post for post in posts(slack) if post.get("username")]
    assert all(post["username"].endswith(" (visitor)") for post in posted)
    assert all(
        post["username"].removesuffix(" (visitor)").strip("\u3164\u00ad\u034f\u2800 ") for post in posted
    )
    assert not set("@#<>&*_`\n\u202e") & set("".join(post["username"] for post in posted))
    assert visitor.name


@pytest.mark.parametrize("url", URLS)
def test_a_hostile_page_does_nothing_on_the_card(
    slack: Slack, connection: Connection, claim: VisitorClaim, url: str
) -> None:
    title = words(slack, ["<!channel> @here <@{user}> #general <https://evil.example|https://bank.example>"])[
        0
    ]
    draft = messages.VisitorDraft(uuid.uuid4(), "Hello", Page(url, title, url), "<!here>", "@channel/<!here>")
    messages.post_visitor_message(claim, draft)
    settle(slack)
    expect_harmless(slack)


def test_a_channel_of_ones_own_its_topic_and_its_announcement_do_nothing(
    slack: Slack, alice: Member, site: Site
) -> None:
    noisy(slack, alice, site)
    for name, url in itertools.zip_longest(NAMES, URLS, fillvalue="https://shop.example/"):
        claim = newcomer(site)
        called = words(slack, [str(name)])[0]
        Visitor.unscoped.create(pk=claim.visitor_id, site=site, token_hash=claim.token_hash, name=called)
        page = Page(str(url), "<!channel> @here #general", str(url))
        messages.post_visitor_message(claim, messages.VisitorDraft(uuid.uuid4(), "Hello", page))
        at_rest(slack)
        room = room_of(slack, chat_of(claim))
        assert set(room["name"]) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")
        assert len(room["topic"]) <= 250
        assert not [
            token
            for token in ("<!", "<@", "<#", "<http", "@here", "@channel")
            if token in room["topic"].replace(str(url), "")
        ]
    ours = [
        str(channel["id"]) for channel in channels(slack).values() if str(channel["name"]).startswith("tb-")
    ]
    expect_harmless(slack, *ours)


def posted_names(slack: Slack, connection: Connection) -> list[str]:
    found = [file for message in slack.channel(connection) for file in message.get("files", [])]
    return [str(file.get(part)) for file in found for part in ("name", "title")]


FILES = [
    "<!here>.txt",
    "@channel.txt",
    "../../etc/passwd.txt",
    "a\u202etxt.exe.txt",
    "*bold* `x`.txt",
    "<@{user}>.txt",
    "x" * 300 + ".txt",
]


@pytest.mark.parametrize("refuses", [False, True], ids=["shared", "named in a line instead"])
def test_a_hostile_file_name_does_nothing(
    slack: Slack, connection: Connection, claim: VisitorClaim, chat: ChatSession, refuses: bool
) -> None:
    slack.act("sharing", delay=0)
    if refuses:
        slack.fault("error", method="files.getUploadURLExternal", error="file_uploads_disabled", count=None)
    for name in words(slack, FILES):
        say_with(claim, uploaded(claim, name))
    at_rest(slack)
    names = posted_names(slack, connection)
    assert bool(names) is not refuses
    assert not set("<>/\\*\u202e") & set("".join(names))
    assert all(len(name) <= 255 for name in names)
    expect_harmless(slack)


TYPED = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80) | st.text(
    "<>@#!|&*`_~hereochanl:/tps. \n", min_size=1, max_size=60
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(texts=st.lists(TYPED.filter(str.strip), min_size=1, max_size=6))
def test_whatever_visitors_type_is_what_colleagues_read(
    slack: Slack, connection: Connection, site: Site, texts: list[str]
) -> None:
    """Through our database, Slack's API and Slack's own reading of it: to the last character."""
    claim = newcomer(site)
    for text in texts:
        say(claim, body(text))
    at_rest(slack)
    link = link_of(chat_of(claim))
    shown = slack.look("messages", channel=link.channel_id, thread_ts=link.root_ts)["messages"][1:]
    assert "\n".join(text_of(post) for post in shown) == "\n".join(texts)
    expect_harmless(slack)
