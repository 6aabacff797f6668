"""Threads as people make them, what Slack has to tell of them, and tabs that hear of it: for plays of any order."""

import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from livechat.access import changes_since
from livechat.models import ChatSession, Site
from livechat.tokens import VisitorClaim
from livechat.transcripts import message_state
from livechat.visitor_reads import message_frames
from slackapp.models import ChatLink, Connection, Installation, SlackIdentity
from tests.cast import chat_of, newcomer, say
from tests.faults.store import Store

Json = dict[str, Any]
_moment = itertools.count(1_800_000_000_000_000)


def unique() -> int:
    return next(_moment)


def next_ts() -> str:
    now = next(_moment)
    return f"{now // 1_000_000}.{now % 1_000_000:06d}"


@dataclass
class Line:
    """A line as Slack has it now. `said` is all that it ever said."""

    wire: Json
    said: list[str]
    gone: bool = False
    locked: bool = False


@dataclass
class Thread:
    """What people do in a thread, and the events that Slack has for it, in the order of the deeds."""

    channel: str
    root: str
    lines: list[Line] = field(default_factory=list)
    events: list[Json] = field(default_factory=list)

    def act(self, kind: str, which: int, start: str) -> None:
        text = f"{start}word{unique()}"
        if kind in ("say", "broadcast") or not self.lines:
            self._say(text, broadcast=kind == "broadcast")
            return
        line = self.lines[which % len(self.lines)]
        if not line.gone:
            getattr(self, f"_{kind}")(line, text)

    def _say(self, text: str, broadcast: bool) -> None:
        self._post(text, {"subtype": "thread_broadcast"} if broadcast else {})

    def _post(self, text: str, more: Json) -> None:
        wire: Json = {"type": "message", "user": "U0BOB", "team": "T0ACME", "text": text, "ts": next_ts()}
        wire |= {"thread_ts": self.root, **more}
        self.lines.append(Line(wire, [text]))
        self._tell(wire)

    def _edit(self, line: Line, text: str) -> None:
        before, at = line.wire, next_ts()
        edited = {"user": "U0BOB", "ts": f"{at.partition('.')[0]}.000000"}
        line.wire = {**before, "text": text, "edited": edited}
        line.said.append(text)
        self._tell(self._changed(line.wire, before), at)

    def _preview(self, line: Line, text: str) -> None:
        before = line.wire
        line.wire = {**before, "attachments": [{"id": 1, "from_url": "https://acme.example"}]}
        self._tell(self._changed(line.wire, before))

    def _delete(self, line: Line, text: str) -> None:
        line.gone = True
        event = {"type": "message", "subtype": "message_deleted", "deleted_ts": line.wire["ts"]}
        self._tell({**event, "previous_message": line.wire} if len(text) % 2 else event)

    def _lock(self, line: Line, text: str) -> None:
        line.locked = True
        self._react(line, "reaction_added")

    def _unlock(self, line: Line, text: str) -> None:
        if line.locked:
            self._react(line, "reaction_removed")

    def _react(self, line: Line, kind: str) -> None:
        item = {"type": "message", "channel": self.channel, "ts": line.wire["ts"]}
        self._tell({"type": kind, "user": "U0BOB", "reaction": "lock", "item": item})

    @staticmethod
    def _changed(now: Json, before: Json) -> Json:
        return {"type": "message", "subtype": "message_changed", "message": now, "previous_message": before}

    def _tell(self, event: Json, at: str = "") -> None:
        moment = at or next_ts()
        place = {} if event["type"].startswith("reaction") else {"channel": self.channel}
        self.events.append({"ts": moment, **event, **place, "event_ts": moment})


@dataclass
class Widget:
    """A tab that hears now and then, and keeps everything that it ever heard."""

    chat: ChatSession
    site: Site
    store: Store = field(default_factory=Store)
    heard: list[str] = field(default_factory=list)

    def hear(self) -> None:
        self.chat.refresh_from_db()
        self.store.chat = str(self.chat.pk)
        for frame in message_frames(changes_since(self.chat, self.store.rev), self.site):
            self.heard.append(json.dumps(frame))
            if self.store.apply(frame, {}) is not None:
                self._sync()

    def _sync(self) -> None:
        found = changes_since(self.chat, self.store.rev)
        states = [message_state(message, self.site) for message in found.messages]
        frame = {
            "chat": str(self.chat.pk),
            "rev": found.rev,
            "messages": states,
            "more": False,
            "state": None,
        }
        self.store.apply({"type": "synced", **frame}, {})


def connected_by_rows(site: Site) -> Connection:
    """Connected by rows alone: no Slack is asked anything here."""
    installation = Installation.objects.create(
        slack_team_id="T0ACME", app_id="A0APP", bot_token="xoxb-x", bot_user_id="U0BOT", bot_id="B0BOT",
        installed_by_slack_user_id="U0ALICE", installed_at=timezone.now(),
    )  # fmt: skip
    SlackIdentity.objects.create(
        slack_team_id="T0ACME",
        slack_user_id="U0BOB",
        name="Bob",
        seen_from="T0ACME",
        fetched_at=timezone.now(),
    )
    return Connection.unscoped.create(
        workspace=site.workspace, site=site, installation=installation, channel_id="C0CHAT", state="ready"
    )


def begun(connection: Connection, policy: str) -> tuple[VisitorClaim, ChatSession, str]:
    """A visitor, their chat, and the ts of its thread in Slack."""
    Connection.unscoped.filter(pk=connection.pk).update(policy=policy)
    claim = newcomer(connection.site)
    say(claim, "Hello?")
    chat = chat_of(claim)
    root = next_ts()
    ChatLink.objects.filter(pk=chat.pk).update(root_ts=root)
    return claim, chat, root
