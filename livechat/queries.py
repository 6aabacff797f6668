"""What the console's pages read: the list of chats, a window of a transcript, and what is still to be set up."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import (
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Agent, Workspace
from accounts.permissions import ANSWERING
from livechat.access import still_on_their_way, with_files
from livechat.models import ChatSession, Message, MessageVersion, Site

# as much as two screens show, and as much as a page may hold that is read anew
LINES_AT_ONCE, MOST_LINES = 30, 300
SLACK_DELAYED_AFTER = timedelta(seconds=30)


def newest_chats(workspace: Workspace, count: int) -> list[ChatSession]:
    """To try something on a real chat."""
    chats = ChatSession.objects.in_workspace(workspace).select_related("site", "visitor")
    return list(chats.order_by(F("last_message_at").desc(nulls_last=True), "id")[:count])


@dataclass(frozen=True, slots=True)
class Line:
    """A message as a page shows it. `day`: a date stands before it; `head`, `tail`: first and last of a run.

    `versions`: what it said before, the oldest first.
    """

    message: Message
    day: datetime | None
    head: bool
    tail: bool
    seen: bool
    versions: list[MessageVersion]

    @property
    def last_change(self) -> MessageVersion | None:
        return self.versions[-1] if self.versions else None


@dataclass(frozen=True, slots=True)
class Window:
    """Lines in their order. `earlier` and `later` are places to continue from, None at the ends; `first` is the place

    where it begins.
    """

    lines: list[Line]
    first: int
    earlier: int | None
    later: bool


def window(chat: ChatSession, before: int | None = None, since: int | None = None) -> Window:
    """At most LINES_AT_ONCE visible messages with the notes among them, up to (not with) `before`.

    From `since` on instead, for a page that holds what is older, as long as that is at most MOST_LINES.
    One statement, and two more if any of them was changed.
    """
    top = chat.last_seq if before is None else max(0, min(before - 1, chat.last_seq))
    bottom = max(0, top - LINES_AT_ONCE)
    if since is not None and max(0, top - MOST_LINES) < since <= bottom + 1:
        bottom = max(0, since - 1)
    found = (
        chat.messages.annotate(place=Coalesce("seq", "after_seq"))
        .filter(Q(place__gt=bottom) if bottom else Q(), place__lte=top)
        .select_related("agent")
        .order_by("place", "is_note", "created_at", "id")
    )
    lines = _lines(found[: MOST_LINES * 2], chat)
    with_files([line.message for line in lines])
    return Window(lines, bottom + 1, bottom + 1 if bottom else None, top < chat.last_seq)


def before_of(chat: ChatSession, message_id: uuid.UUID) -> int | None:
    """The `before` of a window around that message; None when it is near the end or not of this chat."""
    message = chat.messages.filter(pk=message_id).first()
    if message is None:
        return None
    place = (message.seq or message.after_seq) + LINES_AT_ONCE // 2
    return place if place <= chat.last_seq else None


def _lines(messages: Iterable[Message], chat: ChatSession) -> list[Line]:
    found = list(messages)
    versions, lines = _versions(found), list[Line]()
    for message, before, after in zip(found, [None, *found], [*found[1:], None], strict=False):
        new_day = before is None or _day(before) != _day(message)
        head = new_day or before is None or not _same_run(before, message)
        tail = after is None or _day(after) != _day(message) or not _same_run(message, after)
        seen = message.seq is not None and message.seq <= chat.visitor_seen_seq
        day = message.created_at if new_day else None
        lines.append(Line(message, day, head, tail, seen, versions.get(message.pk, [])))
    return lines


def _versions(messages: list[Message]) -> dict[uuid.UUID, list[MessageVersion]]:
    changed = [message for message in messages if message.edited_at or message.deleted_at]
    prefetch_related_objects(changed, "versions__by_agent")
    return {message.pk: sorted(message.versions.all(), key=lambda one: one.pk) for message in changed}


def _day(message: Message) -> object:
    return timezone.localtime(message.created_at).date()


def _same_run(one: Message, other: Message) -> bool:
    """Same person, same kind, within five minutes."""
    first = (one.author_kind, one.agent_id, one.is_note)
    return first == (other.author_kind, other.agent_id, other.is_note) and (
        other.created_at - one.created_at < timedelta(minutes=5)
    )


def shows_visitors(workspace: Workspace) -> bool:
    """Whether there is anything to see on the page Visitors."""
    return Site.objects.in_workspace(workspace).filter(shows_onlookers=True, removed_at=None).exists()


def slack_problem(workspace: Workspace) -> str:
    """Why chats do not reach Slack until a person does something; empty while all is well."""
    stopped = Q(state="broken") | Q(installation__state__in=["needs_reauth", "revoked"])
    found = (
        workspace.connections.filter(stopped)
        .exclude(state="disconnected")
        .values("problem", "installation__problem")
    )
    # a channel can be mended only once the key is
    told = [(row["installation__problem"] or "", row["problem"] or "") for row in found]
    if not told:
        return ""
    return max(told)[0] or max(told)[1] or "Slack no longer takes messages."


def slack_delayed(workspace: Workspace) -> bool:
    """A line has waited for Slack longer than anybody should wonder.

    One statement while no line of anybody does, so that a quiet day costs nothing among fifty thousand chats.
    """
    late = still_on_their_way(timezone.now() - SLACK_DELAYED_AFTER)
    return late.exists() and ChatSession.objects.in_workspace(workspace).filter(pk__in=late).exists()


# one that needs somebody is connected all the same: the notice above the chats says what to do
CONNECTED = ("ready", "broken")


@dataclass(frozen=True, slots=True)
class Setup:
    """The first run: each step done or not, and the site it is about."""

    site: Site | None
    # the connection of the first site that has one
    connection_id: uuid.UUID | None
    seen: bool
    chat: bool

    @property
    def slack(self) -> bool:
        return self.connection_id is not None

    @property
    def done(self) -> bool:
        return self.slack and self.seen and self.chat


def snippet_of(site: Site) -> str:
    return f'<script async src="{settings.WIDGET_URL}/widget.js" data-site="{site.public_token}"></script>'


def had_a_chat(site: Site) -> bool:
    return ChatSession.objects.in_workspace(site.workspace).filter(site=site).exists()


def setup_of(workspace: Workspace) -> Setup:
    """One statement while anything is missing and when nothing is."""
    ready = workspace.connections.filter(site=OuterRef("pk"), state__in=CONNECTED).order_by("created_at")
    sites = Site.objects.in_workspace(workspace).filter(removed_at=None)
    found = list(
        sites.annotate(
            slack=Subquery(ready.values("pk")[:1]),
            chatted=Exists(ChatSession.objects.in_workspace(workspace).filter(site=OuterRef("pk"))),
        ).order_by("created_at")
    )
    return Setup(
        site=found[0] if found else None,
        connection_id=next((site.__dict__["slack"] for site in found if site.__dict__["slack"]), None),
        seen=any(site.snippet_seen_at for site in found),
        chat=any(site.__dict__["chatted"] for site in found),
    )


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site in its list. `slack` is the channel's name, empty while nothing is connected."""

    site: Site
    open_chats: int
    slack: str


