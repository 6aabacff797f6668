"""S10, S11: a line shortened or withdrawn between its posts says nothing twice, and nothing that was taken back."""

import uuid
from typing import Any

import pytest

from livechat.actions import changes
from livechat.models import ChatSession, Message
from livechat.tokens import VisitorClaim
from slackapp import blocks, lanes, mirror
from slackapp.models import Connection
from slackapp.promises import Job
from tests.cast import say
from tests.slackapp.peer import Slack, at_rest, link_of, text_of

pytestmark = pytest.mark.django_db(transaction=True)
LONG = "".join(f"a{number:04d} " for number in range(1300))


def thread(slack: Slack, connection: Connection) -> list[str]:
    """Heads and words of our posts in the thread after the first."""
    posts = [m for m in slack.channel(connection) if m.get("thread_ts") not in (None, m["ts"])]
    return [f"{_head(post)}{text_of(post)}" for post in posts][1:]


def _head(post: dict[str, Any]) -> str:
    heads = [block for block in post["blocks"] if block["type"] == "context"]
    return "".join(f"{head['elements'][0]['text']}: " for head in heads)


def take(chat: ChatSession) -> tuple[uuid.UUID, Job]:
    token = uuid.uuid4()
    job = mirror._advance(link_of(chat).lane_id, token, chat.pk, None)
    assert isinstance(job, Job)
    return token, job


def dies(chat: ChatSession, token: uuid.UUID, settled: mirror.Settle) -> None:
    """What the call brought is written, and no more."""
    mirror._advance(link_of(chat).lane_id, token, chat.pk, settled)
    lanes.free_all()


def goes_on(chat: ChatSession, token: uuid.UUID, settled: mirror.Settle) -> None:
    step = mirror._advance(link_of(chat).lane_id, token, chat.pk, settled)
    while isinstance(step, Job):
        step = mirror._advance(link_of(chat).lane_id, token, chat.pk, mirror._perform(step))


def test_a_long_line_made_short_between_its_parts_says_nothing_twice(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    message = say(claim, LONG)
    posts = len(slack.calls("chat.postMessage"))
    token, job = take(chat)
    dies(chat, token, mirror._perform(job))
    changes.edit_by_visitor(claim, message.pk, "Never mind")
    at_rest(slack)
    name = blocks.username(chat.visitor.display_name)
    assert thread(slack, connection) == [f"{name} · edited: Never mind"]
    assert len(slack.calls("chat.postMessage")) == posts + 1
    assert Message.unscoped.get(pk=message.pk).mirror_state == "sent"


def test_a_line_that_grows_after_an_edit_of_its_last_part_is_looked_for_as_it_reads_now(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    message = say(claim, LONG)
    token, job = take(chat)
    for _ in blocks.parts(LONG)[1:]:
        step = mirror._advance(link_of(chat).lane_id, token, chat.pk, mirror._perform(job))
        assert isinstance(step, Job)
        job = step
    last = mirror._perform(job)
    changes.edit_by_visitor(claim, message.pk, LONG.upper())
    goes_on(chat, token, last)
    at_rest(slack)
    slack.fault("no_echo", method="events", count=None)
    slack.fault("drop_after_commit")
    changes.edit_by_visitor(claim, message.pk, LONG.upper() + LONG + LONG)
    at_rest(slack)
    posts = [m for m in slack.channel(connection) if m.get("thread_ts") not in (None, m["ts"])][1:]
    assert "".join(text_of(post) for post in posts) == LONG.upper() + LONG + LONG
    assert Message.unscoped.get(pk=message.pk).mirror_state == "sent"


@pytest.mark.parametrize("several", [False, True])
def test_a_line_withdrawn_while_slack_finds_it_too_long_is_not_posted_in_pieces(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim, several: bool
) -> None:
    message = say(claim, "my password is hunter2")
    if several:
        say(claim, "sorry")
    token, job = take(chat)
    slack.fault("error", error="msg_too_long")
    refused = mirror._perform(job)
    changes.withdraw_by_visitor(claim, message.pk)
    goes_on(chat, token, refused)
    at_rest(slack)
    assert thread(slack, connection) == (["sorry"] if several else [])
    assert Message.unscoped.get(pk=message.pk).mirror_state == "none"
