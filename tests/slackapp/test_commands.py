"""S16: what somebody types behind the command is answered to them alone, whatever it is."""

from typing import Any

import pytest

from slackapp import commands, features
from slackapp.commands.verb import Answer, Verb
from slackapp.commands.words import verb_and_rest
from slackapp.models import Connection, Installation
from tests.payloads.slack import post
from tests.serving import Served
from tests.slackapp.peer import Slack

pytestmark = pytest.mark.django_db(transaction=True)


def typed(slack: Slack, connection: Connection, text: str, user: str = "bob") -> dict[str, Any]:
    """What the person is shown for `/threadbell <text>` in the connection's channel."""
    ran = slack.act("command", user=user, channel=connection.channel_id, text=f"/threadbell {text}")
    assert (ran["status"], ran["problem"]) == (200, "")
    shown = slack.channel(connection)[-1]
    assert shown["seen_only_by"] == slack.person(user)
    return dict(shown)


@pytest.mark.parametrize("text", ["help", "", "   ", "HELP", "“help”", "help  me"])
def test_help_says_what_can_be_typed(slack: Slack, connection: Connection, text: str) -> None:
    said = typed(slack, connection, text)["text"]
    assert all(f"/threadbell {verb}" in said for verb in commands.VERBS)


def test_the_hint_that_slack_shows_names_every_verb() -> None:
    assert features.COMMAND_HINT.split(", ") == list(commands.VERBS)


def test_what_nobody_knows_is_named_and_followed_by_what_can_be_typed(
    slack: Slack, connection: Connection
) -> None:
    said = typed(slack, connection, "dance <!channel> & <b>")["text"]
    assert said.startswith("There is no “dance”.")
    assert "/threadbell help" in said
    assert not slack.channel(connection)[-1]["pings"]


def test_a_slack_that_is_not_connected_is_told_where_to(server: Served) -> None:
    answer = post(
        server.url, "/slack/commands", b"command=%2Fthreadbell&text=list&team_id=T0NOBODY&user_id=U1"
    )
    assert answer.status_code == 200
    assert "not connected" in answer.json()["text"]
    assert "/console/slack" in answer.json()["text"]


def test_a_slack_whose_sites_are_all_disconnected_is_told_the_same(
    slack: Slack, connection: Connection
) -> None:
    Connection.unscoped.update(state=Connection.State.DISCONNECTED)
    assert "not connected" in typed(slack, connection, "help")["text"]


def test_a_slack_whose_key_is_dead_is_told_the_same(slack: Slack, connection: Connection) -> None:
    Installation.objects.update(state=Installation.State.NEEDS_REAUTH)
    assert "not connected" in typed(slack, connection, "help")["text"]


def test_a_verb_that_fails_is_a_sentence(
    slack: Slack, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(asked: object) -> Answer:
        raise ZeroDivisionError

    monkeypatch.setitem(commands.VERBS, "broken", Verb(broken, "breaks"))
    assert typed(slack, connection, "broken")["text"].startswith(
        "That did not work, and nothing was changed."
    )


@pytest.mark.parametrize(
    ("text", "verb", "rest"),
    [
        ("  Close   anna  ", "close", "anna"),
        ("close “Anna  Müller”", "close", "Anna Müller"),
        ("close 'Anna'", "close", "Anna"),
        ("close\u00a0anna", "close", "anna"),
        ("close <@U1|bob>", "close", "@bob"),
        ("close <@U1>", "close", "@U1"),
        ("close <#C1|chat-anna-7>", "close", "#chat-anna-7"),
        ("note see <https://x.example/a|x.example/a>", "note", "see x.example/a"),
        ("note a &lt;b&gt; &amp;amp; c", "note", "a <b> &amp; c"),
        ("/help", "help", ""),
        ("", "", ""),
        (None, "", ""),
    ],
)
def test_words_are_read_as_they_were_meant(text: str | None, verb: str, rest: str) -> None:
    assert verb_and_rest(text) == (verb, rest)
