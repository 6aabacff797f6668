"""What the console's pages read: the list of chats, a window of a transcript, and what is still to be set up."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Workspace
from livechat.models import ChatSession, Message, Site

CHATS_AT_ONCE = 50
LINES_AT_ONCE = 100
SLACK_DELAYED_AFTER = timedelta(seconds=30)
EXCERPT = 140
ON_THE_WAY = (Message.Mirror.QUEUED, Message.Mirror.SENDING, Message.Mirror.CHECKING)


@dataclass(frozen=True, slots=True)
class ChatRow:
    """A line of the list. `waiting`: the visitor wrote last and nobody answered."""

    chat: ChatSession
    excerpt: str
    last_author: str
    waiting: bool
    unread: bool
    failed: bool


@dataclass(frozen=True, slots=True)
class ChatPage:
    rows: list[ChatRow]
    status: str
    number: int
    more: bool


def chat_page(workspace: Workspace, status: str, number: int = 1) -> ChatPage:
    """One statement. Waiting chats first, the longest waiting on top; then the newest."""
    start = (max(number, 1) - 1) * CHATS_AT_ONCE
    found = list(_listed(workspace, status)[start : start + CHATS_AT_ONCE + 1])
    rows = [_row(chat) for chat in found[:CHATS_AT_ONCE]]
    return ChatPage(rows, status, max(number, 1), len(found) > CHATS_AT_ONCE)


def _listed(workspace: Workspace, status: str) -> QuerySet[ChatSession]:
    last = Message.objects.in_workspace(workspace).filter(chat=OuterRef("pk"), seq=OuterRef("last_seq"))
    failed = Message.objects.in_workspace(workspace).filter(
        chat=OuterRef("pk"), mirror_state=Message.Mirror.FAILED
    )
    waiting = Q(status=ChatSession.Status.OPEN, last_author=Message.Author.VISITOR)
    return (
        ChatSession.objects.in_workspace(workspace)
        .filter(status=status)
        .select_related("site", "visitor", "agent")
        .annotate(
            last_author=Subquery(last.values("author_kind")[:1]),
            last_body=Subquery(last.filter(deleted_at=None).values("body")[:1]),
            failed=Exists(failed),
        )
        .annotate(waiting=Case(When(waiting, then=True), default=Value(False), output_field=BooleanField()))
        .annotate(waits_since=Case(When(waiting=True, then=F("last_message_at")), default=None))
        .order_by(
            "-waiting",
            F("waits_since").asc(nulls_last=True),
            F("last_message_at").desc(nulls_last=True),
            "id",
        )
    )


def _row(chat: ChatSession) -> ChatRow:
    seen = chat.__dict__
    body = " ".join((seen["last_body"] or "").split())
    excerpt = body if len(body) <= EXCERPT else body[: EXCERPT - 1] + "…"
    unread = chat.last_seq > chat.agent_seen_seq and seen["last_author"] == Message.Author.VISITOR
    return ChatRow(
        chat, excerpt, seen["last_author"] or "", bool(seen["waiting"]), unread, bool(seen["failed"])
    )


def waiting_count(workspace: Workspace) -> int:
    last = Message.objects.in_workspace(workspace).filter(
        chat=OuterRef("pk"), seq=OuterRef("last_seq"), author_kind=Message.Author.VISITOR
    )
    chats = ChatSession.objects.in_workspace(workspace).filter(status=ChatSession.Status.OPEN)
    return chats.filter(Exists(last)).count()


@dataclass(frozen=True, slots=True)
class Line:
    """A message as a page shows it. `day`: a date stands before it; `head`, `tail`: first and last of a run."""

    message: Message
    day: datetime | None
    head: bool
    tail: bool
    seen: bool


@dataclass(frozen=True, slots=True)
class Window:
    """Lines in their order. `earlier` and `later` are places to continue from, None at the ends."""

    lines: list[Line]
    earlier: int | None
    later: bool


def window(chat: ChatSession, before: int | None = None) -> Window:
    """At most LINES_AT_ONCE visible messages with the notes among them, up to (not with) `before`, in one statement."""
    top = chat.last_seq if before is None else max(0, min(before - 1, chat.last_seq))
    bottom = max(0, top - LINES_AT_ONCE)
    found = (
        chat.messages.annotate(place=Coalesce("seq", "after_seq"))
        .filter(Q(place__gt=bottom) if bottom else Q(), place__lte=top)
        .select_related("agent")
        .order_by("place", "is_note", "created_at", "id")
    )
    return Window(
        _lines(found[: LINES_AT_ONCE * 3], chat), bottom + 1 if bottom else None, top < chat.last_seq
    )


def before_of(chat: ChatSession, message_id: uuid.UUID) -> int | None:
    """The `before` of a window around that message; None when it is near the end or not of this chat."""
    message = chat.messages.filter(pk=message_id).first()
    if message is None:
        return None
    place = (message.seq or message.after_seq) + LINES_AT_ONCE // 2
    return place if place <= chat.last_seq else None


def _lines(messages: Iterable[Message], chat: ChatSession) -> list[Line]:
    found = list(messages)
    lines: list[Line] = []
    for message, before, after in zip(found, [None, *found], [*found[1:], None], strict=False):
        new_day = before is None or _day(before) != _day(message)
        head = new_day or before is None or not _same_run(before, message)
        tail = after is None or _day(after) != _day(message) or not _same_run(message, after)
        seen = message.seq is not None and message.seq <= chat.visitor_seen_seq
        lines.append(Line(message, message.created_at if new_day else None, head, tail, seen))
    return lines


def _day(message: Message) -> object:
    return timezone.localtime(message.created_at).date()


def _same_run(one: Message, other: Message) -> bool:
    """Same person, same kind, within five minutes."""
    first = (one.author_kind, one.agent_id, one.is_note)
    return first == (other.author_kind, other.agent_id, other.is_note) and (
        other.created_at - one.created_at < timedelta(minutes=5)
    )


def slack_problem(workspace: Workspace) -> str:
    """Why chats do not reach Slack until a person does something; empty while all is well."""
    stopped = Q(state="broken") | Q(installation__state__in=["needs_reauth", "revoked"])
    found = (
        workspace.connections.filter(stopped)
        .exclude(state="disconnected")
        .values("problem", "installation__problem")
    )
    first = found.first()
    if first is None:
        return ""
    return first["problem"] or first["installation__problem"] or "Slack no longer takes messages."


def slack_delayed(workspace: Workspace) -> bool:
    """A line has waited for Slack longer than anybody should wonder."""
    late = Message.objects.in_workspace(workspace).filter(
        mirror_state__in=ON_THE_WAY, created_at__lt=timezone.now() - SLACK_DELAYED_AFTER
    )
    return late.exists()


@dataclass(frozen=True, slots=True)
class Setup:
    """The first run: each step done or not, and the site it is about."""

    site: Site | None
    slack: bool
    seen: bool
    chat: bool

    @property
    def done(self) -> bool:
        return self.slack and self.seen and self.chat


def snippet_of(site: Site) -> str:
    return f'<script async src="{settings.WIDGET_URL}/widget.js" data-site="{site.public_token}"></script>'


def setup_of(workspace: Workspace) -> Setup:
    """One statement while anything is missing and when nothing is."""
    ready = Exists(workspace.connections.filter(state="ready"))
    sites = Site.objects.in_workspace(workspace)
    found = list(
        sites.annotate(
            slack=ready,
            chatted=Exists(ChatSession.objects.in_workspace(workspace).filter(site=OuterRef("pk"))),
        ).order_by("created_at")
    )
    return Setup(
        site=found[0] if found else None,
        slack=any(site.__dict__["slack"] for site in found),
        seen=any(site.snippet_seen_at for site in found),
        chat=any(site.__dict__["chatted"] for site in found),
    )


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site in its list. `slack` is the channel's name, empty while nothing is connected."""

    site: Site
    open_chats: int
    slack: str


def sites_of(workspace: Workspace) -> list[SiteRow]:
    channel = workspace.connections.filter(site=OuterRef("pk"), state="ready", is_default=True)
    sites = Site.objects.in_workspace(workspace).annotate(
        open_chats=Count("chats", filter=Q(chats__status=ChatSession.Status.OPEN)),
        slack=Subquery(channel.values("channel_name")[:1]),
    )
    return [
        SiteRow(site, site.__dict__["open_chats"], site.__dict__["slack"] or "")
        for site in sites.order_by("created_at")
    ]
