"""Which chats a list of the console shows (C2): the choice that stands in the address, and its rows by cursor."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Member
from livechat.models import ChatRead, ChatSession, ChatTag, Message

CHATS_AT_ONCE = 20
# as many as a live page reads again at once, however far somebody went down
MOST_AT_ONCE = 300
EXCERPT = 140
NOBODY = "nobody"

IN_SIGHT = Q(status=ChatSession.Status.OPEN, snoozed_until=None, visitor__blocked_at=None)
# what each list of the console shows; a chat is in the one that `tab_of` names
TABS: dict[str, Q] = {
    "open": IN_SIGHT,
    "waiting": IN_SIGHT & Q(waiting_since__isnull=False),
    "mine": IN_SIGHT,
    "snoozed": Q(snoozed_until__isnull=False, visitor__blocked_at=None),
    "closed": Q(status=ChatSession.Status.CLOSED, visitor__blocked_at=None),
    "blocked": Q(visitor__blocked_at__isnull=False),
}
# by what their visitors said of them in stars
RATINGS: dict[str, tuple[str, Q]] = {
    "good": ("4 or 5 stars", Q(rating__gte=4)),
    "bad": ("1 to 3 stars", Q(rating__lte=3)),
    "any": ("Any stars", Q(rating__isnull=False)),
    "none": ("Without stars", Q(rating=None)),
}
# whoever waits longest and whoever comes back next stand on top; elsewhere the newest line does
Place = tuple[uuid.UUID, datetime]
_BY_MOMENT = {"waiting": "waiting_since", "snoozed": "snoozed_until"}


def tab_of(chat: ChatSession) -> str:
    if chat.visitor.is_blocked:
        return "blocked"
    return "snoozed" if chat.is_snoozed else chat.status


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose to see. Ids are as they came: one that is not the workspace's own finds nothing."""

    tab: str = "open"
    site: uuid.UUID | None = None
    agent: uuid.UUID | str | None = None
    tag: uuid.UUID | None = None
    since: date | None = None
    until: date | None = None
    rating: str = ""

    @property
    def query(self) -> str:
        """For an address; empty for what everybody sees first."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        return urlencode({name: str(value) for name, value in told.items() if value not in (None, "")})

    @property
    def suffix(self) -> str:
        """What the address of a chat ends with, so that the list beside it stays as it was chosen."""
        return "" if self == Choice() else f"?{self.query}"

    @property
    def is_narrow(self) -> bool:
        return replace(self, tab="open") != Choice()

    @property
    def widened(self) -> "Choice":
        return Choice(tab=self.tab)

    @property
    def among_closed(self) -> "Choice":
        """Stars are given at the end: of other lists only chats that were opened again have some."""
        return replace(self, tab="closed")

    @property
    def is_for_every_day(self) -> bool:
        """Whether a day's work may begin with it: what rests, what is over and what was once are looked up."""
        return self.tab in ("open", "waiting", "mine") and not (self.since or self.until or self.rating)

    @property
    def tabs(self) -> "list[TabLink]":
        """The lists one can go to; the blocked ones are offered elsewhere, and shown while somebody is there."""
        shown = [name for name in TABS if name != "blocked" or self.tab == "blocked"]
        return [
            TabLink(name, name.capitalize(), replace(self, tab=name).query, name == self.tab)
            for name in shown
        ]


@dataclass(frozen=True, slots=True)
class TabLink:
    name: str
    title: str
    query: str
    is_current: bool


