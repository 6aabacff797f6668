"""Lanes: strictly ordered lines of work. Locked for a transaction, leased with a fencing token for calls to Slack.

A lane is due when there is work in it; who finds nothing gives it back under its row lock, so that work accepted in
that very moment is not left asleep until the next sweep. Leases are told by the database's clock.

What Slack tells is work by itself: an event that is pending needs no mark at its lane, which may be at rest (`due_at`
None) or not be there yet. Nobody waits for a lane to record one: who comes to work looks at the lane's row under its
lock, behind whoever is giving it back. Two events of the same moment, or of a past that is just being recorded and of
now, are worked in either order.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from config import directly
from config.database import own_connection
from config.prepared import Change, Prepared
from slackapp import door
from slackapp.models import InboundEvent, Lane

# longer than any single call to Slack (connect 3 s + answer up to 10 s), shorter than a person's patience
LEASE = timedelta(seconds=30)
SWEPT_AT_ONCE = 500
BACKOFF = (1, 2, 5, 15, 60, 300, 900)


class Clock(Now):
    """The database's clock. SQLite's has milliseconds only: counted to their end, or what was made due a moment ago
    would seem to lie in the future and sleep until the next sweep.
    """

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler,
            connection,
            template="STRFTIME('%%%%Y-%%%%m-%%%%d %%%%H:%%%%M:%%%%f', 'NOW') || '999'",
            **context,
        )


FREE = Q(lease_until=None) | Q(lease_until__lt=Clock())
_ENTERED = Prepared(
    lambda lane_id: Lane.objects.select_for_update().filter(FREE, pk=lane_id, due_at__lte=Clock())
)
# an inbound lane at rest may be entered, too
_JOINED = Prepared(
    lambda lane_key: Lane.objects.select_for_update().filter(
        FREE, Q(due_at=None) | Q(due_at__lte=Clock()), key=lane_key
    )
)
_pending = InboundEvent.objects.filter(state=InboundEvent.State.PENDING)
# it waits for its moment, and an event came that was not there when it began to
_TOLD_SINCE = Q(told_until__isnull=False, due_at__gt=Clock()) & Exists(
    _pending.filter(lane_key=OuterRef("key"), pk__gt=OuterRef("told_until"))
)
_TOLD_SINCE_PARKED = Prepared(lambda: Lane.objects.filter(FREE, _TOLD_SINCE)[:SWEPT_AT_ONCE])
_WAKE = Change(
    lambda lane_key: (
        Lane.objects.filter(_TOLD_SINCE, key=lane_key),
        {"due_at": None, "told_until": None},
    ),
    lane_key=str,
)
_NEWEST = Prepared(lambda lane_key: _pending.filter(lane_key=lane_key).order_by("-pk").only("pk")[:1])
_LOCKED = Prepared(lambda lane_key: Lane.objects.select_for_update().filter(key=lane_key))
_HELD = Prepared(
    lambda lane_id, token: Lane.objects.select_for_update().filter(pk=lane_id, lease_token=token)
)
_KEPT = Prepared(
    lambda lane_key, token: Lane.objects.select_for_update().filter(key=lane_key, lease_token=token)
)
_LEASE = Change(
    lambda lane_id, token: (
        Lane.objects.filter(pk=lane_id),
        {"lease_until": Clock() + LEASE, "lease_token": token},
    ),
    lane_id=int,
    token=uuid.UUID,
)
_RELEASE = Change(
    lambda lane_id, due_at: (
        Lane.objects.filter(pk=lane_id),
        {"due_at": due_at, "lease_until": None, "lease_token": None, "told_until": None},
    ),
    lane_id=int,
    due_at=datetime,
)
_MARK_DUE = Change(lambda lane_id: (Lane.objects.filter(pk=lane_id), {"due_at": Clock()}), lane_id=int)


def backoff(attempts: int) -> timedelta:
    """How long work waits that has failed so many times."""
    return timedelta(seconds=BACKOFF[min(max(attempts, 1), len(BACKOFF)) - 1])


def side_key(chat_id: uuid.UUID) -> str:
    return f"side:{chat_id}"


def receipts_key(chat_id: uuid.UUID) -> str:
    return f"seen:{chat_id}"


def card_key(chat_id: uuid.UUID) -> str:
    return f"card:{chat_id}"


def late_key(chat_id: uuid.UUID) -> str:
    return f"late:{chat_id}"


def files_key(chat_id: uuid.UUID) -> str:
    """What the keys of a chat's files begin with."""
    return f"file:{chat_id}:"


