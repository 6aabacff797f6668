"""Lanes: strictly ordered lines of work. Claimed by lease with a fencing token and the database's clock.

A lane is due when there is work in it; a claim that finds nothing releases it under the row lock, so that work accepted
in that very moment is not left asleep until the next sweep.
"""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from config.prepared import Prepared
from slackapp.models import Lane

# longer than any single call to Slack (connect 3 s + answer up to 10 s), shorter than a person's patience
LEASE = timedelta(seconds=30)
SWEPT_AT_ONCE = 500


def _claimable(lane_id: int) -> QuerySet[Lane]:
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    return Lane.objects.filter(free, pk=lane_id, due_at__lte=Now())


_CLAIMABLE = Prepared(_claimable)
_HELD = Prepared(
    lambda lane_id, token: Lane.objects.select_for_update().filter(pk=lane_id, lease_token=token)
)


def make_due(key: str) -> int:
    """Creates the lane or marks it due. Takes its row lock, so commits reach a lane in the order of their rows.

    Written out, as `put_event`: every webhook waits for these two statements, and building them took the ORM four
    times longer than running them takes the database. PostgreSQL and SQLite (3.35) understand the same words.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO slackapp_lane (key, due_at) VALUES (%s, %s)"
            " ON CONFLICT (key) DO UPDATE SET due_at = excluded.due_at RETURNING id",
            [key, connection.ops.adapt_datetimefield_value(timezone.now())],
        )
        return int(cursor.fetchone()[0])


def put_event(event_id: str, kind: str, lane_key: str, payload: dict[str, Any]) -> None:
    """The inbound row; a repeat of `event_id` changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO slackapp_inboundevent"
            " (event_id, kind, lane_key, payload, state, attempts, problem, received_at)"
            " VALUES (%s, %s, %s, %s, 'pending', 0, '', %s) ON CONFLICT (event_id) DO NOTHING",
            [
                event_id,
                kind,
                lane_key,
                json.dumps(payload),
                connection.ops.adapt_datetimefield_value(timezone.now()),
            ],
        )


def mark_due(lane_id: int) -> None:
    Lane.objects.filter(pk=lane_id).update(due_at=Now())


def claim(lane_id: int) -> uuid.UUID | None:
    """The fencing token, or None if the lane is not due or somebody holds it."""
    token = uuid.uuid4()
    # most hints come too late; on SQLite even an UPDATE that finds nothing waits for its turn among the writers
    if _CLAIMABLE.first(lane_id=lane_id) is None:
        return None
    return token if _claimable(lane_id).update(lease_until=Now() + LEASE, lease_token=token) else None


def hold(lane_id: int, token: uuid.UUID) -> Lane | None:
    """The lane's row, locked until the end of the transaction, or None if the lease was lost to another worker."""
    return _HELD.first(lane_id=lane_id, token=token)


def renew(lane: Lane) -> None:
    Lane.objects.filter(pk=lane.pk).update(lease_until=Now() + LEASE)


def release(lane: Lane, due_at: datetime | None) -> None:
    """Gives the lane back: `due_at` is when it wants to be claimed again, None when there is nothing to do."""
    Lane.objects.filter(pk=lane.pk).update(due_at=due_at, lease_until=None, lease_token=None)


def due() -> list[tuple[int, str]]:
    """Lanes that wait for a worker: lost rings, dead workers, parked ones whose time has come."""
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    return list(
        Lane.objects.filter(free, due_at__lte=Now())
        .order_by("due_at")
        .values_list("pk", "key")[:SWEPT_AT_ONCE]
    )


def free_all() -> int:
    """At the start of the only process: whoever held a lease is dead."""
    return Lane.objects.exclude(lease_until=None).update(lease_until=None, lease_token=None)
