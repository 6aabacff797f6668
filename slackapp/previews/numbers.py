"""The numbers that previews show: of one chat, of a site, of a workspace's last days."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Count, Min, OuterRef, Q, Subquery

from accounts.models import Workspace
from livechat.models import ChatSession, Message, Site
from livechat.reports.choice import among, chosen
from livechat.reports.counts import report_of

# one of the periods of the page of reports
LAST_DAYS = 7


@dataclass(frozen=True, slots=True)
class OfChat:
    """`waits_since`: when the visitor's oldest line came that nobody has answered yet."""

    by_visitor: int
    by_team: int
    first_answer_at: datetime | None
    waits_since: datetime | None


def of_chat(chat: ChatSession) -> OfChat:
    said = chat.messages.filter(seq__isnull=False, deleted_at=None)
    visitors, teams = (
        said.filter(author_kind=Message.Author.VISITOR),
        said.filter(author_kind=Message.Author.AGENT),
    )
    last = teams.order_by("-seq").values_list("seq", flat=True).first() or 0
    return OfChat(
        by_visitor=visitors.count(),
        by_team=teams.count(),
        first_answer_at=teams.aggregate(at=Min("created_at"))["at"],
        waits_since=visitors.filter(seq__gt=last).aggregate(at=Min("created_at"))["at"],
    )


@dataclass(frozen=True, slots=True)
class OpenNow:
    open: int
    waiting: int


def open_chats(site: Site) -> OpenNow:
    """`waiting`: the visitor spoke last."""
    said = Message.objects.in_workspace(site.workspace).filter(
        chat=OuterRef("pk"), seq__isnull=False, deleted_at=None
    )
    last = Subquery(said.order_by("-seq").values("author_kind")[:1])
    open_ = ChatSession.objects.in_workspace(site.workspace).filter(site=site, status="open")
    counted = open_.annotate(last=last).aggregate(
        open=Count("pk"), waiting=Count("pk", filter=Q(last=Message.Author.VISITOR))
    )
    return OpenNow(counted["open"], counted["waiting"])


@dataclass(frozen=True, slots=True)
class OfDays:
    """Chats of the last seven days, today among them; `median_answer`: from a visitor's first line to its answer."""

    chats: int
    answered: int
    median_answer: timedelta | None


def of_days(workspace: Workspace, site: Site | None = None) -> OfDays:
    """What the page of reports says of the same days."""
    offered = among(workspace)
    choice = replace(chosen({"period": str(LAST_DAYS)}, offered), site=site)
    total = report_of(workspace, choice, offered).total
    wait = total.first_answer
    return OfDays(total.chats, total.answered, timedelta(seconds=wait) if wait is not None else None)