def file_key(chat_id: uuid.UUID, file_id: uuid.UUID) -> str:
    return f"{files_key(chat_id)}{file_id}"


def chat_of(lane: Lane) -> uuid.UUID:
    """Whose lane towards Slack this is."""
    return uuid.UUID(lane.key.split(":")[1])


def key_of(lane_id: int) -> str | None:
    return Lane.objects.filter(pk=lane_id).values_list("key", flat=True).first()


def seems_free(lane: Lane) -> bool:
    """A look at a row that was read without a lock: most hints come too late, and on SQLite even a transaction that
    changes nothing waits for its turn among the writers.
    """
    is_free = lane.lease_until is None or lane.lease_until < timezone.now()
    return is_free and lane.due_at is not None


# Written out: building them took the ORM four times longer than running them takes the database. PostgreSQL and SQLite
# (3.35) understand the same words.
_PUT_LANE = (
    "INSERT INTO slackapp_lane (key, due_at) VALUES (%s, %s)"
    " ON CONFLICT (key) DO UPDATE SET due_at = excluded.due_at RETURNING id"
)
_PUT_EVENT = (
    "INSERT INTO slackapp_inboundevent"
    " (event_id, kind, lane_key, payload, state, attempts, problem, received_at, door_opened_at)"
    " VALUES (%s, %s, %s, %s, 'pending', 0, '', %s, %s) ON CONFLICT (event_id) DO NOTHING"
)
# by its own clock, which several machines share
_PUT_LANE_NOW = _PUT_LANE.replace("(%s, %s)", "(%s, STATEMENT_TIMESTAMP())")
_PUT_EVENT_SHORTLY = _PUT_EVENT.replace("%s", "?")


def make_due(key: str) -> int:
    """Creates the lane or marks it due. Takes its row lock, so commits reach a lane in the order of their rows."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_PUT_LANE_NOW, [key])
        else:
            cursor.execute(_PUT_LANE, [key, connection.ops.adapt_datetimefield_value(timezone.now())])
        return int(cursor.fetchone()[0])


def put_event(event_id: str, kind: str, lane_key: str, payload: str) -> None:
    """The inbound row, behind what its lane holds already; a repeat of `event_id` changes nothing.

    `payload` is JSON. It is one statement, the least that a webhook can wait for.
    """
    db = own_connection()
    moments = (db.ops.adapt_datetimefield_value(at) for at in (timezone.now(), door.opened_at()))
    event = (event_id, kind, lane_key, payload, *moments)
    if db.vendor == "sqlite" and not db.in_atomic_block:
        db.write_shortly(_PUT_EVENT_SHORTLY, event)
        return
    with db.cursor() as cursor:
        cursor.execute(_PUT_EVENT, event)


async def put_event_directly(event_id: str, kind: str, lane_key: str, payload: str) -> None:
    """`put_event` on the event loop, where the database allows it (config/directly.py)."""
    event = (event_id, kind, lane_key, payload, timezone.now(), door.opened_at())
    await directly.values_of((_PUT_EVENT, event))


def mark_due(lane_id: int) -> None:
    _MARK_DUE.later(lane_id=lane_id)


def enter(lane_id: int) -> Lane | None:
    """The lane's row, locked until the end of the transaction; None if it is not due or leased to somebody."""
    return _ENTERED.first(lane_id=lane_id)


def join(lane_key: str) -> Lane | None:
    """`enter` for an inbound lane in which an event waits; it is known by its key and may be new or at rest.

    A lane that seems taken is looked at once more behind whoever is giving it back: they may not have seen the event.
    """
    return join_known(lane_key) or _join_behind_others(lane_key)


def join_known(lane_key: str) -> Lane | None:
    """`join` where no event was seen: whoever records one rings after it, so that nothing is to be made or woken."""
    return _JOINED.first(lane_key=lane_key)


