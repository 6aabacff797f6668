"""A month's chats are counted, and whoever nears the plan's limit gets a promise of a mail. No visitor waits for it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Workspace
from billing.models import Customer, UsagePeriod
from billing.periods import Period, period_of
from livechat.models import ChatFigures

# the first line of a chat has its moment some time before its commit
LATE = timedelta(minutes=1)
# so long until a mail that the server refused is tried again, four times longer each time
AGAIN = timedelta(minutes=2)
MOST_TRIES = 6


def chats_in(workspace: Workspace, period: Period) -> int:
    """Chats whose visitor wrote their first line in it. One that the team began counts once its visitor answers, and
    one that was erased since still counts: its figures have outlived it."""
    begun: QuerySet[ChatFigures] = ChatFigures.objects.in_workspace(workspace)
    return begun.filter(asked_at__gte=period.starts_at, asked_at__lt=period.ends_at).count()


def count(workspace: Workspace) -> UsagePeriod:
    """Harmless to repeat, by several at once and in any order: a count never falls, and what was told stays told.

    Locks the row of the month alone.
    """
    now = timezone.now()
    with transaction.atomic():
        period = period_of(Customer.objects.in_workspace(workspace).first(), now)
        row = _locked(workspace, period, now)
        row.ends_at = period.ends_at
        row.chats = max(row.chats, chats_in(workspace, period))
        row.counted_to = max(row.counted_to, now - LATE)
        row.most_chats = Workspace.objects.values_list("most_chats", flat=True).get(pk=workspace.pk)
        _promise(row, now)
        row.save()
    return row


def take(row_id: int) -> UsagePeriod | None:
    """The mail that is to be sent now: of several workers one has it, and who dies with it leaves it to the next."""
    with transaction.atomic():
        row = UsagePeriod.unscoped.select_for_update().filter(pk=row_id, due_at__lte=timezone.now()).first()
        if row is None:
            return None
        row.due_at = timezone.now() + AGAIN * 4**row.tries if row.tries < MOST_TRIES else None
        row.tries += 1
        row.save(update_fields=["due_at", "tries"])
    return row


def put_away(row: UsagePeriod) -> None:
    """It is sent, or not owed any more; what was promised meanwhile stays."""
    UsagePeriod.unscoped.filter(pk=row.pk, due_at=row.due_at).update(due_at=None, tries=0)


def reached(chats: int, most: int | None) -> int:
    """80 or 100: the larger of the shares of the limit, in percent, that are used; 0 for neither."""
    if not most or chats * 100 < most * 80:
        return 0
    return 100 if chats >= most else 80


def _locked(workspace: Workspace, period: Period, now: datetime) -> UsagePeriod:
    defaults = {"ends_at": period.ends_at, "counted_to": now - LATE}
    rows = UsagePeriod.unscoped.select_for_update(of=("self",))
    row, _ = rows.get_or_create(workspace=workspace, starts_at=period.starts_at, defaults=defaults)
    return row


def _promise(row: UsagePeriod, now: datetime) -> None:
    share, most = reached(row.chats, row.most_chats), row.most_chats or 0
    told = row.told_100_of if share == 100 else row.told_80_of
    if not share or most <= told:
        return
    row.told_80_of = max(row.told_80_of, most)
    if share == 100:
        row.told_100_of = most
    row.due_at, row.tries = now, 0
