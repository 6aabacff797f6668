"""S7: statements of an answer from Slack, pinned: one more is one more between a colleague's line and the screen."""

from typing import Any

from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from livechat.models import ChatSession
from slackapp import actions, inbound, lanes
from slackapp.models import Connection
from tests.cast import lines_of
from tests.payloads.slack import envelope, next_ts
from tests.slackapp.peer import Slack, link_of
from tests.slackapp.threads import answer

MARKS = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT")


def test_an_answer_of_a_known_colleague(slack: Slack, connection: Connection, chat: ChatSession) -> None:
    answer(slack, chat, "The first makes them known")
    link, moment = link_of(chat), next_ts()
    bob = slack.person("bob")
    event: dict[str, Any] = {"type": "message", "user": bob, "text": "The second", "channel": link.channel_id}
    event |= {"thread_ts": link.root_ts, "ts": moment, "event_ts": moment}
    assert connection.installation is not None
    actions.record_event(envelope(connection.installation, event))
    # its own lane, whatever else the sandbox tells in that moment
    [key] = [key for _, key in lanes.due() if key.startswith("in:") and key.endswith(str(link.root_ts))]
    with CaptureQueriesContext(database) as captured:
        inbound.work_inbound(key)
    asked = [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(MARKS)]
    assert lines_of(chat)[-1] == "The second"
    assert len(asked) <= 12