def _join_behind_others(lane_key: str) -> Lane | None:
    if _LOCKED.first(lane_key=lane_key) is None:
        Lane.objects.bulk_create([Lane(key=lane_key)], ignore_conflicts=True)
    _WAKE(lane_key=lane_key)
    return _JOINED.first(lane_key=lane_key)


def hold(lane_id: int, token: uuid.UUID) -> Lane | None:
    """The lane's row, locked until the end of the transaction, or None if the lease was lost to another worker."""
    return _HELD.first(lane_id=lane_id, token=token)


def keep(lane_key: str, token: uuid.UUID) -> Lane | None:
    """`hold` for an inbound lane."""
    return _KEPT.first(lane_key=lane_key, token=token)


def lease(lane: Lane, token: uuid.UUID) -> None:
    """Nobody else enters until the lease is over or given back. The caller holds the lane."""
    _LEASE.later(lane_id=lane.pk, token=token)


def claim(lane_id: int) -> uuid.UUID | None:
    """A lease in a transaction of its own: the fencing token, or None as in `enter`."""
    return _claimed(lambda: enter(lane_id))


def claim_inbound(lane_key: str) -> uuid.UUID | None:
    """`claim` for an inbound lane: None as in `join`."""
    return _claimed(lambda: join(lane_key))


def _claimed(way_in: Callable[[], Lane | None]) -> uuid.UUID | None:
    token = uuid.uuid4()
    with transaction.atomic():
        if (lane := way_in()) is None:
            return None
        lease(lane, token)
    return token


def release(lane: Lane, due_at: datetime | None) -> None:
    """Gives the lane back: `due_at` is when it wants to be entered again, None when there is nothing to do."""
    _RELEASE.later(lane_id=lane.pk, due_at=due_at)


def park(lane: Lane, moment: datetime) -> None:
    """`release` of an inbound lane whose first event waits for a moment. One that comes later makes it try before."""
    newest = _NEWEST.first(lane_key=lane.key)
    Lane.objects.filter(pk=lane.pk).update(
        due_at=moment, told_until=newest.pk if newest else 0, lease_until=None, lease_token=None
    )


def due() -> list[tuple[int, str]]:
    """Lanes that wait for a worker: lost rings, dead workers, parked ones whose time has come."""
    return [*marked(), *at_rest_with_events(), *told_since_parked()]


def marked() -> list[tuple[int, str]]:
    lanes = Lane.objects.filter(FREE, due_at__lte=Clock()).order_by("due_at")
    return list(lanes.values_list("pk", "key")[:SWEPT_AT_ONCE])


# From key to key along the index of pending events, however many there are of one lane; the mark is asked of each key
# by itself, because PostgreSQL would compare each lane with each where it believes that there are few.
_UNMARKED = (
    "WITH RECURSIVE waiting(key) AS ("
    "SELECT MIN(lane_key) FROM slackapp_inboundevent WHERE state = 'pending'"
    " UNION ALL "
    "SELECT (SELECT MIN(lane_key) FROM slackapp_inboundevent WHERE state = 'pending' AND lane_key > waiting.key)"
    " FROM waiting WHERE waiting.key IS NOT NULL)"
    " SELECT key FROM waiting WHERE key IS NOT NULL"
    " AND (SELECT due_at FROM slackapp_lane WHERE slackapp_lane.key = waiting.key) IS NULL LIMIT %s"
)


def at_rest_with_events() -> list[tuple[int, str]]:
    """Where nobody came to work yet there is no lane, and its number is 0."""
    with connection.cursor() as cursor:
        cursor.execute(_UNMARKED, [SWEPT_AT_ONCE])
        keys = [key for [key] in cursor.fetchall()]
    if not keys:
        return []
    of_keys = Lane.objects.filter(key__in=keys)
    known, free = (
        set(of_keys.values_list("key", flat=True)),
        dict(of_keys.filter(FREE).values_list("key", "pk")),
    )
    return [(free.get(key, 0), key) for key in keys if key in free or key not in known]


def told_since_parked() -> list[tuple[int, str]]:
    return [(lane.pk, lane.key) for lane in _TOLD_SINCE_PARKED.all()]


def free_all() -> int:
    """At the start of the only process: whoever held a lease is dead."""
    return Lane.objects.exclude(lease_until=None).update(lease_until=None, lease_token=None)
