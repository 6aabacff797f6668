"""What the console shows of erasures: how far they are in Slack, and what only people can do there."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count, Q, QuerySet

from accounts.errors import NotFound
from accounts.models import Member, Workspace
from livechat.models import Erasure
from slackapp.erased import LEFT_TO_PEOPLE
from slackapp.models import Connection, ErasedCopy

Kind, State = ErasedCopy.Kind, ErasedCopy.State
AT_ONCE = 200
WORK = Q(kind__in=[Kind.OURS, Kind.FILE, Kind.PREVIEW])
NOBODYS = Q(copies__state=State.PENDING, copies__installation__state="revoked")
NO_KEY = "The app is no longer in this Slack team, so only people there can delete it."
WHAT: dict[str, str] = {
    Kind.CHANNEL: "The channel of the chat",
    Kind.FILE: "A file",
    Kind.THREAD: "A conversation to look through",
    Kind.SEARCH: "A channel in which a post may have arrived",
    Kind.ROOM: "A channel that may have been made",
    Kind.PREVIEW: "A preview below a link to the chat",
}


@dataclass(frozen=True, slots=True)
class LeftToPeople:
    """`link` opens the post in Slack. `team` is named where the app is no longer."""

    copy: ErasedCopy
    channel: str
    link: str

    @property
    def what(self) -> str:
        return WHAT.get(self.copy.kind, "A message")

    @property
    def reason(self) -> str:
        return self.copy.reason if self.copy.state == State.LEFT else NO_KEY

    @property
    def team(self) -> str:
        return "" if self.copy.state == State.LEFT else str(self.copy.installation)

    @property
    def posted_at(self) -> datetime | None:
        """A ts is a time, with a counter behind the point."""
        seconds = self.copy.ts.partition(".")[0]
        return datetime.fromtimestamp(int(seconds), tz=UTC) if seconds.isdecimal() else None


@dataclass(frozen=True, slots=True)
class Progress:
    erasure: Erasure
    waiting: int
    done: int
    left: list[LeftToPeople]
    stopped: bool

    @property
    def is_over(self) -> bool:
        return not self.waiting and not self.left


def newest(workspace: Workspace) -> QuerySet[Erasure]:
    found = Erasure.objects.in_workspace(workspace).select_related("by").order_by("-created_at")
    return found.annotate(
        waiting=Count("copies", filter=Q(copies__state=State.PENDING) & ~NOBODYS),
        left=Count("copies", filter=Q(copies__state=State.LEFT) | NOBODYS),
    )[:AT_ONCE]


def progress_of(member: Member, erasure_id: uuid.UUID) -> Progress:
    erasure = Erasure.objects.in_workspace(member.workspace).filter(pk=erasure_id).first()
    if erasure is None:
        raise NotFound
    copies = ErasedCopy.objects.filter(erasure=erasure).select_related("installation").order_by("pk")
    pending = copies.filter(state=State.PENDING).exclude(LEFT_TO_PEOPLE)
    left = copies.filter(LEFT_TO_PEOPLE)[:AT_ONCE]
    names = _channel_names(member.workspace)
    return Progress(
        erasure,
        waiting=pending.count(),
        done=copies.filter(WORK, state=State.DONE).count(),
        left=[LeftToPeople(copy, names.get(copy.channel_id, ""), _link(copy)) for copy in left],
        stopped=pending.exclude(installation__state="active").exists(),
    )


def _channel_names(workspace: Workspace) -> dict[str, str]:
    known = Connection.objects.in_workspace(workspace).exclude(channel_id="")
    return dict(known.values_list("channel_id", "channel_name"))


def _link(copy: ErasedCopy) -> str:
    """Slack's permalinks are made of channel and ts (docs.slack.dev/reference/methods/chat.getPermalink)."""
    team = copy.installation.team_url.rstrip("/")
    base = f"{team}/archives/{copy.channel_id}" if copy.channel_id else team
    if copy.kind == Kind.FILE:
        return f"{team}/files/{copy.installation.bot_user_id}/{copy.ts}"
    if not copy.ts or copy.kind == Kind.SEARCH:
        return base
    thread = (
        f"?thread_ts={copy.thread_ts}&cid={copy.channel_id}" if copy.thread_ts not in ("", copy.ts) else ""
    )
    return f"{base}/p{copy.ts.replace('.', '')}{thread}"
