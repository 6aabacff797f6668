"""The sweep that counts the chats of every workspace with a limit, and the mails to those who near it (B10)."""

from collections.abc import Iterator

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from accounts import mails
from accounts.models import Workspace
from billing.actions import counting
from billing.actions.counting import reached
from billing.metering import GOES_ON
from billing.models import UsagePeriod
from livechat.models import ChatFigures

MAILS_AT_ONCE = 20


def count_all() -> int:
    """Every workspace with a limit that has had a chat, or got another limit, since it was counted; how many."""
    found = list(_to_count().order_by("pk").values_list("pk", flat=True))
    # each is read when its turn comes, and may be gone by then
    return len([counting.count(one) for pk in found for one in Workspace.objects.filter(pk=pk)])


def _to_count() -> QuerySet[Workspace]:
    last = UsagePeriod.unscoped.filter(workspace=OuterRef("pk")).order_by("-counted_to")
    known = Workspace.objects.filter(most_chats__isnull=False, ending_since=None).annotate(
        counted_to=Subquery(last.values("counted_to")[:1]), counted_of=Subquery(last.values("most_chats")[:1])
    )
    since = ChatFigures.unscoped.filter(site__workspace=OuterRef("pk"), asked_at__gte=OuterRef("counted_to"))
    return known.filter(
        Q(counted_to=None) | Q(counted_of=None) | ~Q(counted_of=F("most_chats")) | Exists(since)
    )


def send_due() -> int:
    """How many mails this call has sent."""
    due = UsagePeriod.unscoped.filter(due_at__lte=timezone.now()).order_by("due_at")
    ids = list(due.values_list("pk", flat=True)[:MAILS_AT_ONCE])
    return len([row for row in _taken(ids) if _tell(row)])


def _taken(ids: list[int]) -> Iterator[UsagePeriod]:
    for row_id in ids:
        if (row := counting.take(row_id)) is not None:
            yield row


def _tell(row: UsagePeriod) -> bool:
    """What is so now, if it is so still: a larger plan may have come in between."""
    workspace = row.workspace
    if not reached(row.chats, workspace.most_chats) or row.ends_at <= timezone.now() or workspace.is_ending:
        counting.put_away(row)
        return False
    if told := mails.tell_owners(workspace, *_mail(workspace, row)):
        counting.put_away(row)
    return told


def _mail(workspace: Workspace, row: UsagePeriod) -> tuple[str, str]:
    most = workspace.most_chats or 0
    over = row.chats >= most
    subject = f"{workspace.name} has used {'all' if over else '80 %'} of this month’s chats"
    had = f"{workspace.name} has had {row.chats:,} chats this month; the plan {workspace.plan_name} holds {most:,}."
    anew = f"The count begins anew on {row.ends_at:%-d %B %Y}."
    where = f"Look at your usage, or choose a larger plan: {settings.CONSOLE_URL}{reverse('billing')}"
    return subject, f"{had} {GOES_ON}\n\n{anew}\n\n{where}\n"