def removed_sites(workspace: Workspace) -> list[Site]:
    """Those that may be taken back, the last one first."""
    return list(Site.objects.in_workspace(workspace).exclude(removed_at=None).order_by("-removed_at"))


def sites_with_chats(workspace: Workspace) -> QuerySet[Site]:
    """What chats are filtered by: a site that was removed only while there are chats of it."""
    chats = ChatSession.objects.in_workspace(workspace).filter(site=OuterRef("pk"))
    return Site.objects.in_workspace(workspace).filter(Q(removed_at=None) | Exists(chats)).order_by("name")


def sites_of(workspace: Workspace) -> list[SiteRow]:
    """Without those that were removed."""
    channel = workspace.connections.filter(site=OuterRef("pk"), state__in=CONNECTED, is_default=True)
    sites = Site.objects.in_workspace(workspace).filter(removed_at=None)
    sites = sites.annotate(
        open_chats=Count("chats", filter=Q(chats__status=ChatSession.Status.OPEN)),
        slack=Subquery(channel.values("channel_name")[:1]),
    )
    return [
        SiteRow(site, site.__dict__["open_chats"], site.__dict__["slack"] or "")
        for site in sites.order_by("created_at")
    ]


def chats_of_visitor(chat: ChatSession) -> int:
    """How many chats go when this chat's visitor is erased."""
    return ChatSession.objects.in_workspace(chat.site.workspace).filter(visitor_id=chat.visitor_id).count()


def open_chat_of(chat: ChatSession) -> uuid.UUID | None:
    """The one open chat of this chat's visitor."""
    theirs = ChatSession.objects.in_workspace(chat.site.workspace).filter(visitor_id=chat.visitor_id)
    return theirs.filter(status=ChatSession.Status.OPEN).values_list("pk", flat=True).first()


def assignable(workspace: Workspace) -> QuerySet[Agent]:
    """Whom a chat may be given to: members who answer, and people who have answered from outside and are still here."""
    theirs = Q(member__role__in=ANSWERING, member__user__is_active=True)
    outside = Q(member=None, external_id__isnull=False, is_gone=False) & ~Q(name="")
    return Agent.objects.in_workspace(workspace).filter(theirs | outside).order_by("name", "pk")
