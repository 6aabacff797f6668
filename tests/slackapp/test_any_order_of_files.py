"""S11, S12: whatever is shared, added and deleted in a thread, and in whatever order Slack tells of it, database, panel
and Slack end with the same files. Those of a note or of a withdrawn line are not the visitor's.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import IO, Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from livechat import access
from livechat.files import store
from livechat.models import Attachment, ChatSession, Message, Site
from livechat.tokens import VisitorClaim
from livechat.visitor_reads import update
from slackapp import actions, inbound, lanes, mirror, policies
from slackapp.errors import Answered
from slackapp.models import Connection, Delivery, Installation, Lane, MessageLink
from tests.payloads.slack import envelope
from tests.slackapp.test_any_order_of_events import few, goes_out, is_open
from tests.slackapp.threads_of_people import (
    Json,
    Line,
    Thread,
    Widget,
    begun,
    connected_by_rows,
    next_ts,
    unique,
)

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
ACTS = ["say", "share", "share", "attach", "attach", "drop", "drop", "edit", "delete", "lock"]
STARTS = ["", "", "", ";; ", ">> "]


@dataclass
class Host:
    """Files as Slack has them: by name, and those of them that are deleted by now."""

    names: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def add(self) -> Json:
        file_id = f"F{unique()}"
        self.names[file_id] = f"offer{unique()}.txt"
        return self.wire(file_id)

    def wire(self, file_id: str) -> Json:
        url = f"https://files.slack.com/files-pri/T0ACME-{file_id}/download/{self.names[file_id]}"
        return {"id": file_id, "name": self.names[file_id], "mode": "hosted", "url_private_download": url}

    def call(self, installation: Installation, method: str, *, file: str) -> Json:
        assert method == "files.info"
        if file in self.gone:
            raise Answered(method, "file_deleted")
        return {"file": self.wire(file)}

    def fetch(self, installation: Installation, url: str, into: IO[bytes], most: int) -> None:
        file_id = url.split("/")[4].partition("-")[2]
        if file_id in self.gone:
            raise Answered("download", "not_visible")
        into.write(self.names[file_id].encode())


@dataclass
class Shared(Thread):
    """A thread with files. `open`: names that went to the visitor with some version of their line."""

    host: Host = field(default_factory=Host)
    policy: str = ""
    open: set[str] = field(default_factory=set)
    chance: Random = field(default_factory=Random)

    def act(self, kind: str, which: int, start: str) -> None:
        if kind == "share" or not self.lines:
            self._say(self.chance.choice(["", f"{start}word{unique()}"]), broadcast=False)
        else:
            super().act(kind, which, start)

    def _say(self, text: str, broadcast: bool) -> None:
        files = [self.host.add() for _ in range(self.chance.randint(0 if text else 1, 3))]
        self._post(text, {"subtype": "file_share", "files": files} if files else {})
        self._note_open(self.lines[-1])

    def _edit(self, line: Line, text: str) -> None:
        super()._edit(line, text)
        self._note_open(line)

    def _attach(self, line: Line, text: str) -> None:
        more = [self.host.add() for _ in range(self.chance.randint(1, 2))]
        before, at = line.wire, next_ts()
        edited = {"user": "U0BOB", "ts": f"{at.partition('.')[0]}.000000"}
        line.wire = {**before, "files": [*before.get("files", []), *more], "edited": edited}
        self._tell(self._changed(line.wire, before), at)
        self._note_open(line)

    def _drop(self, line: Line, text: str) -> None:
        left = [file for file in line.wire.get("files", []) if file["mode"] != "tombstone"]
        if not left:
            return
        gone, before = self.chance.choice(left)["id"], line.wire
        files = [
            {"id": gone, "mode": "tombstone"} if file["id"] == gone else file for file in before["files"]
        ]
        line.wire = {**before, "files": files}
        if self.chance.random() < 0.5:
            self._tell(self._changed(line.wire, before))
        moment = next_ts()
        self.events.append({"type": "file_deleted", "file_id": gone, "event_ts": moment})

    def _note_open(self, line: Line) -> None:
        if goes_out(line.wire["text"], self.policy):
            self.open |= {self.host.names[file["id"]] for file in line.wire.get("files", [])}

    def deleted(self) -> set[str]:
        return {event["file_id"] for event in self.events if event["type"] == "file_deleted"}

    def files_of(self, line: Line) -> list[tuple[str, str]]:
        """Names and states, in Slack's order."""
        told = line.wire.get("files", [])
        return [
            (self.host.names[file["id"]], "gone" if file["mode"] == "tombstone" else "ready") for file in told
        ]


@pytest.fixture
def connection(alice: Any, site: Site) -> Connection:
    return connected_by_rows(site)


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    found = Host()
    monkeypatch.setattr("slackapp.handlers.messages.tell_person", lambda *told: None)
    monkeypatch.setattr("slackapp.handlers.changed.tell_person", lambda *told: None)
    monkeypatch.setattr("slackapp.errands.fetching.keys.call", found.call)
    monkeypatch.setattr("slackapp.errands.fetching.keys.fetch_file", found.fetch)
    return found


