"""Recorded events, worked in the order of their arrival per thread. Each becomes at most one action."""

import logging
import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists
from django.utils import timezone

from config.engine import ring_in
from config.prepared import Change, Prepared
from slackapp import actions, lanes, people, promises, readdressing, said_before
from slackapp.access import chat_link_for, installation_for, room_link_for
from slackapp.handlers import HANDLERS, erased, pressed
from slackapp.handlers.heard import THREAD_MAY_APPEAR, Act, Heard, NotYet
from slackapp.interactivity import BLOCK_ACTIONS
from slackapp.models import ChatLink, InboundEvent, Lane

log = logging.getLogger(__name__)

TRIES = 8
_PENDING = Prepared(
    lambda lane_key: InboundEvent.objects.filter(
        lane_key=lane_key, state=InboundEvent.State.PENDING
    ).order_by("pk")[:1]
)
_FOLLOWING = Prepared(
    lambda lane_key: InboundEvent.objects.filter(lane_key=lane_key, state=InboundEvent.State.PENDING).only(
        "pk"
    )[:1]
)
_pending = InboundEvent.objects.filter(state=InboundEvent.State.PENDING)
# gives the lane back unless more has come; what comes in that very moment is found by `lanes.join`
_REST = Change(
    lambda lane_id, lane_key: (
        Lane.objects.filter(~Exists(_pending.filter(lane_key=lane_key)), pk=lane_id),
        {"due_at": None, "lease_until": None, "lease_token": None, "told_until": None},
    ),
    lane_id=int,
    lane_key=str,
)


def work_inbound(lane_key: str) -> None:
    """Works one inbound lane until it is empty. One event that fails waits, then is put aside; the others follow.

    What an event needs is read first; what it does and its mark *done* are one transaction under the lane's row lock.
    A lease is taken only where Slack must be asked who somebody is.
    """
    token: uuid.UUID | None = None
    while True:
        row = _PENDING.first(lane_key=lane_key)
        try:
            act = read_event(row, may_ask=token is not None) if row is not None else None
            if not _work(lane_key, token, row, act):
                return
        except people.AskSlack:
            if (token := lanes.claim_inbound(lane_key)) is None:
                return
        except Exception as error:
            if row is None:
                raise
            if not _stumble(lane_key, token, row, error):
                return


def _work(lane_key: str, token: uuid.UUID | None, row: InboundEvent | None, act: Act | None) -> bool:
    """One transaction: what the event does, and its mark. False when the lane is given back or another worker's.

    Marked last, so that the event is locked after its chat, as an erasure does it.
    """
    with transaction.atomic():
        lane = _lane(lane_key, token, row)
        if lane is None:
            return False
        if act is not None:
            act()
        if row is not None and not actions.note_event_done(row):
            transaction.set_rollback(True)
            return True
        if _rests(lane, lane_key):
            return False
        if token is not None:
            lanes.lease(lane, token)
        return True


def _rests(lane: Lane, lane_key: str) -> bool:
    """Whether no event waits behind the one that was worked. A lane at rest needs no writing."""
    if lane.due_at is None and lane.lease_token is None:
        return _FOLLOWING.first(lane_key=lane_key) is None
    return bool(_REST(lane_id=lane.pk, lane_key=lane_key))


def _lane(lane_key: str, token: uuid.UUID | None, row: InboundEvent | None) -> Lane | None:
    if token is not None:
        return lanes.keep(lane_key, token)
    return lanes.join(lane_key) if row is not None else lanes.join_known(lane_key)


def _stumble(lane_key: str, token: uuid.UUID | None, row: InboundEvent, error: Exception) -> bool:
    """Nothing of the event was written. It waits for another attempt or is put aside; True if the next may follow."""
    wait = _patience(row, error)
    with transaction.atomic():
        lane = _lane(lane_key, token, row)
        if lane is None:
            return False
        if isinstance(error, NotYet):
            if wait is None:
                actions.note_event_done(row)
            elif not _pending.filter(pk=row.pk).exists():
                return True  # another worker has done it meanwhile
        else:
            if not actions.note_event_failed(row, f"{type(error).__name__}: {error}", dead=wait is None):
                return True  # another worker has done it meanwhile
            log.error("an event of Slack could not be worked", exc_info=error)
        if wait is None:
            _tell_of_failure(row)
            return True
        lanes.park(lane, timezone.now() + wait)
    from slackapp import tasks

    ring_in(wait.total_seconds(), lambda: tasks.ring_inbound(lane_key))
    return False


def _tell_of_failure(row: InboundEvent) -> None:
    """Whoever pressed a button waits for something to happen."""
    if row.kind != BLOCK_ACTIONS:
        return
    for reading in readdressing.readings_of(row)[-1:]:
        if (installation := installation_for(reading.payload)) is not None:
            pressed.on_failure(Heard(installation, reading.payload["event"], reading, None, may_ask=False))


def _patience(row: InboundEvent, error: Exception) -> timedelta | None:
    """How long to wait before the event is tried again; None if it is not."""
    if isinstance(error, NotYet):
        age = timezone.now() - row.received_at
        soon = timedelta(seconds=1) if age < THREAD_MAY_APPEAR else timedelta(seconds=15)
        return soon if age < error.patience else None
    attempts = row.attempts + 1
    return None if attempts >= TRIES else promises.backoff(attempts)


def read_event(row: InboundEvent, *, may_ask: bool) -> Act | None:
    """What this authentic event does, to be run inside a transaction; None for kinds that mean nothing to us.

    Raises NotYet, or AskSlack where Slack is to be asked and `may_ask` is not given.
    """
    readings = readdressing.readings_of(row)
    links = [_link(reading) for reading in readings]
    # a thread is one installation's, whomever else the channel is shared with
    at_home = next((pair for pair in zip(readings, links, strict=True) if pair[1] is not None), None)
    if at_home is not None:
        return _read_at_home(*at_home, may_ask)
    acts = [act for reading in readings if (act := _read(reading, None, may_ask)) is not None]
    return _all_of(acts) if acts else None


def _all_of(acts: list[Act]) -> Act:
    def act() -> None:
        for one in acts:
            one()

    return act


def _read_at_home(reading: InboundEvent, link: ChatLink | None, may_ask: bool) -> Act | None:
    assert link is not None
    acts = said_before.acts_of(reading, link, lambda line: _read(line, link, may_ask), may_ask=may_ask)
    return _all_of(acts) if acts else None


def _read(row: InboundEvent, link: ChatLink | None, may_ask: bool) -> Act | None:
    # app_rate_limited alone carries no event
    event = row.payload.get("event", {})
    handler = HANDLERS.get(row.kind)
    if not isinstance(event, dict):
        return None
    installation = link.installation if link is not None else installation_for(row.payload)
    if link is None and installation is not None and erased.speaks_of_erased(installation, event):
        return erased.forget(installation, event, row)
    if handler is None or installation is None:
        return pressed.on_unknown_team(event) if row.kind == BLOCK_ACTIONS else None
    return handler(Heard(installation, event, row, link, may_ask))


def _link(row: InboundEvent) -> ChatLink | None:
    """One query gives chat and installation of a line in a thread, which most events are."""
    payload, event = row.payload, row.payload.get("event")
    if row.kind != "message" or not isinstance(event, dict):
        return None
    channel, thread = event.get("channel"), event.get("thread_ts")
    if not isinstance(channel, str):
        return None
    in_thread = isinstance(thread, str) and thread != event.get("ts")
    found = chat_link_for(payload, channel, str(thread)) if in_thread else None
    return found or room_link_for(payload, channel)
