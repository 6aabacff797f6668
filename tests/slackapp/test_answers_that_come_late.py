"""S16: a command whose work outlasts the three seconds that Slack waits is answered with a word, and later, once."""

import time
from typing import Any

import pytest

from slackapp import commands, prompt
from slackapp.commands.verb import Answer, Verb
from slackapp.models import Connection
from tests.serving import eventually
from tests.slackapp.peer import Slack

pytestmark = pytest.mark.django_db(transaction=True)
WAITING, DONE = "One moment…", "It is done now."


def typed(slack: Slack, connection: Connection) -> None:
    ran = slack.act("command", user="bob", channel=connection.channel_id, text="/threadbell slow")
    assert (ran["status"], ran["problem"]) == (200, "")


def shown(slack: Slack, connection: Connection) -> list[str]:
    """What the command has brought Bob, and nobody else."""
    bob = slack.person("bob")
    return [str(one["text"]) for one in slack.channel(connection) if one.get("seen_only_by") == bob]


def slow(monkeypatch: pytest.MonkeyPatch, seconds: float, *, fails: bool = False) -> list[float]:
    """`/threadbell slow` takes so long; gives the moments at which it was done."""
    done: list[float] = []

    def work(asked: object) -> Answer:
        time.sleep(seconds)
        done.append(time.monotonic())
        if fails:
            raise ZeroDivisionError
        return Answer(DONE)

    monkeypatch.setitem(commands.VERBS, "slow", Verb(work, "takes its time"))
    return done


def test_what_takes_longer_than_slack_waits_is_answered_later_and_once(
    slack: Slack, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = slow(monkeypatch, 3.2)
    monkeypatch.setattr(prompt, "DEADLINE_SECONDS", 2.0)  # as it is shipped; tests are given longer
    typed(slack, connection)
    assert (shown(slack, connection), done) == ([WAITING], [])
    eventually(lambda: shown(slack, connection) == [WAITING, DONE])
    time.sleep(0.2)
    assert (shown(slack, connection), len(done)) == ([WAITING, DONE], 1)


def test_what_fails_late_is_a_sentence(
    slack: Slack, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow(monkeypatch, 0.3, fails=True)
    monkeypatch.setattr(prompt, "DEADLINE_SECONDS", 0.05)
    typed(slack, connection)
    eventually(lambda: len(shown(slack, connection)) == 2)
    assert shown(slack, connection)[1].startswith("That did not work, and nothing was changed.")


@pytest.mark.parametrize(
    ("fault", "stands"),
    [
        ({"kind": "status", "status": 404}, [WAITING]),
        ({"kind": "status", "status": 500}, [WAITING]),
        ({"kind": "ratelimit"}, [WAITING]),
        ({"kind": "reset"}, [WAITING]),
        # whether it was shown cannot be known: said again it might stand twice
        ({"kind": "status", "status": 500, "commit": True}, [WAITING, DONE]),
        ({"kind": "drop_after_commit"}, [WAITING, DONE]),
    ],
    ids=["expired", "trouble", "too many", "cut off", "shown in trouble", "shown and cut off"],
)
def test_an_answer_that_slack_does_not_take_is_not_repeated_and_harms_nothing(
    slack: Slack,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
    fault: dict[str, Any],
    stands: list[str],
) -> None:
    done = slow(monkeypatch, 0.2)
    monkeypatch.setattr(prompt, "DEADLINE_SECONDS", 0.05)
    slack.act("faults", method="response_url", count=None, **fault)
    typed(slack, connection)
    eventually(lambda: slack.look("faults")["faults"][0]["hits"])
    time.sleep(0.3)
    assert (shown(slack, connection), len(done)) == (stands, 1)
    assert slack.look("faults")["faults"][0]["hits"] == 1
    slack.clear_faults()
    typed(slack, connection)
    eventually(lambda: shown(slack, connection) == [*stands, WAITING, DONE])