def choice_of(params: Mapping[str, str], otherwise: str = "open") -> Choice:
    """What cannot be read is as if it had not been said."""
    agent = params.get("agent", "")
    return Choice(
        tab=params.get("tab", "") if params.get("tab", "") in TABS else otherwise,
        site=_uuid(params.get("site", "")),
        agent=NOBODY if agent == NOBODY else _uuid(agent),
        tag=_uuid(params.get("tag", "")),
        since=_date(params.get("since", "")),
        until=_date(params.get("until", "")),
        rating=params.get("rating", "") if params.get("rating", "") in RATINGS else "",
    )


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _date(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None


def chats_in(member: Member, choice: Choice) -> QuerySet[ChatSession]:
    """The chats of a choice, in no order."""
    chats = ChatSession.objects.in_workspace(member.workspace).filter(TABS[choice.tab])
    if choice.tab == "mine":
        chats = chats.filter(agent__member=member)
    return narrowed(chats, choice)


def narrowed(chats: QuerySet[ChatSession], choice: Choice) -> QuerySet[ChatSession]:
    """Everything of the choice but its tab. Days are the reader's, and by the newest line."""
    if choice.site:
        chats = chats.filter(site_id=choice.site)
    if choice.agent:
        chats = chats.filter(Q(agent=None) if choice.agent == NOBODY else Q(agent=choice.agent))
    if choice.tag:
        chats = chats.filter(tagged__tag=choice.tag, tagged__tag__deleted_at=None)
    if choice.rating:
        chats = chats.filter(RATINGS[choice.rating][1])
    if choice.since:
        chats = chats.filter(last_message_at__gte=_midnight(choice.since))
    if choice.until:
        chats = chats.filter(last_message_at__lt=_midnight(choice.until, days=1))
    return chats


def _midnight(day: date, days: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=days), time()))


# --- a page of the list -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChatRow:
    """A line of the list. `waiting`: the visitor wrote and nobody answered; `unread`: how many lines of theirs the

    reader has not seen.
    """

    chat: ChatSession
    excerpt: str
    last_author: str
    waiting: bool
    unread: int
    failed: bool

    @property
    def tags(self) -> list[ChatTag]:
        return list(self.chat.tagged.all())


@dataclass(frozen=True, slots=True)
class ChatPage:
    """`after` is where the list goes on; empty at its end."""

    rows: list[ChatRow]
    choice: Choice
    after: str


def chat_page(member: Member, choice: Choice, after: str = "", most: int = CHATS_AT_ONCE) -> ChatPage:
    """Three statements, whatever the size: which chats, what their lines show, their tags."""
    most = min(max(most, CHATS_AT_ONCE), MOST_AT_ONCE)
    found = list(in_order(member, choice, after)[: most + 1])
    rows = rows_of(member, [pk for pk, _ in found[:most]])
    last = f"{found[most - 1][1].isoformat()}~{found[most - 1][0].hex}" if len(found) > most else ""
    return ChatPage(rows, choice, last)


def in_order(member: Member, choice: Choice, after: str = "") -> QuerySet[ChatSession, Place]:
    """The chats of a choice as its list has them, behind the cursor: each as its key and the moment it is listed by."""
    column = _BY_MOMENT.get(choice.tab, "last_message_at")
    chats = _after(chats_in(member, choice).exclude(**{column: None}), column, after)
    sign = "" if column in _BY_MOMENT.values() else "-"
    return chats.order_by(f"{sign}{column}", f"{sign}pk").values_list("pk", column)


def _after(chats: QuerySet[ChatSession], column: str, cursor: str) -> QuerySet[ChatSession]:
    """What stands behind the cursor. One that cannot be read is the beginning."""
    moment, _, key = cursor.partition("~")
    pk = _uuid(key)
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return chats
    if pk is None or at.tzinfo is None or not 2000 <= at.year < 2100:
        return chats
    way = "gt" if column in _BY_MOMENT.values() else "lt"
    # the first condition alone lets the index begin in the right place
    behind = Q(**{f"{column}__{way}e": at}) & (Q(**{f"{column}__{way}": at}) | Q(**{f"pk__{way}": pk}))
    return chats.filter(behind)


