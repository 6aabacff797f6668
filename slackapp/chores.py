"""What is to be done for an installation as a whole, when its moment comes: one lane each, one worker at a time.

The moments stand in the rows, so a lost ring, a killed worker or a restart costs at most one sweep.
"""

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from config.engine import ring_in
from slackapp import catch_up, departure, erasing, healing, lanes, last_look, rotation
from slackapp.actions.forgetting import forget_some
from slackapp.actions.waking import CHORES
from slackapp.models import Installation
from slackapp.previews import delivery

log = logging.getLogger(__name__)

AFTER_A_FAILURE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Chore:
    """`moment`: when it is due, None if it is not. `act` calls Slack or writes, and moves its own moment on."""

    moment: Callable[[Installation], datetime | None]
    act: Callable[[Installation], object]


def _catches_up_at(installation: Installation) -> datetime | None:
    """Slack answers nothing to a key that is no good; with a new one it goes on."""
    return installation.catch_up_at if installation.state == Installation.State.ACTIVE else None


def _first_to_heal(installation: Installation) -> datetime | None:
    connection = healing.due_of(installation)
    return connection.heal_at if connection is not None else None


TABLE = (
    Chore(lambda installation: installation.farewell_at, departure.say_farewell),
    Chore(lambda installation: installation.renew_at, rotation.renew),
    # somebody looks at their link and waits
    Chore(delivery.due_at, delivery.step),
    Chore(last_look.due_at, last_look.take),
    Chore(_first_to_heal, healing.heal),
    Chore(lambda installation: installation.delete_at, forget_some),
    Chore(_catches_up_at, catch_up.step),
    Chore(erasing.due_at, erasing.step),
)


def work_chores(lane_id: int, key: str) -> None:
    """Does what is due, one thing at a time, and parks the lane until the next moment."""
    while (token := lanes.claim(lane_id)) is not None:
        failed = False
        try:
            _do_what_is_due(uuid.UUID(key.removeprefix(CHORES)))
        except Exception:
            log.exception("a chore failed and is tried again later")
            failed = True
        if _rest(lane_id, key, token, failed=failed):
            return


def _do_what_is_due(installation_id: uuid.UUID) -> None:
    installation = Installation.objects.filter(pk=installation_id).first()
    for chore in TABLE if installation is not None else ():
        assert installation is not None
        moment = chore.moment(installation)
        if moment is not None and moment <= timezone.now():
            chore.act(installation)
            return


def _rest(lane_id: int, key: str, token: uuid.UUID, *, failed: bool) -> bool:
    """Gives the lane back until the next moment, as the rows say now; True if that lies ahead."""
    now = timezone.now()
    with transaction.atomic():
        lane = lanes.hold(lane_id, token)
        if lane is None:
            return True
        moment = now + AFTER_A_FAILURE if failed else _next(uuid.UUID(key.removeprefix(CHORES)))
        lanes.release(lane, moment)
    if moment is None or moment > now:
        _ring_at(lane_id, key, moment)
        return True
    return False


def _next(installation_id: uuid.UUID) -> datetime | None:
    installation = Installation.objects.filter(pk=installation_id).first()
    moments = [chore.moment(installation) for chore in TABLE] if installation is not None else []
    return min((moment for moment in moments if moment is not None), default=None)


def _ring_at(lane_id: int, key: str, moment: datetime | None) -> None:
    """Short waits only: what lies far ahead is found by the sweep."""
    from slackapp import tasks

    if moment is not None and (wait := (moment - timezone.now()).total_seconds()) < 60:
        ring_in(wait, lambda: tasks.ring_chores(lane_id, key))
