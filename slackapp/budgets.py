"""Slack's pace: about one message a second and channel, bursts of three; pauses when Slack asks for them.

Slots are reserved one per lane and in the order of asking, so the chats of a channel share it fairly.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from config.prepared import Change, Prepared
from slackapp.models import ChannelBudget, Delivery, Installation

BURST = 3
# a reserved slot that passed unused (a pause, a restart) is asked for again, so that pauses do not end in a burst
SLOT_LIFE = timedelta(seconds=1)
FAILURES_BEFORE_PAUSE = 5
PAUSES = (1, 2, 5, 10, 15)
_BUDGET = Prepared(
    lambda installation_id, channel_id: ChannelBudget.objects.select_for_update().filter(
        installation_id=installation_id, channel_id=channel_id
    )
)
_MOVE_SLOT = Change(
    lambda pk, at: (ChannelBudget.objects.filter(pk=pk), {"next_slot_at": at}), pk=int, at=datetime
)
_KEEP_SLOT = Change(lambda pk, at: (Delivery.objects.filter(pk=pk), {"slot_at": at}), pk=int, at=datetime)


def interval() -> timedelta:
    return timedelta(seconds=1 / settings.LIMITS_SCALE)


def wait_for_slot(installation: Installation, channel_id: str, head: Delivery) -> datetime | None:
    """None: go now, the slot is taken. Else the moment to come back. Locks the channel's budget row."""
    now = timezone.now()
    if installation.paused_until and installation.paused_until > now:
        return installation.paused_until
    budget = _locked(installation, channel_id, now)
    if budget.paused_until and budget.paused_until > now:
        return budget.paused_until
    if head.slot_at is not None and timedelta(0) <= now - head.slot_at <= SLOT_LIFE:
        _KEEP_SLOT(pk=head.pk, at=None)
        return None
    if head.slot_at is not None and head.slot_at > now:
        return head.slot_at
    return _reserve(budget, head, now)


def _locked(installation: Installation, channel_id: str, now: datetime) -> ChannelBudget:
    budgets = ChannelBudget.objects.select_for_update()
    budget = _BUDGET.first(installation_id=installation.pk, channel_id=channel_id)
    if budget is None:
        ChannelBudget.objects.bulk_create(
            [ChannelBudget(installation=installation, channel_id=channel_id, next_slot_at=now)],
            ignore_conflicts=True,
        )
        budget = budgets.get(installation=installation, channel_id=channel_id)
    return budget


def _reserve(budget: ChannelBudget, head: Delivery, now: datetime) -> datetime | None:
    slot = max(budget.next_slot_at, now)
    _MOVE_SLOT(pk=budget.pk, at=slot + interval())
    usable_at = slot - (BURST - 1) * interval()
    if usable_at <= now:
        return None
    _KEEP_SLOT(pk=head.pk, at=usable_at)
    return usable_at


def pause_channel(installation: Installation, channel_id: str, seconds: float) -> datetime:
    until = timezone.now() + timedelta(seconds=seconds)
    ChannelBudget.objects.filter(installation=installation, channel_id=channel_id).update(paused_until=until)
    return until


def note_failure(installation: Installation) -> None:
    """Several failures in a row, over all chats, mean that Slack itself is in trouble: everybody waits a little."""
    Installation.objects.filter(pk=installation.pk).update(failures=F("failures") + 1)
    over = installation.failures + 1 - FAILURES_BEFORE_PAUSE
    if over >= 0:
        seconds = PAUSES[min(over, len(PAUSES) - 1)]
        until = timezone.now() + timedelta(seconds=seconds)
        Installation.objects.filter(pk=installation.pk).update(paused_until=until)


def note_success(installation: Installation) -> None:
    if installation.failures:
        Installation.objects.filter(pk=installation.pk).update(failures=0, paused_until=None)