def rows_of(member: Member, pks: list[uuid.UUID]) -> list[ChatRow]:
    """Lines of a list in the order of `pks`, which are chats of the member's workspace."""
    if not pks:
        return []
    last = _last_said(member)
    tags = ChatTag.objects.in_workspace(member.workspace).filter(tag__deleted_at=None).select_related("tag")
    chats = (
        ChatSession.objects.in_workspace(member.workspace)
        .filter(pk__in=pks)
        .select_related("site", "visitor", "agent")
        .prefetch_related(Prefetch("tagged", tags.order_by("pk")))
        .annotate(
            last_author=Subquery(last.values("author_kind")[:1]),
            last_files=Subquery(last.values("has_files")[:1]),
            last_body=Subquery(last.values("body")[:1]),
            failed=Exists(_said(member).filter(mirror_state=Message.Mirror.FAILED)),
            unread=Subquery(unread_lines(member).order_by().values("chat").values(n=Count("pk"))),
        )
    )
    found = {chat.pk: chat for chat in chats}
    return [_row(found[pk]) for pk in pks if pk in found]


def _said(member: Member) -> QuerySet[Message]:
    return Message.objects.in_workspace(member.workspace).filter(chat=OuterRef("pk"))


def _last_said(member: Member) -> QuerySet[Message]:
    """Of each chat what stands last; what was withdrawn is nobody's last word."""
    return _said(member).filter(seq__isnull=False, deleted_at=None).order_by("-seq")


def _row(chat: ChatSession) -> ChatRow:
    seen = chat.__dict__
    body = " ".join((seen["last_body"] or "").split())
    if not body and seen["last_files"]:
        body = "Sent a file"
    excerpt = body if len(body) <= EXCERPT else body[: EXCERPT - 1] + "…"
    waiting = chat.waiting_since is not None and tab_of(chat) == "open"
    unread = (seen["unread"] or 0) if chat.is_open else 0
    return ChatRow(chat, excerpt, seen["last_author"] or "", waiting, unread, bool(seen["failed"]))


# --- what a member has not read -----------------------------------------------------------------------------------


def unread_lines(member: Member) -> QuerySet[Message]:
    """Of the chat around it (OuterRef): what its visitor wrote since this member joined and last read it."""
    read = ChatRead.objects.in_workspace(member.workspace).filter(member=member, chat=OuterRef("chat"))
    return _said(member).filter(
        author_kind=Message.Author.VISITOR,
        deleted_at=None,
        created_at__gt=member.created_at,
        seq__gt=Coalesce(Subquery(read.values("seq")[:1]), 0),
    )


def unread_count(member: Member) -> int:
    """How many chats in sight hold something that this member has not read: theirs, and those that are nobody's."""
    chats = ChatSession.objects.in_workspace(member.workspace).filter(IN_SIGHT)
    theirs = chats.filter(Q(agent=None) | Q(agent__member=member))
    return _grown(theirs, member).filter(Exists(unread_lines(member))).count()


def _grown(chats: QuerySet[ChatSession], member: Member) -> QuerySet[ChatSession]:
    """Those that have lines which this member has not read, by the counters of the chat alone: so that nobody looks

    through the lines of all that have none.
    """
    read = ChatRead.objects.in_workspace(member.workspace).filter(member=member, chat=OuterRef("pk"))
    return chats.filter(
        last_message_at__gt=member.created_at, last_seq__gt=Coalesce(Subquery(read.values("seq")[:1]), 0)
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """How many chats each list holds that is worth counting; a list of what is over only grows."""

    open: int
    waiting: int
    mine: int
    snoozed: int


def counts_of(member: Member, choice: Choice) -> Counts:
    """One statement over the open chats, under the choice's filters."""
    chats = ChatSession.objects.in_workspace(member.workspace).filter(status=ChatSession.Status.OPEN)
    found = narrowed(chats, choice).aggregate(
        open=Count("pk", filter=TABS["open"]),
        waiting=Count("pk", filter=TABS["waiting"]),
        mine=Count("pk", filter=TABS["mine"] & Q(agent__member=member)),
        snoozed=Count("pk", filter=TABS["snoozed"]),
    )
    return Counts(**found)