def work(*kinds: str) -> None:
    """Every lane of these kinds that is due, also what waits for another try."""
    Delivery.objects.filter(kind="fetch").update(slot_at=None)
    Lane.objects.filter(key__startswith="file:", due_at__gt=timezone.now()).update(due_at=timezone.now())
    for lane_id, key in lanes.due():
        if key.startswith("in:"):
            inbound.work_inbound(key)
        elif key.startswith("file:") and "file:" in kinds:
            mirror.deliver(lane_id)


def deliver(thread: Shared, connection: Connection, widget: Widget) -> None:
    """Every event at least once, as Slack's retries see to. A file is gone in Slack before anybody is told."""
    assert connection.installation is not None
    chance, deleted = thread.chance, thread.deleted()
    told = [envelope(connection.installation, event) for event in thread.events]
    order = chance.choices(told, k=chance.randint(0, 2 * len(told)))
    for event in [*order, *chance.sample(told, len(told))]:
        thread.host.gone |= {file_id for file_id in deleted if file_id in tombstones(event["event"])}
        thread.host.gone |= {file_id for file_id in deleted if chance.random() < 0.1}
        again = f"again{unique()}" if chance.random() < 0.25 else ""
        actions.recording.record_event({**event, "event_id": event["event_id"] + again})
        if chance.random() < 0.5:
            work(*chance.choice([["in:"], ["in:", "file:"]]))
            widget.hear()
    for _ in range(4):
        work("in:", "file:")
    widget.hear()


def tombstones(event: Json) -> set[str]:
    files = event.get("message", {}).get("files", [])
    return {event.get("file_id", "")} | {file["id"] for file in files if file["mode"] == "tombstone"}


@pytest.mark.timeout(180)
@given(policy=st.sampled_from(policies.Policy.values), seed=st.integers(0, 2**32))
@settings(few, max_examples=30)
def test_any_order_of_files_ends_in_one_transcript(
    connection: Connection, host: Host, policy: str, seed: int
) -> None:
    claim, chat, root = begun(connection, policy)
    thread = Shared(connection.channel_id, root, host=host, policy=policy, chance=Random(seed))
    for _ in range(thread.chance.randint(1, 8)):
        thread.act(thread.chance.choice(ACTS), thread.chance.randrange(5), thread.chance.choice(STARTS))
    widget = Widget(chat, connection.site)
    deliver(thread, connection, widget)

    panel = welcomed(chat, claim)
    assert shown(widget.store.messages.values()) == shown(panel)
    for line in thread.lines:
        assert_files(thread, line, {message["id"]: message for message in panel}, policy)
    assert_inside(thread, widget)
    assert not Attachment.unscoped.filter(state="fetching", message__deleted_at=None).exists()


def welcomed(chat: ChatSession, claim: VisitorClaim) -> list[Json]:
    """What a panel that knows nothing gets for its `hello`."""
    arrival = access.arrive(chat.site.public_token, claim.visitor_token, None)
    return list(update(arrival, None, 0).synced()["messages"])


def shown(messages: Iterable[Json]) -> list[tuple[Any, ...]]:
    """What a person reads of it: places, words and files."""
    ordered = sorted(messages, key=lambda message: message["seq"])
    files = [[(file["id"], file["name"], file["state"]) for file in one["attachments"]] for one in ordered]
    return [(one["seq"], one["id"], one["body"], told) for one, told in zip(ordered, files, strict=True)]


def assert_files(thread: Shared, line: Line, panel: dict[str, Json], policy: str) -> None:
    link = MessageLink.objects.select_related("message").get(ts=line.wire["ts"], from_slack=True)
    message = link.message
    if line.gone:
        left = panel.get(str(message.pk)) if message is not None else None
        assert left is None or left["attachments"] == []
        return
    assert message is not None
    assert kept(message) == thread.files_of(line)
    if not message.is_note:
        assert is_open(line, policy)
        attachments = panel[str(message.pk)]["attachments"]
        assert [(file["name"], file["state"]) for file in attachments] == thread.files_of(line)


def kept(message: Message) -> list[tuple[str, str]]:
    """Names and states of the rows; what is ready holds the bytes that Slack had."""
    files = list(Attachment.unscoped.filter(message=message).order_by("place"))
    for file in files:
        if file.state == "ready":
            with store.open_stored(file.storage_key) as content:
                assert content.read() == file.name.encode()
    return [(file.name, file.state) for file in files]


def assert_inside(thread: Shared, widget: Widget) -> None:
    """No frame ever named a file of which no version of its line went to the visitor."""
    for name in set(thread.host.names.values()) - thread.open:
        assert not any(name in frame for frame in widget.heard), json.dumps(name)
