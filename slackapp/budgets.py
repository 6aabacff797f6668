"""Slack's pace: about one message a second and channel, bursts of three; pauses when Slack asks for them.

Slots are reserved one per lane and in the order of asking, so the chats of a channel share it fairly.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from config.prepared import Change, Prepared
from slackapp.kinds import TRAITS
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
# SQLite knows no locked rows: there a writer is alone
_FREE = Prepared(
    lambda installation_id, channel_id: ChannelBudget.objects.select_for_update(skip_locked=True).filter(
        installation_id=installation_id, channel_id=channel_id
    )
)
_SEEN = Prepared(
    lambda installation_id, channel_id: ChannelBudget.objects.filter(
        installation_id=installation_id, channel_id=channel_id
    )
)
_MOVE_SLOT = Change(
    lambda pk, at: (ChannelBudget.objects.filter(pk=pk), {"next_slot_at": at}), pk=int, at=datetime
)
_KEEP_SLOT = Change(lambda pk, at: (Delivery.objects.filter(pk=pk), {"slot_at": at}), pk=int, at=datetime)


def interval(head: Delivery) -> timedelta:
    return timedelta(seconds=TRAITS[head.kind].every / settings.LIMITS_SCALE)


class Contended(Exception):
    """Another lane is just reserving in this channel, or it is the channel's first: `queue_up`, without the chat."""

    def __init__(self, installation: Installation, channel_id: str, head: Delivery) -> None:
        super().__init__(channel_id)
        self.installation, self.channel_id, self.head = installation, channel_id, head


def wait_for_slot(installation: Installation, channel_id: str, head: Delivery) -> datetime | None:
    """None: go now, the slot is taken. Else the moment to come back. May lock the channel's budget row.

    Raises Contended rather than wait for that row: the caller holds a chat, in which a visitor may be writing.
    """
    now = timezone.now()
    if installation.paused_until and installation.paused_until > now:
        return installation.paused_until
    if head.slot_at is None or head.slot_at < now - SLOT_LIFE:
        return _ask_for_slot(installation, channel_id, head, now)
    budget = _SEEN.first(installation_id=installation.pk, channel_id=channel_id)
    if budget is not None and (until := _pause_of(budget, now)) is not None:
        return until
    if head.slot_at > now:
        return head.slot_at
    _KEEP_SLOT.later(pk=head.pk, at=None)
    return None


def _ask_for_slot(
    installation: Installation, channel_id: str, head: Delivery, now: datetime
) -> datetime | None:
    budget = _FREE.first(installation_id=installation.pk, channel_id=channel_id)
    if budget is None:
        raise Contended(installation, channel_id, head)
    if (until := _pause_of(budget, now)) is not None:
        return until
    usable_at = _reserve(budget, now, interval(head))
    if usable_at <= now:
        return None
    _KEEP_SLOT.later(pk=head.pk, at=usable_at)
    return usable_at


def _pause_of(budget: ChannelBudget, now: datetime) -> datetime | None:
    return budget.paused_until if budget.paused_until and budget.paused_until > now else None


def queue_up(wanted: Contended) -> None:
    """Reserves the slot for which another lane was in the way. Holds no chat; a slot that a crash loses is no loss."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit TO OFF")
        now = timezone.now()
        budget = _locked(wanted.installation, wanted.channel_id, now)
        known = Delivery.objects.filter(pk=wanted.head.pk).values_list("slot_at", flat=True).first()
        if known is None or known < now - SLOT_LIFE:
            _KEEP_SLOT.later(pk=wanted.head.pk, at=max(_reserve(budget, now, interval(wanted.head)), now))


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


def _reserve(budget: ChannelBudget, now: datetime, every: timedelta) -> datetime:
    """The moment from which the next slot may be used."""
    slot = max(budget.next_slot_at, now)
    _MOVE_SLOT.later(pk=budget.pk, at=slot + every)
    return slot - (BURST - 1) * every


def pause(installation: Installation, channel_id: str, seconds: float) -> datetime:
    """For a channel, or for a method that is limited over the whole team (kinds.budget_of)."""
    now = timezone.now()
    until = now + timedelta(seconds=seconds)
    budgets = ChannelBudget.objects.filter(installation=installation, channel_id=channel_id)
    if not budgets.update(paused_until=until):
        _locked(installation, channel_id, now)
        budgets.update(paused_until=until)
    return until


def asked_to_wait(installation: Installation, method: str) -> datetime | None:
    """The moment until which Slack wants to hear no more of a method that is limited over the whole team."""
    waits = ChannelBudget.objects.filter(
        installation=installation, channel_id=method, paused_until__gt=timezone.now()
    )
    return waits.values_list("paused_until", flat=True).first()


def take_turn(installation: Installation, method: str, every: timedelta, burst: int) -> bool:
    """Whether a method that is limited over the whole team may be called now: evenly, `burst` at once at most."""
    now, every = timezone.now(), every / settings.LIMITS_SCALE
    turns = ChannelBudget.objects.filter(installation=installation, channel_id=method)
    late = now - every * (burst - 1)
    if not turns.exists():
        with transaction.atomic():
            _locked(installation, method, late)
    turns.filter(next_slot_at__lt=late).update(next_slot_at=late)
    free = turns.filter(next_slot_at__lte=now).exclude(paused_until__gt=now)
    return free.update(next_slot_at=F("next_slot_at") + every) == 1


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
