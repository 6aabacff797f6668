"""S11, S14: whatever a thread goes through, and in whatever order Slack tells of it, there is one transcript.

A note never leaves the house.
"""

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from livechat.models import ChatSession, Message, Site
from slackapp import actions, inbound, lanes, policies
from slackapp.models import Connection, MessageLink
from tests.payloads.slack import envelope
from tests.slackapp.threads_of_people import Json, Line, Thread, Widget, begun, connected_by_rows, unique

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
ACTS = ["say", "say", "broadcast", "edit", "edit", "delete", "lock", "unlock", "preview"]
# beginnings of a line: open, private, addressed, both
STARTS = ["", "", "", ";; ", "note: ", ">> ", ">> ", ">> ;; "]
few = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    database=None,
    # making a play shorter takes minutes: this only says that there is one
    phases=[Phase.generate],
)


@pytest.fixture
def connection(alice: Any, site: Site) -> Connection:
    return connected_by_rows(site)


@pytest.fixture
def silent_slack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slackapp.handlers.messages.tell_person", lambda *told: None)


def work() -> None:
    for _, key in lanes.due():
        if key.startswith("in:"):
            inbound.work_inbound(key)


def deliver(chance: Random, thread: Thread, connection: Connection, widget: Widget) -> list[Json]:
    """Every event at least once: first in any order and with repeats, then what was lost comes by a retry."""
    assert connection.installation is not None
    told = [envelope(connection.installation, event) for event in thread.events]
    order = chance.choices(told, k=chance.randint(0, 2 * len(told)))
    order += chance.sample(told, len(told))
    for event in order:
        again = f"again{unique()}" if chance.random() < 0.25 else ""
        actions.recording.record_event({**event, "event_id": event["event_id"] + again})
        if chance.random() < 0.5:
            work()
            widget.hear()
    work()
    widget.hear()
    return [event["event"] for event in order]


@pytest.mark.usefixtures("silent_slack")
@given(policy=st.sampled_from(policies.Policy.values), seed=st.integers(0, 2**32))
@few
def test_any_order_of_events_ends_in_one_transcript(connection: Connection, policy: str, seed: int) -> None:
    """The seed tells the whole play: drawn step by step, plays come out much alike."""
    chance = Random(seed)
    _, chat, root = begun(connection, policy)
    thread = Thread(connection.channel_id, root)
    for _ in range(chance.randint(1, 10)):
        thread.act(chance.choice(ACTS), chance.randrange(6), chance.choice(STARTS))
    widget = Widget(chat, connection.site)
    order = deliver(chance, thread, connection, widget)

    fresh = Widget(chat, connection.site)
    fresh.hear()
    assert widget.store.lines() == fresh.store.lines()
    for line in thread.lines:
        assert_line(chat, line, policy, knows_beginning(line, order))
    shown = {body for _, _, body in fresh.store.lines() if body} - {"Hello?"}
    meant = {policies.line(policy, spoken(line)).body for line in thread.lines if is_open(line, policy)}
    assert shown <= meant
    assert_inside(thread, policy, widget)


def spoken(line: Line) -> list[Json]:
    return [{"type": "text", "text": line.wire["text"]}]


def goes_out(text: str, policy: str) -> bool:
    return policies.line(policy, [{"type": "text", "text": text}]).goes_out


def is_open(line: Line, policy: str) -> bool:
    """In Slack as it stands now the line may be read by the visitor."""
    return not line.gone and not line.locked and goes_out(line.wire["text"], policy)


def knows_beginning(line: Line, order: list[Json]) -> bool:
    """Whether the first that was heard of the line is how it began, by itself or by its first edit."""
    told = (event for event in order if event["type"] == "message" and "deleted_ts" not in event)
    of_it = (event for event in told if event.get("message", event)["ts"] == line.wire["ts"])
    first = next(event for event in of_it if "message" not in event or "edited" in event["message"])
    return "edited" not in first.get("previous_message", {})


def assert_line(chat: ChatSession, line: Line, policy: str, sure: bool) -> None:
    """One row at most carries the line, and says what Slack says."""
    links = list(MessageLink.objects.filter(ts=line.wire["ts"], from_slack=True).select_related("message"))
    assert len(links) == 1
    message = links[0].message
    if line.gone:
        assert message is None or (message.deleted_at is not None and message.body == "")
        return
    assert message is not None
    assert message.chat_id == chat.pk
    assert message.body == policies.line(policy, spoken(line)).body
    # a version of it that was to stay inside may have come first: then it is a note for ever
    assert message.is_note or is_open(line, policy)
    if sure and not line.locked and all(goes_out(text, policy) for text in line.said):
        assert not message.is_note


def assert_inside(thread: Thread, policy: str, widget: Widget) -> None:
    """No frame ever held a word of a version that was to stay inside."""
    for line in thread.lines:
        for text in line.said:
            word = text.rpartition(" ")[2]
            assert goes_out(text, policy) or not any(word in frame for frame in widget.heard)
    notes = Message.unscoped.filter(chat=widget.chat, is_note=True)
    assert not notes.exclude(seq=None, rev=0).exists()
