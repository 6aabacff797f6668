"""What a change wakes once it is committed: chats' lanes, an installation's chores, whoever must be told."""

import uuid

from django.db import transaction
from django.db.models import Q

from slackapp import lanes, notices
from slackapp.models import Delivery, Lane

CHORES, HOMES = "own:", "home:"


def wake_lanes(which: Q) -> None:
    """Lanes with open promises are due again: called first in the transaction that mends what stopped them.

    Their row locks come before those of connection and installation, as they do for the workers. Whoever parks a
    lane for the old state after this looked is woken once more when the new state is there.
    """
    _mark_waiting_due(which)
    transaction.on_commit(lambda: _mark_waiting_due(which), robust=True)


def _mark_waiting_due(which: Q) -> None:
    open_states = (Delivery.State.PENDING, Delivery.State.SENDING)
    waiting = Lane.objects.filter(which, deliveries__state__in=open_states).order_by("pk")
    for lane_id in list(waiting.values_list("pk", flat=True).distinct()):
        lanes.mark_due(lane_id)


def wake_chores(installation_id: uuid.UUID) -> None:
    """Whatever is due for this installation as a whole is looked at anew (chores.py) after the commit.

    The lane of its chores is locked here, after the installation's row.
    """
    key = f"{CHORES}{installation_id}"
    lane_id = lanes.make_due(key)
    transaction.on_commit(lambda: _ring_chores(lane_id, key), robust=True)


def _ring_chores(lane_id: int, key: str) -> None:
    from slackapp import tasks

    tasks.ring_chores(lane_id, key)


def wake_homes(installation_id: uuid.UUID) -> None:
    """People's Home tabs that are due (home/publishing.py) are written after the commit. Locks their lane."""
    key = f"{HOMES}{installation_id}"
    lane_id = lanes.make_due(key)
    transaction.on_commit(lambda: _ring_homes(lane_id, key), robust=True)


def _ring_homes(lane_id: int, key: str) -> None:
    from slackapp import tasks

    tasks.ring_homes(lane_id, key)


def tell_owners_of(installation_id: uuid.UUID, problem: str) -> None:
    for connection_id in notices.connections_of(installation_id).values_list("pk", flat=True):
        tell_owners(connection_id, problem)


def tell_owners(connection_id: uuid.UUID, problem: str) -> None:
    from slackapp import tasks

    transaction.on_commit(lambda: tasks.tell_owners(connection_id, problem), robust=True)
